import { between } from "../Snapshot.ts"
import { isMember, memberAt, type Peer, type Ring, withPeer } from "./Ring.ts"
import { isLeftAlone, locally, notifying, type RingRule, stabilize, where, wherePair } from "./RingRule.ts"

/**
 * Chord as it was published, with successor lists of two, as OriginalChord.ts has it, but at message level: what a
 * member learns of another may be old when it comes, and no member knows who is dead before it has waited in vain.
 * Kept only to show that its defects are found.
 */
export const publishedChord: ReadonlyArray<RingRule> = [
  {
    name: "join",
    by: "environment",
    guard: "the newcomer j was never here, m is a member, between(m, j, succ[m])",
    effect: "m's first successor leaves for j, which is joining",
    enabled: wherePair(({ phase }, via, ring, id) => {
      const first = memberAt(ring, via)?.successors[0]
      return phase === "absent" && first !== undefined && between(via, id, first)
    }),
    happen: locally((peer, via, ring) => ({
      ...peer,
      phase: "joining",
      operation: {
        kind: "join",
        target: via,
        answer: { successors: ring.peers[via]?.successors.slice(0, 1) ?? [], predecessor: null },
      },
    })),
  },
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
  {
    name: "apply",
    by: "peers",
    guard: "an answer from s has come to t, which waits for it",
    effect:
      "after a stabilize, with u the predecessor that came: between(t, u, s) -> succ[t][0] := u; a notification " +
      "leaves for succ[t][0]; after a reconcile succ[t][1] := the first of the list that came",
    enabled: where(
      ({ phase, operation }) => phase === "member" && operation !== null && operation.answer !== null,
    ),
    happen: (ring, { at }) => applied(ring, at),
  },
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
  {
    name: "rectify",
    by: "peers",
    guard: "a notification from n has come to r",
    effect: "r has no predecessor or between(prdc[r], n, r) -> prdc[r] := n",
    enabled: wherePair(({ notifiers }, other) => (notifiers & (1 << other)) !== 0),
    happen: locally((peer, notifier, _, id) => ({
      ...peer,
      predecessor:
        peer.predecessor === null || between(peer.predecessor, notifier, id) ? notifier : peer.predecessor,
      notifiers: peer.notifiers & ~(1 << notifier),
    })),
  },
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
