import { between } from "../Snapshot.ts"
import { isMember, type Peer, type Ring, withPeer } from "./Ring.ts"
import {
  apply,
  isLeftAlone,
  join,
  locally,
  notifying,
  rectify,
  type RingRule,
  stabilize,
  where,
} from "./RingRule.ts"

/**
 * Chord as it was published, with successor lists of two, as OriginalChord.ts has it, but at message level: what a
 * member learns of another may be old when it comes, and no member knows who is dead before it has waited in vain.
 * Kept only to show that its defects are found.
 */
export const publishedChord: ReadonlyArray<RingRule> = [
  join("m's first successor leaves for j, which is joining", between, 1),
  {
    name: "enter",
    by: "peers",
    guard: "a successor has come to j, which is joining",
    effect: "j is a member with that successor, no second and no predecessor",
    enabled: where(({ phase }) => phase === "joining"),
    happen: locally((peer) => ({
      ...peer,
      phase: "member",
      successors: peer.operation?.answer?.successors ?? [],
      operation: null,
    })),
  },
  stabilize("stabilize", "its first successor's predecessor as it is now leaves for t"),
  stabilize("reconcile", "its first successor's list as it is now leaves for t"),
  apply(
    "after a stabilize, with u the predecessor that came: between(t, u, s) -> succ[t][0] := u; a notification " +
      "leaves for succ[t][0]; after a reconcile succ[t][1] := the first of the list that came",
    (ring, { at }) => applied(ring, at),
  ),
  {
    name: "time-out",
    by: "peers",
    guard: "t waits for nothing, and its first successor, not the only one, is dead",
    effect: "the second becomes the first",
    enabled: where((peer, ring) => isLeftAlone(peer, ring) && peer.successors.length > 1),
    happen: locally((peer) => ({ ...peer, successors: peer.successors.slice(1) })),
  },
  {
    name: "flush",
    by: "peers",
    guard: "t's predecessor is dead",
    effect: "t has none",
    enabled: where(
      ({ phase, predecessor }, ring) =>
        phase === "member" && predecessor !== null && !isMember(ring, predecessor),
    ),
    happen: locally((peer) => ({ ...peer, predecessor: null })),
  },
  rectify(
    "r has no predecessor or between(prdc[r], n, r) -> prdc[r] := n",
    ({ predecessor }) => predecessor === null,
  ),
]

const applied = (ring: Ring, at: number): Ring => {
  const peer = ring.peers[at]
  const operation = peer?.operation
  const report = operation?.answer
  if (peer === undefined || operation === undefined || operation === null || !report) return ring
  const done = { ...peer, operation: null }
  if (operation.kind === "reconcile") return withPeer(ring, at, reconciled(done, report.successors[0]))
  const { target } = operation
  const u = report.predecessor
  const first = u !== null && between(at, u, target) ? u : target
  return notifying(
    withPeer(ring, at, { ...done, successors: [first, ...peer.successors.slice(1)] }),
    at,
    first,
  )
}

const reconciled = (peer: Peer, second: number | undefined): Peer => {
  const [first] = peer.successors
  return first === undefined || second === undefined || second === first
    ? peer
    : { ...peer, successors: [first, second] }
}
