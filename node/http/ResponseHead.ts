import {
  type ConnectionOptions,
  connectionOptions,
  type FieldLines,
  readFields,
  valueOf,
  valuesOf,
} from "./FieldLines.ts"
import { CONTENT_LENGTH, KEEP_ALIVE, TRANSFER_ENCODING } from "./FieldKind.ts"
import { CR, LF, SP, VALUE } from "./Grammar.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type HttpProblem, malformed } from "./HttpProblem.ts"
import { parseLength } from "./RequestHead.ts"

/** How a body's end is found. A number of 0 or more: that many bytes. */
export type Framing = number
/** In chunks. */
export const CHUNKED: Framing = -1
/** Until the connection closes. */
export const UNTIL_CLOSE: Framing = -2
/** There is none, whatever the fields say (HEAD, 204, 304). */
export const NO_BODY: Framing = -3

/** The head of a response that passed every check. */
export class ResponseHead implements FieldLines {
  readonly ok = true
  readonly text: string
  readonly start: number
  readonly marks: Array<number>
  readonly seen: number
  readonly repeated: number
  /** 100 to 999. */
  readonly status: number
  readonly framing: Framing
  readonly connection: ConnectionOptions
  /** The connection can carry another request once this response is over. */
  readonly reusable: boolean
  /** The seconds after which the sender closes an idle connection, when it says so. */
  readonly keepAliveSeconds: number | undefined
  readonly bytes: number

  constructor(lines: FieldLines, status: number, framing: Framing, minor: number) {
    const connection = connectionOptions(lines)
    this.text = lines.text
    this.start = lines.start
    this.marks = lines.marks
    this.seen = lines.seen
    this.repeated = lines.repeated
    this.status = status
    this.framing = framing
    this.connection = connection
    this.reusable = framing !== UNTIL_CLOSE && !connection.close && (minor === 1 || connection.keepAlive)
    this.keepAliveSeconds = (lines.seen & KEEP_ALIVE) === 0 ? undefined : keepAlive(lines)
    this.bytes = lines.text.length
  }
}

const VERSION = Buffer.from("HTTP/1.")
const NOT_HTTP = malformed("the status line is not `HTTP/1.1 STATUS REASON`")
const BAD_FRAMING = malformed("Content-Length and Transfer-Encoding contradict each other or themselves")

/** Reads a response's head from `bytes[from, to)` as {@link parseRequestHead} does a request's. */
export const parseResponseHead = (
  bytes: Buffer,
  from: number,
  to: number,
  limits: HttpLimits,
  method: string,
): ResponseHead | HttpProblem | undefined => {
  let i = from
  for (let v = 0; v < VERSION.length; v++, i++) {
    if (i >= to) return undefined
    if (bytes[i] !== VERSION[v]) return NOT_HTTP
  }
  if (i + 5 > to) return undefined
  const minor = (bytes[i] as number) - 0x30
  if ((minor !== 0 && minor !== 1) || bytes[i + 1] !== SP) return NOT_HTTP
  let status = 0
  for (let digit = i + 2; digit < i + 5; digit++) {
    const value = (bytes[digit] as number) - 0x30
    if (value < 0 || value > 9) return NOT_HTTP
    status = status * 10 + value
  }
  if (status < 100) return NOT_HTTP
  i += 5
  // The reason may be empty, and then some leave out the space before it too.
  if (i < to && bytes[i] !== SP && bytes[i] !== CR) return NOT_HTTP
  while (i < to && VALUE[bytes[i] as number] === 1) i++
  if (i + 1 >= to) return i < to && bytes[i] !== CR ? NOT_HTTP : undefined
  if (bytes[i] !== CR || bytes[i + 1] !== LF) return NOT_HTTP
  i += 2
  const lines = readFields(bytes, from, i, to, limits)
  if (lines === undefined || !lines.ok) return lines
  const framing = framingOf(lines, status, minor, method)
  if (framing === undefined) return BAD_FRAMING
  return new ResponseHead(lines, status, framing, minor)
}

const framingOf = (lines: FieldLines, status: number, minor: number, method: string): Framing | undefined => {
  const chunked = (lines.seen & TRANSFER_ENCODING) !== 0
  let length: number | undefined
  if ((lines.seen & CONTENT_LENGTH) !== 0) {
    const text = valueOf(lines, CONTENT_LENGTH) ?? ""
    length = parseLength(text)
    if (length === undefined) return undefined
    if ((lines.repeated & CONTENT_LENGTH) !== 0) {
      if (valuesOf(lines, CONTENT_LENGTH).some((other) => other !== text)) return undefined
    }
  }
  if (chunked) {
    if (length !== undefined || minor === 0 || (lines.repeated & TRANSFER_ENCODING) !== 0) return undefined
    if (valueOf(lines, TRANSFER_ENCODING)?.toLowerCase() !== "chunked") return undefined
  }
  if (method === "HEAD" || status === 204 || status === 304 || status < 200) return NO_BODY
  return chunked ? CHUNKED : (length ?? UNTIL_CLOSE)
}

const keepAlive = (lines: FieldLines): number | undefined => {
  const seconds = /(?:^|[,\s])timeout\s*=\s*([0-9]{1,6})/i.exec(valueOf(lines, KEEP_ALIVE) ?? "")?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
