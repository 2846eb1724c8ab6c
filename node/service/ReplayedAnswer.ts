import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib"
import { cookieName } from "../../core/handoff/Aliases.ts"
import type { Noise } from "../../core/handoff/Noise.ts"
import type { Difference } from "../../core/handoff/Reply.ts"
import { compare } from "../../core/handoff/Witness.ts"
import { SET_COOKIE } from "../http/FieldKind.ts"
import { valuesNamed, valuesOf } from "../http/FieldLines.ts"
import { defaultLimits } from "../http/HttpLimits.ts"
import { parseResponseHead, type ResponseHead } from "../http/ResponseHead.ts"

/** An answer as read from its bytes. */
export interface Answer {
  readonly head: ResponseHead
  readonly body: Buffer
}

/** Heads that were let in before are let in again, whatever the limits are now. */
const JOURNALED = { ...defaultLimits, headBytes: 2 ** 24, fields: 2 ** 16 }

/** What a coding may blow a body up to, in bytes; a larger one is compared as it came. */
const DECODED_BYTES = 16 * 1024 * 1024

/** The journaled answer, head and body, to a request with this method; null if that is not what the bytes hold. */
export const readAnswer = (bytes: Buffer, method: string): Answer | null => {
  const head = parseResponseHead(bytes, 0, bytes.length, JOURNALED, method)
  return head?.ok === true ? { head, body: bytes.subarray(head.bytes) } : null
}

/** The first difference of a replayed answer from the journaled one, null if there is none beyond the noise. */
export const compareAnswers = (journaled: Answer, replayed: Answer, noise: Noise): Difference | null => {
  const { body } = journaled
  // Two runs of a compressor may differ though what they compressed does not.
  return body.equals(replayed.body)
    ? compare(witnessed(journaled.head, body), witnessed(replayed.head, body), noise)
    : compare(
        witnessed(journaled.head, decoded(journaled.head, body)),
        witnessed(replayed.head, decoded(replayed.head, replayed.body)),
        noise,
      )
}

const witnessed = (head: ResponseHead, body: Buffer) => ({
  status: head.status,
  cookies: valuesOf(head, SET_COOKIE).map(cookieName),
  body,
})

const decoders: ReadonlyMap<string, (bytes: Buffer) => Buffer> = new Map([
  ["gzip", (bytes) => gunzipSync(bytes, { maxOutputLength: DECODED_BYTES })],
  ["x-gzip", (bytes) => gunzipSync(bytes, { maxOutputLength: DECODED_BYTES })],
  ["deflate", (bytes) => inflate(bytes)],
  ["br", (bytes) => brotliDecompressSync(bytes, { maxOutputLength: DECODED_BYTES })],
  ["zstd", (bytes) => zstdDecompressSync(bytes, { maxOutputLength: DECODED_BYTES })],
  ["identity", (bytes) => bytes],
])

/** With or without a zlib header: servers differ over what the name means (RFC 9110 section 8.4.1.2). */
const inflate = (bytes: Buffer): Buffer => {
  const decode = ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync
  return decode(bytes, { maxOutputLength: DECODED_BYTES })
}

const decoded = (head: ResponseHead, body: Buffer): Buffer => {
  if (body.length === 0) return body
  const codings = valuesNamed(head, "content-encoding").flatMap((value) => value.toLowerCase().split(","))
  let bytes = body
  for (const coding of codings.toReversed()) {
    const decode = decoders.get(coding.trim())
    if (decode === undefined) return body
    try {
      bytes = decode(bytes)
    } catch {
      return body
    }
  }
  return bytes
}
