import {
  type ConnectionOptions,
  connectionOptions,
  type FieldLines,
  listOf,
  readFields,
  valueOf,
  valuesOf,
} from "./FieldLines.ts"
import { CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE } from "./FieldKind.ts"
import { CR, LF, SP, TARGET, TOKEN } from "./Grammar.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type HttpProblem, malformed, problem } from "./HttpProblem.ts"

/** The head of a request that passed every check. */
export class RequestHead implements FieldLines {
  readonly ok = true
  readonly text: string
  readonly start: number
  readonly marks: Array<number>
  readonly seen: number
  readonly repeated: number
  readonly method: string
  /** Origin form, or `*` of OPTIONS. An absolute target has been taken apart. */
  readonly target: string
  /** The authority asked for: of an absolute target, else of Host; "" when a 1.0 request names none. */
  readonly host: string
  /** The request line and Host can be passed on as they are: origin form, HTTP/1.1. */
  readonly asWritten: boolean
  /** The second digit of HTTP/1.0 and HTTP/1.1. */
  readonly minor: 0 | 1
  /** Length of the body in bytes, or -1 when it comes in chunks. */
  readonly length: number
  /** The client said how long its body is, if only 0. */
  readonly framed: boolean
  readonly connection: ConnectionOptions
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expects: boolean
  /** Bytes of the head. */
  readonly bytes: number

  constructor(
    lines: FieldLines,
    method: string,
    target: string,
    host: string,
    asWritten: boolean,
    minor: 0 | 1,
    length: number,
    expects: boolean,
  ) {
    this.text = lines.text
    this.start = lines.start
    this.marks = lines.marks
    this.seen = lines.seen
    this.repeated = lines.repeated
    this.method = method
    this.target = target
    this.host = host
    this.asWritten = asWritten
    this.minor = minor
    this.length = length
    this.framed = (lines.seen & FRAMING) !== 0
    this.connection = connectionOptions(lines)
    this.expects = expects
    this.bytes = lines.text.length
  }
}

/** The fields that say where a body ends. */
const FRAMING = CONTENT_LENGTH | TRANSFER_ENCODING

/** Longest method and longest target, in bytes. */
const METHOD_BYTES = 32
const TARGET_BYTES = 8_192

const VERSION = Buffer.from("HTTP/1.")
const NOT_HTTP = malformed("the request line is not `METHOD TARGET HTTP/1.1`")
const BAD_TARGET = malformed(
  "the request target holds a space, a `#` or a byte that is not visible ASCII; percent-encode it",
)
const BAD_VERSION = problem(505, "version", "only HTTP/1.0 and HTTP/1.1 are spoken here")
const TOO_LONG = problem(414, "target-too-long", `the request target is longer than ${TARGET_BYTES} bytes`)
const UPGRADE_REFUSED = problem(
  501,
  "upgrade",
  "Upgrade (WebSocket and the like) and CONNECT are not supported: each request is answered by itself",
)

/**
 * Reads a request's head from `bytes[from, to)`.
 *
 * @returns the head, the problem, or undefined when more bytes are needed. A problem is reported as soon as the
 * bytes at hand show it.
 */
export const parseRequestHead = (
  bytes: Buffer,
  from: number,
  to: number,
  limits: HttpLimits,
): RequestHead | HttpProblem | undefined => {
  let i = from
  while (i < to && TOKEN[bytes[i] as number] === 1) i++
  const methodEnd = i
  if (methodEnd - from > METHOD_BYTES) return NOT_HTTP
  if (i >= to) return undefined
  if (bytes[i] !== SP || i === from) return NOT_HTTP
  i++
  const targetStart = i
  while (i < to && TARGET[bytes[i] as number] === 1) i++
  const targetEnd = i
  if (targetEnd - targetStart > TARGET_BYTES) return TOO_LONG
  if (i >= to) return undefined
  if (bytes[i] !== SP || i === targetStart) return bytes[i] === CR || bytes[i] === LF ? NOT_HTTP : BAD_TARGET
  i++
  for (let v = 0; v < VERSION.length; v++, i++) {
    if (i >= to) return undefined
    if (bytes[i] !== VERSION[v]) return v === 5 && isDigit(bytes[i] as number) ? BAD_VERSION : NOT_HTTP
  }
  if (i >= to) return undefined
  const digit = (bytes[i] as number) - 0x30
  if (digit !== 0 && digit !== 1) return digit > 1 && digit < 10 ? BAD_VERSION : NOT_HTTP
  if (i + 2 >= to) return i + 1 < to && bytes[i + 1] !== CR ? NOT_HTTP : undefined
  if (bytes[i + 1] !== CR || bytes[i + 2] !== LF) return NOT_HTTP
  i += 3
  const lines = readFields(bytes, from, i, to, limits)
  if (lines === undefined || !lines.ok) return lines
  return checked(
    lines,
    lines.text.slice(0, methodEnd - from),
    lines.text.slice(targetStart - from, targetEnd - from),
    digit,
  )
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const checked = (
  lines: FieldLines,
  method: string,
  target: string,
  minor: 0 | 1,
): RequestHead | HttpProblem => {
  if (method === "CONNECT" || (lines.seen & UPGRADE) !== 0) return UPGRADE_REFUSED
  if ((lines.repeated & HOST) !== 0) return TWO_HOSTS
  const host = valueOf(lines, HOST)
  if (host === undefined ? minor === 1 : !isHost(host)) return host === undefined ? NO_HOST : BAD_HOST
  const absolute = target.charCodeAt(0) === SLASH ? undefined : takeApart(method, target)
  if (absolute === null) return ABSURD
  const length = (lines.seen & FRAMING) === 0 ? 0 : bodyLength(lines, minor)
  if (typeof length !== "number") return length
  let expects = false
  if ((lines.seen & EXPECT) !== 0) {
    if (listOf(lines, EXPECT).some((expectation) => expectation !== "100-continue")) return EXPECTATION
    expects = minor === 1 && length !== 0
  }
  return new RequestHead(
    lines,
    method,
    absolute?.target ?? target,
    absolute?.host ?? host ?? "",
    minor === 1 && absolute === undefined,
    minor,
    length,
    expects,
  )
}

const EXPECTATION = problem(417, "expectation", "Expect may only ask for 100-continue")
const NO_HOST = malformed("an HTTP/1.1 request must name its Host")
const TWO_HOSTS = malformed("the request names its Host twice; send one Host header")
const BAD_HOST = malformed("Host is not a host name or address with an optional port")
const ABSURD = malformed("the request target must begin with / or be an http URL (or be * with OPTIONS)")

/** A host and an optional port; letters outside are left to whoever resolves it. */
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]{0,5})?$/
let lastHost = ""

const isHost = (text: string): boolean => {
  // Nearly all requests name the same host as the one before.
  if (text === lastHost) return true
  if (!hostPattern.test(text)) return false
  lastHost = text
  return true
}

const absolutePattern = /^https?:\/\/([^/?]*)(\/[^]*|\?[^]*)?$/i

const SLASH = 0x2f

/** The parts of an absolute target; undefined for the `*` of OPTIONS, null for what is no target at all. */
const takeApart = (
  method: string,
  target: string,
): { readonly target: string; readonly host: string } | undefined | null => {
  if (target === "*" && method === "OPTIONS") return undefined
  const absolute = absolutePattern.exec(target)
  const host = absolute?.[1]
  if (host === undefined || host === "" || !isHost(host)) return null
  const rest = absolute?.[2] ?? ""
  return { target: rest.startsWith("/") ? rest : `/${rest}`, host }
}

const BOTH = malformed("the request has both Content-Length and Transfer-Encoding; send one of them")
const TWO_LENGTHS = malformed("the request has two Content-Length headers; send one")
const BAD_LENGTH = malformed("Content-Length must be decimal digits and nothing else")
const OLD_CHUNKED = malformed("Transfer-Encoding does not exist in HTTP/1.0; send Content-Length")
const BAD_CODING = malformed("chunked must be the last transfer coding and stand once")
const UNKNOWN_CODING = problem(501, "transfer-coding", "the only transfer coding known here is chunked")

const bodyLength = (lines: FieldLines, minor: 0 | 1): number | HttpProblem => {
  if ((lines.seen & TRANSFER_ENCODING) === 0) {
    if ((lines.repeated & CONTENT_LENGTH) !== 0) return TWO_LENGTHS
    return parseLength(valueOf(lines, CONTENT_LENGTH) ?? "") ?? BAD_LENGTH
  }
  if ((lines.seen & CONTENT_LENGTH) !== 0) return BOTH
  if (minor === 0) return OLD_CHUNKED
  const raw = valuesOf(lines, TRANSFER_ENCODING)
  const codings = listOf(lines, TRANSFER_ENCODING)
  if (raw.length === 1 && raw[0]?.toLowerCase() === "chunked") return -1
  // An empty list, a misplaced or repeated `chunked`: no two programs agree where such a body ends.
  if (codings.length === 0 || codings.slice(0, -1).includes("chunked")) return BAD_CODING
  return UNKNOWN_CODING
}

/** The value of a Content-Length: digits only, at most 15 of them (a number holds no more exactly). */
export const parseLength = (text: string): number | undefined => {
  if (text.length === 0 || text.length > 15) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}
