import { ideal, idealPredecessor } from "../../../../core/membership/SuccessorList.ts"
import type { Contact } from "../../../../core/peer/Contact.ts"
import { DIGITS, fromHex, type RingId } from "../../../../core/ring/RingId.ts"
import type { PeerReport } from "../../../peer/PeerReport.ts"
import type { RingView } from "../RingCheck.ts"

/** The id whose first digits say `place`, in [0, 4096). */
export const idAt = (place: number): RingId =>
  fromHex(place.toString(16).padStart(3, "0").padEnd(DIGITS, "0"))

/** The peer `pPLACE` at `place`. */
export const contactAt = (place: number): Contact => ({
  id: idAt(place),
  incarnation: 1,
  name: `p${place}`,
  ring: `127.0.0.1:${20_000 + place}`,
  http: `127.0.0.1:${30_000 + place}`,
})

/** What the peers at `places` believe in an ideal ring with lists of `length`, in the order of `places`. */
export const idealViews = (places: ReadonlyArray<number>, length: number): ReadonlyArray<RingView> => {
  const sorted = places.toSorted((a, b) => a - b).map(contactAt)
  return places.map(contactAt).map((self) => ({
    self,
    member: true,
    leaving: false,
    successors: ideal(sorted, self.id, length),
    predecessor: idealPredecessor(sorted, self),
    suspected: [],
  }))
}

/** Full reports of the peers at `places` in an ideal ring, each with its service ready. */
export const idealReports = (places: ReadonlyArray<number>, length: number): ReadonlyArray<PeerReport> =>
  idealViews(places, length).map((view, i) => ({
    ...view,
    cluster: "test",
    boot: 1,
    pid: 1_000 + i,
    fingers: [],
    known: [],
    instance: { state: "ready", pid: 2_000 + i, restarts: 0 },
    journal: null,
    left: [],
  }))
