import type { Leader } from "../ingress/PeerHeaders.ts"

/** What came of one attempt at one peer when the client cannot be given a response of the service. */
export type Setback =
  /** The peer does not lead the cell. `leader`: whom it names instead. */
  | { readonly kind: "misdirected"; readonly leader: Leader | null }
  /** The peer took the request, and leads the cell no more; `leader` as above. */
  | { readonly kind: "displaced"; readonly leader: Leader | null }
  /** The peer leads, but its service instance does not run. */
  | { readonly kind: "no-instance" }
  /** No connection to the peer came about. */
  | { readonly kind: "unsent" }
  /** As many requests are at the peer as this dispatcher allows. */
  | { readonly kind: "busy" }
  /** The connection was lost after the request was sent. */
  | { readonly kind: "lost" }
  /** The answer does not bear the peer's name: somebody else has its address. */
  | { readonly kind: "stranger" }
  /** The peer is silent and the ring has given its cell to `leader`. `sent`: the request may have reached the peer. */
  | { readonly kind: "moved"; readonly leader: Leader; readonly sent: boolean }
  /** What the peer sent is no HTTP. */
  | { readonly kind: "garbage" }

/** What to do next: try at a peer, ask the ring and try there, pause before that, or tell the client. */
export type Decision =
  | { readonly next: "try"; readonly leader: Leader }
  | { readonly next: "ask" }
  /** Afterwards try at `leader`, or where the ring says. */
  | { readonly next: "pause"; readonly leader: Leader | null }
  | { readonly next: "answer"; readonly status: 502 | 503; readonly code: string; readonly reason: string }

/** How things stand with a request when it meets with a setback. */
export interface Standing {
  /**
   * It may reach the service's peers twice: they recognise it by its id (replay), or its method is idempotent
   * (stateless; RFC 9110 section 9.2.2).
   */
  readonly repeatable: boolean
  /** An attempt, this one included, may have been executed. */
  readonly inDoubt: boolean
  /** Setbacks since it came or last paused, this one included. */
  readonly setbacks: number
  /** Whom it was tried at. */
  readonly tried: Leader
  /** The peer that failed last, this setback included; the others may not have noticed yet. */
  readonly failed: string | null
}

interface Meaning {
  /** The request may have been executed. */
  readonly maybeExecuted: boolean
  /** The peer is in trouble, not only this request of it. */
  readonly peerFailed: boolean
}

const MEANINGS: Readonly<Record<Exclude<Setback["kind"], "moved">, Meaning>> = {
  misdirected: { maybeExecuted: false, peerFailed: false },
  displaced: { maybeExecuted: true, peerFailed: false },
  "no-instance": { maybeExecuted: false, peerFailed: false },
  unsent: { maybeExecuted: false, peerFailed: true },
  busy: { maybeExecuted: false, peerFailed: false },
  lost: { maybeExecuted: true, peerFailed: true },
  stranger: { maybeExecuted: true, peerFailed: true },
  garbage: { maybeExecuted: true, peerFailed: false },
}

/** What a setback says of the request and of the peer. */
export const meaningOf = (setback: Setback): Meaning =>
  setback.kind === "moved" ? { maybeExecuted: setback.sent, peerFailed: true } : MEANINGS[setback.kind]

/**
 * Setbacks in a row before a pause. A stale entry, the ring's word and one correction make an ordinary failover;
 * peers that disagree for longer would name one another in turn as fast as they can answer.
 */
const MOST_SETBACKS = 2

/**
 * The one retry rule. What was certainly not executed is tried again, what may have been executed only if it is
 * repeatable. How long is the caller's to bound.
 */
export const decide = (
  setback: Setback,
  { repeatable, inDoubt, setbacks, tried, failed }: Standing,
): Decision => {
  if (setback.kind === "busy") {
    // Whoever is told to try again later does so under another id, and what was executed is executed twice.
    return repeatable && inDoubt ? { next: "pause", leader: tried } : BUSY
  }
  if (setback.kind === "garbage") return GARBAGE
  if (!repeatable && meaningOf(setback).maybeExecuted) return uncertain(setback.kind)
  const leader = whereTo(setback, tried)
  // A peer that has just failed is given a moment to come back, and the ring to notice.
  const waits = setback.kind === "no-instance" || setbacks > MOST_SETBACKS || leader?.name === failed
  if (leader === null) return waits ? { next: "pause", leader: null } : { next: "ask" }
  return { next: waits ? "pause" : "try", leader }
}

const whereTo = (setback: Setback, tried: Leader): Leader | null => {
  switch (setback.kind) {
    case "misdirected":
    case "displaced":
    case "moved":
      return setback.leader
    case "no-instance":
      return tried
    default:
      return null
  }
}

/**
 * Pauses, in ms (and a tick of the clock): short, since most failovers are; longer soon, since a hundred clients of a
 * dead peer pause at the same time.
 */
const PAUSES_MS = [25, 50, 100] as const

/** The pause number `index` of a request, from 0, in ms. */
export const pauseMs = (index: number): number => PAUSES_MS[index] ?? 100

/**
 * Silences, in ms, after each of which the ring is asked whether the peer still leads: the first about as long as the
 * ring takes to suspect a peer, then short ones until it has noticed, long ones for what is merely slow.
 */
const SILENCES_MS = [300, 50, 50, 50, 50, 50, 100, 200, 300, 500] as const

/** The silence number `index` of a request, from 0, in ms; no shorter than the first when an attempt begins with it. */
export const silenceMs = (index: number, first: boolean): number =>
  Math.max(SILENCES_MS[index] ?? 1_000, first ? SILENCES_MS[0] : 0)

const BUSY: Decision = {
  next: "answer",
  status: 503,
  code: "overloaded",
  reason: "too many requests wait for the peer that serves this client; try again later",
}

const GARBAGE: Decision = {
  next: "answer",
  status: 502,
  code: "peer-garbage",
  reason: "what answered in the peer's place does not speak HTTP; check the peer's http address",
}

const uncertain = (kind: Setback["kind"]): Decision => ({
  next: "answer",
  status: 502,
  code: "maybe-executed",
  reason: `${CAUSES[kind] ?? "the peer failed"} and the request may or may not have been executed; look before you send it again`,
})

const CAUSES: Readonly<Partial<Record<Setback["kind"], string>>> = {
  lost: "the connection to the peer was lost",
  displaced: "the peer lost its leadership",
  stranger: "another peer or program answered at the peer's address",
  moved: "the peer fell silent and another has taken its place",
}
