import { between } from "../Snapshot.ts"
import { isMember, next, type Peer, type Ring, withPeer } from "./Ring.ts"
import type { RingMutant } from "./RingMutants.ts"
import {
  answer,
  apply,
  asking,
  isIdle,
  isLeftAlone,
  join,
  locally,
  notifying,
  rectify,
  type RingRule,
  stabilize,
  where,
  wherePair,
} from "./RingRule.ts"

/**
 * Our rules (ring.md, Operations), each list adopted whole from one responder. Every message is a step of its own: it
 * may arrive late, or never; who is dead never answers, and only the dead are taken for dead.
 *
 * @param mutant breaks one of them.
 */
export const correctedChord = (mutant?: RingMutant): ReadonlyArray<RingRule> => [
  join(
    "m's list leaves for j, which is joining",
    (via, id, first) => between(via, id, first) || mutant === "join-without-between",
  ),
  {
    name: "enter",
    by: "peers",
    guard: "a list has come from m to j, which is joining",
    effect: "j is a member; succ[j] := that list, prdc[j] := m",
    enabled: where(({ phase }) => phase === "joining"),
    happen: locally((peer) => ({
      ...peer,
      phase: "member",
      successors: peer.operation?.answer?.successors ?? [],
      predecessor: peer.operation?.target ?? null,
      operation: null,
    })),
  },
  stabilize("stabilize", "its first successor's list and predecessor as they are now leave for t"),
  {
    name: "hear",
    by: "peers",
    guard: "t is a member and waits for nothing, u is a member, between(t, u, succ[t][0])",
    effect: "a query leaves for u",
    enabled: wherePair(
      (peer, other, ring, id) => isIdle(peer) && isMember(ring, other) && isNearer(peer, other, id, mutant),
    ),
    happen: locally((peer, other) => ({ ...peer, operation: asking("stabilizeFromPredecessor", other) })),
  },
  answer,
  apply(
    "succ[t] := s ++ first L-1 of the list that came; then, after a stabilize, with u the predecessor that came: " +
      "between(t, u, s) -> a query leaves for u; else a notification leaves for succ[t][0]",
    (ring, { at }) => adopted(ring, at, mutant),
  ),
  {
    name: "time-out",
    by: "peers",
    guard: "t waits for somebody that is dead; or for nothing, and succ[t][0] is dead",
    effect:
      "unless it was u that t asked, succ[t] := rest(succ[t]) ++ [the id directly after its last entry]; in any " +
      "case a notification leaves for succ[t][0]",
    enabled: where(isLeftAlone),
    happen: timedOut,
  },
  rectify(
    "between(prdc[r], n, r) or prdc[r] dead -> prdc[r] := n",
    ({ predecessor }, ring) => !isMember(ring, predecessor) && mutant !== "rectify-without-liveness",
  ),
]

/** The guard of stabilizeFromPredecessor. */
const isNearer = (peer: Peer, candidate: number, id: number, mutant: RingMutant | undefined): boolean =>
  between(id, candidate, peer.successors[0] ?? id) ||
  (mutant === "hear-without-between" && candidate !== id && candidate !== peer.successors[0])

const adopted = (ring: Ring, at: number, mutant: RingMutant | undefined): Ring => {
  const peer = ring.peers[at]
  const operation = peer?.operation
  const report = operation?.answer
  if (peer === undefined || operation === undefined || operation === null || !report) return ring
  const { kind, target } = operation
  const isSpliced = mutant === "splice-tail" && kind === "stabilizeFromPredecessor"
  const tail = isSpliced ? peer.successors.slice(1) : report.successors
  const successors = [target, ...tail.slice(0, peer.successors.length - 1)]
  const after = { ...peer, successors, operation: null }
  const u = report.predecessor
  if (kind !== "stabilize" || u === null || !isNearer(after, u, at, mutant))
    return notifying(withPeer(ring, at, after), at, successors[0])
  if (mutant !== "adopt-unasked")
    return withPeer(ring, at, { ...after, operation: asking("stabilizeFromPredecessor", u) })
  return notifying(withPeer(ring, at, { ...after, successors: [u, ...successors.slice(0, -1)] }), at, u)
}

const timedOut: RingRule["happen"] = (ring, { at }) => {
  const peer = ring.peers[at]
  if (peer === undefined) return ring
  const [, ...rest] = peer.successors
  const isLost = peer.operation === null
  const successors = isLost ? [...rest, next(peer.successors.at(-1) ?? at)] : peer.successors
  return notifying(withPeer(ring, at, { ...peer, successors, operation: null }), at, successors[0])
}
