import { type Contact, isPlaceholder } from "../peer/Contact.ts"
import type { SuspicionReason } from "../peer/Trace.ts"
import type { RingId } from "../ring/RingId.ts"

/**
 * Who has been silent for how long, counted in ticks of this peer's own heartbeat, and who is taken for dead.
 *
 * A ring member watches its successors and predecessor all the time, and whoever else owes it an answer. What it
 * concludes is a hint: falsely suspecting a first successor can cost the ring a principal (ring.md, Invariant), so
 * a suspected peer is remembered, probed, and taken back as soon as it speaks as a member. Both maps have one entry
 * an id, for the incarnation in it; identity is (id, incarnation).
 */
export interface Detector {
  readonly watched: ReadonlyMap<RingId, Watch>
  readonly suspected: ReadonlyMap<RingId, Suspicion>
  /** Peers whose silence was taken for death by mistake not long ago: they are waited for longer. */
  readonly mistakes: ReadonlyMap<RingId, Mistake>
  /** This process itself stood still not long ago: everybody is waited for longer. Null: it did not. */
  readonly strain: Mistake | null
}

export interface Watch {
  readonly peer: Contact
  /** Ticks since it was last heard. */
  readonly silent: number
  /** An answer is due although it is no neighbour. */
  readonly awaited: boolean
}

export interface Suspicion {
  readonly peer: Contact
  readonly reason: SuspicionReason
}

export interface Mistake {
  /** How many times longer than usual a silence may last: a power of two, at most {@link MOST_PATIENCE}. */
  readonly patience: number
  /** Ticks since the patience last changed. */
  readonly ticks: number
}

/**
 * Each mistake doubles the patience with a peer, up to this, and each calm stretch halves it: where a whole machine is
 * slow, taking the slow for dead makes work that makes it slower still. (An eventually perfect detector: Chandra and
 * Toueg, "Unreliable failure detectors for reliable distributed systems", 1996.)
 */
export const MOST_PATIENCE = 4

/** Ticks without a mistake after which the patience with a peer is halved. */
export const CALM_TICKS = 30

/** Most peers a detector remembers as dead; the oldest are forgotten first. */
export const MAX_SUSPECTED = 64

export const emptyDetector: Detector = {
  watched: new Map(),
  suspected: new Map(),
  mistakes: new Map(),
  strain: null,
}

/** Whether messages should go to `peer` at all. The death of one incarnation says nothing of those after it. */
export const isUsable = (detector: Detector, peer: Contact): boolean => {
  const suspicion = detector.suspected.get(peer.id)
  return !isPlaceholder(peer) && (suspicion === undefined || suspicion.peer.incarnation < peer.incarnation)
}

/** The watch kept on `peer`; one on an earlier incarnation is none, so that its silence is not held against this one. */
export const watchOf = (detector: Detector, peer: Contact): Watch | undefined => {
  const watch = detector.watched.get(peer.id)
  return watch !== undefined && watch.peer.incarnation >= peer.incarnation ? watch : undefined
}

/**
 * How many times longer than usual the silence of `peer` may last. Who is slow itself judges nobody by the clock: on a
 * machine that is overloaded it is mostly the messages that are late, or the one who waits for them. (Local health:
 * Dadgar, Phillips and Currey, "Lifeguard: local health awareness for more accurate failure detection", 2018.)
 */
export const patienceWith = (detector: Detector, peer: Contact): number =>
  Math.max(detector.mistakes.get(peer.id)?.patience ?? 1, detector.strain?.patience ?? 1)

/** `peer` spoke. Returns the same detector when that is no news, which is nearly always. */
export const heard = (detector: Detector, peer: Contact): Detector => {
  const watch = detector.watched.get(peer.id)
  if (watch === undefined || (watch.silent === 0 && !watch.awaited)) return detector
  const watched = new Map(detector.watched)
  watched.set(peer.id, { peer, silent: 0, awaited: false })
  return { ...detector, watched }
}

/** An answer from `peer` is due; silence counts from now. */
export const awaitAnswer = (detector: Detector, peer: Contact): Detector => {
  const watch = watchOf(detector, peer)
  if (watch?.awaited === true) return detector
  const watched = new Map(detector.watched)
  watched.set(peer.id, watch ? { ...watch, awaited: true } : { peer, silent: 0, awaited: true })
  return { ...detector, watched }
}

/**
 * One heartbeat interval went by: everybody watched is one tick more silent.
 *
 * @param neighbours who is watched without owing an answer; others are forgotten once they have answered.
 * @param counts false when this process itself stood still, so that silence proves nothing.
 */
export const tick = (detector: Detector, neighbours: ReadonlyArray<Contact>, counts: boolean): Detector => {
  const watched = new Map<RingId, Watch>()
  const step = counts ? 1 : 0
  for (const peer of neighbours) {
    const watch = watchOf(detector, peer)
    watched.set(
      peer.id,
      watch ? { ...watch, silent: watch.silent + step } : { peer, silent: 0, awaited: false },
    )
  }
  for (const [id, watch] of detector.watched) {
    if (watch.awaited && !watched.has(id)) watched.set(id, { ...watch, silent: watch.silent + step })
  }
  const strain = detector.strain && calmer(detector.strain)
  return { ...detector, watched, strain, mistakes: allCalmer(detector.mistakes) }
}

/** This process stood still for a tick or longer, and may be slow for a while. */
export const strained = (detector: Detector): Detector => ({
  ...detector,
  strain: oneMore(detector.strain?.patience ?? 1),
})

/** One more mistake with whom the patience was that. */
const oneMore = (patience: number): Mistake => ({
  patience: Math.min(MOST_PATIENCE, 2 * patience),
  ticks: 0,
})

const calmer = ({ patience, ticks }: Mistake): Mistake | null => {
  if (ticks + 1 < CALM_TICKS) return { patience, ticks: ticks + 1 }
  return patience > 2 ? { patience: patience / 2, ticks: 0 } : null
}

const allCalmer = (mistakes: Detector["mistakes"]): Detector["mistakes"] => {
  if (mistakes.size === 0) return mistakes
  const left = new Map<RingId, Mistake>()
  for (const [id, mistake] of mistakes) {
    const one = calmer(mistake)
    if (one !== null) left.set(id, one)
  }
  return left
}

/** `peer` is taken for dead. */
export const suspect = (detector: Detector, peer: Contact, reason: SuspicionReason): Detector => {
  const suspected = new Map(detector.suspected)
  suspected.delete(peer.id)
  suspected.set(peer.id, { peer, reason })
  for (const oldest of suspected.keys()) {
    if (suspected.size <= MAX_SUSPECTED) break
    suspected.delete(oldest)
  }
  const watched = new Map(detector.watched)
  watched.delete(peer.id)
  return { ...detector, watched, suspected }
}

/** `peer` is alive after all; if only its silence spoke against it, that was a mistake. */
export const clear = (detector: Detector, peer: Contact): Detector => {
  const suspected = new Map(detector.suspected)
  suspected.delete(peer.id)
  const suspicion = detector.suspected.get(peer.id)
  if (suspicion?.reason !== "silent" || suspicion.peer.incarnation !== peer.incarnation) {
    return { ...detector, suspected }
  }
  const mistakes = new Map(detector.mistakes).set(
    peer.id,
    oneMore(detector.mistakes.get(peer.id)?.patience ?? 1),
  )
  return { ...detector, suspected, mistakes }
}
