import type { Leader } from "../ingress/PeerHeaders.ts"

/** What came of one attempt at one peer when the client cannot be given a response of the service. */
export type Setback =
  /** The peer does not lead the cell and did not execute the request. `leader`: whom it names instead. */
  | { readonly kind: "misdirected"; readonly leader: Leader | null }
  /** The peer leads, but its service instance does not run; not executed. */
  | { readonly kind: "no-instance" }
  /** No connection to the peer came about; not executed. */
  | { readonly kind: "unsent" }
  /** As many requests are at the peer as this dispatcher allows; not executed. */
  | { readonly kind: "busy" }
  /** The connection was lost after the request was sent: it may or may not have been executed. */
  | { readonly kind: "lost" }
  /** The peer is silent and the ring has given its cell to `leader`. `sent`: it may have executed the request. */
  | { readonly kind: "moved"; readonly leader: Leader; readonly sent: boolean }
  /** What the peer sent is no HTTP; it may have executed the request. */
  | { readonly kind: "garbage" }

/** What to do next: try at a peer, ask the ring and try there, pause before that, or tell the client. */
export type Decision =
  | { readonly next: "try"; readonly leader: Leader }
  | { readonly next: "ask" }
  | { readonly next: "pause" }
  | { readonly next: "answer"; readonly status: 502 | 503; readonly code: string; readonly reason: string }

/**
 * The one retry rule. What was certainly not executed is tried again whatever its method; what may have been
 * executed is tried again only if its method is idempotent (RFC 9110 section 9.2.2). How long is the caller's to
 * bound.
 *
 * @param idempotent whether executing the request twice is harmless.
 * @param misdirections how often in a row peers have sent the request elsewhere, this setback included.
 */
export const decide = (setback: Setback, idempotent: boolean, misdirections: number): Decision => {
  switch (setback.kind) {
    case "misdirected":
      // Peers that disagree for a moment may name one another in turn.
      if (misdirections > 2) return { next: "pause" }
      return setback.leader === null ? { next: "ask" } : { next: "try", leader: setback.leader }
    case "no-instance":
      return { next: "pause" }
    case "unsent":
      return { next: "ask" }
    case "busy":
      return {
        next: "answer",
        status: 503,
        code: "overloaded",
        reason: "too many requests wait for the peer that serves this client; try again later",
      }
    case "lost":
      return idempotent ? { next: "ask" } : uncertain("the connection to the peer was lost")
    case "moved":
      return idempotent || !setback.sent
        ? { next: "try", leader: setback.leader }
        : uncertain("the peer fell silent and another has taken its place")
    case "garbage":
      return {
        next: "answer",
        status: 502,
        code: "peer-garbage",
        reason: "what answered in the peer's place does not speak HTTP; check the peer's http address",
      }
  }
}

const uncertain = (what: string): Decision => ({
  next: "answer",
  status: 502,
  code: "maybe-executed",
  reason: `${what} and the request may or may not have been executed; look before you send it again`,
})
