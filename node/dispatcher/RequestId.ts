import { IDEMPOTENCY_KEY } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { type HttpProblem, problem } from "../http/HttpProblem.ts"
import type { RequestHead } from "../http/RequestHead.ts"
import { KEY_LENGTH } from "../ingress/PeerHeaders.ts"

/**
 * Draws the ids of a dispatcher's requests, `ORIGIN-N` (journal.md, Duplicates), unless a client brings a key of its
 * own. N counts all requests of the dispatcher: an id must be new in its session only, and what counts up over all
 * sessions also counts up within each, at no cost a client.
 *
 * @param origin 32 hexadecimal digits that no dispatcher had before, not even this one at its last start: the count
 * begins anew with it.
 */
export const makeRequestIds = (origin: string): ((head: RequestHead) => string | HttpProblem) => {
  let count = 0
  return (head) => ((head.seen & IDEMPOTENCY_KEY) === 0 ? `${origin}-${count++}` : fromKey(head))
}

/** A key as a structured field string (RFC 9651 section 3.3.3), as the draft wants it, or bare, as most clients send it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
const BARE = /^[\x21\x23-\x7e][\x20-\x7e]*$/

/** draft-ietf-httpapi-idempotency-key-header, section 2.1. */
const fromKey = (head: RequestHead): string | HttpProblem => {
  const [value = "", second] = valuesOf(head, IDEMPOTENCY_KEY)
  if (second !== undefined) return refuse("Idempotency-Key is sent twice; send it once")
  const key = QUOTED.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? (BARE.test(value) ? value : "")
  return key.length > 0 && key.length <= KEY_LENGTH
    ? `key:${key}`
    : refuse(`Idempotency-Key must be 1 to ${KEY_LENGTH} printable ASCII characters, best in double quotes`)
}

const refuse = (reason: string): HttpProblem => problem(400, "idempotency-key", reason)
