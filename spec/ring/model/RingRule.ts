import { isMember, memberAt, type Operation, type Peer, type Plain, type Ring, withPeer } from "./Ring.ts"

/** One thing that may happen in a ring, in words and as a program. */
export interface RingRule {
  readonly name: string
  /** What peers do and what arrives happens in the end if it stays possible; what the environment does need not. */
  readonly by: "peers" | "environment"
  /** When it may happen, in the words of ring.md. */
  readonly guard: string
  /** What is after it. */
  readonly effect: string
  /** Where it may happen now. */
  readonly enabled: (ring: Ring) => ReadonlyArray<Place>
  readonly happen: (ring: Ring, place: Place) => Ring
}

/** At which peer something happens, and what other peer it is about. */
export interface Place {
  readonly at: number
  readonly other?: number
}

/** All places at one peer where `test` holds. */
export const where =
  (test: (peer: Peer, ring: Ring, id: number) => boolean): RingRule["enabled"] =>
  (ring) => {
    const places: Array<Place> = []
    for (let at = 0; at < ring.peers.length; at++) {
      const peer = ring.peers[at]
      if (peer !== undefined && test(peer, ring, at)) places.push({ at })
    }
    return places
  }

/** All places at one peer about another where `test` holds. */
export const wherePair =
  (test: (peer: Peer, other: number, ring: Ring, id: number) => boolean): RingRule["enabled"] =>
  (ring) => {
    const places: Array<Place> = []
    for (let at = 0; at < ring.peers.length; at++) {
      const peer = ring.peers[at]
      if (peer === undefined) continue
      for (let other = 0; other < ring.peers.length; other++)
        if (test(peer, other, ring, at)) places.push({ at, other })
    }
    return places
  }

/** An effect that changes nothing but the peer where it happens. */
export const locally =
  (change: (peer: Peer, other: number, ring: Ring, id: number) => Plain): RingRule["happen"] =>
  (ring, { at, other = at }) => {
    const peer = ring.peers[at]
    return peer === undefined ? ring : withPeer(ring, at, change(peer, other, ring, at))
  }

export const isIdle = ({ phase, operation }: Peer): boolean => phase === "member" && operation === null

/** A query leaves for `target`. */
export const asking = (kind: Operation["kind"], target: number): Operation => ({ kind, target, answer: null })

/** A notification leaves: from `from`, for whoever is a member at `to`. To anybody else it is lost. */
export const notifying = (ring: Ring, from: number, to: number | undefined): Ring => {
  const notified = to === undefined ? undefined : ring.peers[to]
  return to === undefined || notified === undefined || !isMember(ring, to)
    ? ring
    : withPeer(ring, to, { ...notified, notifiers: notified.notifiers | (1 << from) })
}

/** Whether it waits for somebody dead: for the one that it asks, or for its first successor before it asks. */
export const isLeftAlone = ({ phase, operation, successors }: Peer, ring: Ring): boolean =>
  phase === "member" &&
  (operation === null
    ? !isMember(ring, successors[0] ?? null)
    : isUnanswered(operation) && !isMember(ring, operation.target))

const isUnanswered = ({ answer: report }: Operation): boolean => report === null

const reportOf = (ring: Ring, id: number): Operation["answer"] => {
  const { successors = [], predecessor = null } = memberAt(ring, id) ?? {}
  return { successors, predecessor }
}

/**
 * Asking the first successor. The way of the query is no step of its own: until it is answered it changes nothing, and
 * its sender, which waits, has no other first successor meanwhile; so whatever may happen before the answer may as well
 * happen before the query.
 */
export const stabilize = (kind: "stabilize" | "reconcile", effect: string): RingRule => ({
  name: kind,
  by: "peers",
  guard: "t is a member and waits for nothing, succ[t][0] is a member and has t's query",
  effect,
  enabled: where((peer, ring) => isIdle(peer) && isMember(ring, peer.successors[0] ?? null)),
  happen: locally((peer, _, ring, id) => {
    const target = peer.successors[0] ?? id
    return { ...peer, operation: { kind, target, answer: reportOf(ring, target) } }
  }),
})

/** The answer of one that was heard of. */
export const answer: RingRule = {
  name: "answer",
  by: "peers",
  guard: "a query from t has come to u, which is a member",
  effect: "u's list and predecessor as they are now leave for t",
  enabled: where(
    ({ phase, operation }, ring) =>
      phase === "member" && operation !== null && isUnanswered(operation) && isMember(ring, operation.target),
  ),
  happen: locally((peer, _, ring) => {
    const { operation } = peer
    return operation === null
      ? peer
      : { ...peer, operation: { ...operation, answer: reportOf(ring, operation.target) } }
  }),
}
