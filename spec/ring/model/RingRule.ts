import { between } from "../Snapshot.ts"
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

/**
 * How a newcomer is let in: by whom, and how much of its list it is given.
 *
 * @param admits whether `via`, with that first successor, lets the newcomer in
 * @param most entries of the list that are given
 */
export const join = (
  effect: string,
  admits: (via: number, newcomer: number, first: number) => boolean,
  most = Infinity,
): RingRule => ({
  name: "join",
  by: "environment",
  guard: "the newcomer j was never here, m is a member, between(m, j, succ[m][0])",
  effect,
  enabled: wherePair(({ phase }, via, ring, id) => {
    const first = memberAt(ring, via)?.successors[0]
    return phase === "absent" && first !== undefined && admits(via, id, first)
  }),
  happen: locally((peer, via, ring) => ({
    ...peer,
    phase: "joining",
    operation: {
      kind: "join",
      target: via,
      answer: { successors: ring.peers[via]?.successors.slice(0, most) ?? [], predecessor: null },
    },
  })),
})

/** What a member does with an answer that it waits for. */
export const apply = (effect: string, happen: RingRule["happen"]): RingRule => ({
  name: "apply",
  by: "peers",
  guard: "an answer from s has come to t, which waits for it",
  effect,
  enabled: where(
    ({ phase, operation }) => phase === "member" && operation !== null && operation.answer !== null,
  ),
  happen,
})

/** What a member does with a notification. @param isOpen whether it takes the next best one for its predecessor */
export const rectify = (effect: string, isOpen: (peer: Peer, ring: Ring) => boolean): RingRule => ({
  name: "rectify",
  by: "peers",
  guard: "a notification from n has come to r",
  effect,
  enabled: wherePair(({ notifiers }, other) => (notifiers & (1 << other)) !== 0),
  happen: locally((peer, notifier, ring, id) => {
    const { notifiers, predecessor } = peer
    const isTaken = isOpen(peer, ring) || (predecessor !== null && between(predecessor, notifier, id))
    return {
      ...peer,
      predecessor: isTaken ? notifier : predecessor,
      notifiers: notifiers & ~(1 << notifier),
    }
  }),
})
