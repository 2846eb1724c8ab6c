import type { System } from "../explorer/System.ts"
import { eventSystem, publishedClaims } from "../ring/EventClaims.ts"
import type { RingEvent } from "../ring/RingEvent.ts"
import { HandRing } from "./HandRing.ts"

/** The shipped step, one event at a time. A state is all that has happened: it is played again whenever it is asked for. */
export const system = (): System<ReadonlyArray<RingEvent>, RingEvent> =>
  eventSystem<ReadonlyArray<RingEvent>>(
    "events, the core",
    publishedClaims,
    [],
    (events, event) => [...events, event],
    (events) => played(events).snapshot(),
  )

const played = (events: ReadonlyArray<RingEvent>): HandRing => {
  const ring = new HandRing(2)
  ring.found(0)
  for (const event of events)
    if (event.kind === "J" ? !ring.isRunning(event.at) : ring.isRunning(event.at)) ring.happen(event)
  return ring
}
