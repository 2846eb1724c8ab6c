import type { Contact } from "../../core/peer/Contact.ts"
import { DIGITS, fromHex, type RingId } from "../../core/ring/RingId.ts"
import { type Seeded, seeded } from "./Seeded.ts"

/** A ring id drawn uniformly. */
export const drawId = (random: Seeded): RingId => {
  let hex = ""
  while (hex.length < DIGITS)
    hex += random
      .below(2 ** 16)
      .toString(16)
      .padStart(4, "0")
  return fromHex(hex)
}

/** Peer number `n` of any virtual cluster: always the same name, the same id, the same addresses. */
export const virtualPeer = (n: number, incarnation = 1): Contact => ({
  id: drawId(seeded(n)),
  incarnation,
  name: `p${n}`,
  ring: `h${n}:1`,
  http: `h${n}:2`,
})

/** Peers `from` to `from + count - 1`, in increasing order of id, as a genesis file names them. */
export const virtualPeers = (count: number, from = 0): ReadonlyArray<Contact> =>
  Array.from({ length: count }, (_, i) => virtualPeer(from + i)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
