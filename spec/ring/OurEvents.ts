import type { System } from "../explorer/System.ts"
import { eventSystem, neededClaims } from "./EventClaims.ts"
import { correctedChord } from "./model/CorrectedChord.ts"
import { absent, dead, ideal, type Ring, snapshotOf } from "./model/Ring.ts"
import type { RingRule } from "./model/RingRule.ts"
import type { RingEvent } from "./RingEvent.ts"

const rules: ReadonlyMap<string, RingRule> = new Map(correctedChord().map((rule) => [rule.name, rule]))
const alone: Ring = {
  peers: [...ideal([0], 2), absent, absent, absent],
  failures: 0,
  suspicions: 0,
}

/** Our rules, one event at a time. A newcomer stabilizes at once, and
 * reconcile is part of our stabilize; a dead predecessor is seen when one notifies. */
export const system = (): System<Ring, RingEvent> =>
  eventSystem(
    "events, our rules",
    neededClaims,
    alone,
    (ring, event) => settled(after(ring, event)),
    snapshotOf,
  )

const after = (ring: Ring, { kind, at }: RingEvent): Ring => {
  switch (kind) {
    case "J":
      return once(once(once(ring, "join", at), "enter", at), "stabilize", at)
    case "S":
    case "R":
      return once(ring, "stabilize", at)
    case "F":
      return { ...ring, peers: ring.peers.with(at, dead) }
    case "U":
      return once(ring, "time-out", at)
    case "FL":
      return ring
  }
}

/** A rule at a peer, where it may happen first; the ring as it is where it may not. */
const once = (ring: Ring, name: string, at: number): Ring => {
  const rule = rules.get(name)
  const place = rule?.enabled(ring).find((one) => one.at === at)
  return rule === undefined || place === undefined ? ring : rule.happen(ring, place)
}

/** Everything on its way arrives. A dead peer that is asked is found out by `update` alone. */
const settled = (ring: Ring): Ring => {
  for (const name of ["answer", "apply", "rectify"]) {
    const rule = rules.get(name)
    const [place] = rule?.enabled(ring) ?? []
    if (rule !== undefined && place !== undefined) return settled(rule.happen(ring, place))
  }
  return ring
}
