import { isMember, type Operation, type Peer, type Plain, type Ring, withPeer } from "./Ring.ts"

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

/** The way of a query and of its answer is the same by all rules. */
export const answer: RingRule = {
  name: "answer",
  by: "peers",
  guard: "a query from t has come to s, which is a member",
  effect: "an answer leaves for t with s's whole list and its predecessor as they are now",
  enabled: (ring) =>
    ring.peers.flatMap(({ phase, operation }, asker) =>
      phase === "member" && operation?.answer === null && isMember(ring, operation.target)
        ? [{ at: operation.target, other: asker }]
        : [],
    ),
  happen: (ring, { at, other = at }) => {
    const [asked, asker] = [ring.peers[at], ring.peers[other]]
    if (asked === undefined || asker === undefined || asker.operation === null) return ring
    const { successors, predecessor } = asked
    const operation = { ...asker.operation, answer: { successors, predecessor } }
    return withPeer(ring, other, { ...asker, operation })
  },
}
