import type { Aliases } from "../../core/handoff/Aliases.ts"
import { CONTENT_LENGTH, COOKIE, RINGSTEAD, SET_COOKIE } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { defaultLimits } from "../http/HttpLimits.ts"
import type { HttpProblem } from "../http/HttpProblem.ts"
import { localAnswer } from "../http/LocalAnswer.ts"
import { requestLines, responseLines } from "../http/ProxyExchange.ts"
import { NO_BODY } from "../http/ResponseHead.ts"
import { parseRequestHead } from "../http/RequestHead.ts"
import type { UpstreamRequest } from "../http/Upstream.ts"
import type { Answer } from "./ReplayedAnswer.ts"

/** Whoever let the request in has judged its size. */
const LIMITS = { ...defaultLimits, headBytes: 2 ** 24, fields: 2 ** 16 }

/** Tells the service that it is shown a request again, for what it does to the world outside. */
const REPLAY_LINE = "Ringstead-Replay: 1\r\n"

/**
 * The request as an instance is to see it: with the cookies it knows.
 *
 * @param bytes head and body, with the client's cookies
 * @param aliases of the session on that instance, if it has any
 */
export const toInstance = (
  bytes: Buffer,
  aliases: Aliases | undefined,
  replay: boolean,
): UpstreamRequest | HttpProblem => {
  const head = parseRequestHead(bytes, 0, bytes.length, LIMITS)
  if (head === undefined)
    return { ok: false, status: 400, code: "malformed", reason: "the request's head is cut off" }
  if (!head.ok) return head
  const body = bytes.subarray(head.bytes)
  const translates = aliases !== undefined && (head.seen & COOKIE) !== 0
  let lines = requestLines(head, body.length, translates ? RINGSTEAD | COOKIE : RINGSTEAD, "")
  if (translates) {
    for (const value of valuesOf(head, COOKIE)) lines += `Cookie: ${aliases.toInstance(value)}\r\n`
  }
  // Whether it was executed must never be in doubt, so nothing sends it twice, whatever its method.
  return { method: head.method, head: `${lines}${replay ? REPLAY_LINE : ""}\r\n`, body, idempotent: false }
}

/** An instance's answer as the client is to see it: head with Content-Length, and body. */
export const toClient = ({ head, body }: Answer, aliases: Aliases | undefined): Buffer => {
  const translates = aliases !== undefined && (head.seen & SET_COOKIE) !== 0
  let lines = responseLines(head, translates ? RINGSTEAD | SET_COOKIE : RINGSTEAD)
  if (translates) {
    for (const value of valuesOf(head, SET_COOKIE)) lines += `Set-Cookie: ${aliases.toClient(value)}\r\n`
  }
  const framed = head.framing === NO_BODY || (head.seen & CONTENT_LENGTH) !== 0
  return message(framed ? lines : `${lines}Content-Length: ${body.length}\r\n`, body)
}

/** An answer of our own in place of the service's: one line that says what is the matter. */
export const ownAnswer = (method: string, status: number, code: string, reason: string): Buffer => {
  const { head, body } = localAnswer(status, code, reason)
  return message(head, Buffer.from(method === "HEAD" ? "" : body, "latin1"))
}

const message = (lines: string, body: Buffer): Buffer => {
  const bytes = Buffer.allocUnsafe(lines.length + 2 + body.length)
  bytes.write(lines, 0, "latin1")
  bytes.write("\r\n", lines.length, "latin1")
  body.copy(bytes, lines.length + 2)
  return bytes
}
