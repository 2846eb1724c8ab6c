import type { System } from "../explorer/System.ts"
import { eventSystem, publishedClaims } from "./EventClaims.ts"
import { after, aloneAt, type Network, type Repairs, snapshotOf } from "./OriginalChord.ts"
import type { RingEvent } from "./RingEvent.ts"

/** The original, with both repairs unless one is taken away. */
export const system = (lacks: Partial<Repairs>): System<Network, RingEvent> =>
  eventSystem(
    "events, original rules",
    publishedClaims,
    aloneAt(0),
    (network, event) => after(network, event, { joinsOntoLive: true, adoptsLive: true, ...lacks }),
    (network) => snapshotOf(network),
  )
