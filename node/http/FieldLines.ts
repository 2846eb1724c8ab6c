import { CONNECTION, fieldKind, OTHER } from "./FieldKind.ts"
import { COLON, CR, HTAB, LF, SP, TOKEN, VALUE } from "./Grammar.ts"
import type { HttpLimits } from "./HttpLimits.ts"
import { type HttpProblem, malformed, problem } from "./HttpProblem.ts"

/**
 * The header fields of one message, as places in its head rather than as strings: most are only passed on, and a
 * run of lines that stays as it is costs one slice.
 */
export interface FieldLines {
  readonly ok: true
  /** The whole head up to and including the blank line, one character a byte (latin1). Set when it is complete. */
  text: string
  /** Where the first field's line begins in `text`. */
  readonly start: number
  /** One number a field: where its line begins in `text`, times 32, plus the number of its kind's bit. */
  readonly marks: Array<number>
  /** The kinds present, and those present more than once. */
  seen: number
  repeated: number
}

/** More bytes are needed. */
const INCOMPLETE = -1

const PROBLEMS: ReadonlyArray<HttpProblem> = [
  malformed("a header line begins with a space: folded header lines are obsolete; send one line per field"),
  malformed("a header line has no colon directly after a valid field name; send `Name: value`"),
  malformed(
    "a header value holds a control byte or a bare line break; send printable bytes, lines end in CR LF",
  ),
  problem(431, "too-many-fields", "too many header fields; send fewer"),
]
const FOLDED = -2
const NO_COLON = -3
const BAD_VALUE = -4
const TOO_MANY = -5

/** The problem that a negative answer of {@link scanFields}, other than {@link INCOMPLETE}, stands for. */
const fieldProblem = (code: number): HttpProblem => PROBLEMS[-2 - code] ?? malformed("the head is malformed")

/**
 * Reads field lines from `bytes[at, to)` up to and including the blank line that ends the head.
 *
 * @param base where the message begins in `bytes`; places in `into` count from there.
 * @param most how many fields are allowed.
 * @returns the place after the blank line, {@link INCOMPLETE}, or a code for {@link fieldProblem}.
 */
const scanFields = (
  bytes: Uint8Array,
  at: number,
  to: number,
  base: number,
  most: number,
  into: FieldLines,
): number => {
  const marks = into.marks
  let i = at
  for (;;) {
    if (i >= to) return INCOMPLETE
    const first = bytes[i] as number
    if (first === CR) {
      if (i + 1 >= to) return INCOMPLETE
      return bytes[i + 1] === LF ? i + 2 : NO_COLON
    }
    if (first === SP || first === HTAB) return FOLDED
    const line = i
    while (i < to && TOKEN[bytes[i] as number] === 1) i++
    if (i >= to) return INCOMPLETE
    if (bytes[i] !== COLON || i === line) return NO_COLON
    const kind = fieldKind(bytes, line, i)
    i++
    while (i < to && (bytes[i] === SP || bytes[i] === HTAB)) i++
    while (i < to && VALUE[bytes[i] as number] === 1) i++
    if (i + 1 >= to) return i < to && bytes[i] !== CR ? BAD_VALUE : INCOMPLETE
    if (bytes[i] !== CR || bytes[i + 1] !== LF) return BAD_VALUE
    i += 2
    if (marks.length >= most) return TOO_MANY
    marks.push((line - base) * 32 + 31 - Math.clz32(kind))
    into.repeated |= into.seen & kind
    into.seen |= kind
  }
}

/**
 * Reads the fields of the message that begins at `bytes[from]`, and with them the end of its head.
 *
 * @param at where the first field's line begins.
 * @returns the fields, a problem, or undefined when `bytes[at, to)` does not hold all of them.
 */
export const readFields = (
  bytes: Buffer,
  from: number,
  at: number,
  to: number,
  limits: HttpLimits,
): FieldLines | HttpProblem | undefined => {
  const marks: Array<number> = []
  const lines: FieldLines = { ok: true, text: "", start: at - from, marks, seen: 0, repeated: 0 }
  const end = scanFields(bytes, at, to, from, limits.fields, lines)
  if (end === INCOMPLETE) return undefined
  if (end < 0) return fieldProblem(end)
  if (end - from > limits.headBytes) return headTooLarge(limits)
  lines.text = bytes.toString("latin1", from, end)
  return lines
}

/** The answer to a head larger than the limit allows, in either direction. */
export const headTooLarge = (limits: HttpLimits): HttpProblem =>
  problem(431, "head-too-large", `the head is larger than the limit of ${limits.headBytes} bytes`)

/** How many fields there are. */
export const fieldCount = (lines: FieldLines): number => lines.marks.length

const kindAt = (lines: FieldLines, index: number): number => 1 << ((lines.marks[index] as number) & 31)

const lineAt = (lines: FieldLines, index: number): number => (lines.marks[index] as number) >>> 5

/** Where the line of the field `index` ends, its CR LF included. */
const lineEnd = (lines: FieldLines, index: number): number =>
  index + 1 < lines.marks.length ? lineAt(lines, index + 1) : lines.text.length - 2

/** The name of the field `index`, in lower case. */
export const fieldName = (lines: FieldLines, index: number): string => {
  const start = lineAt(lines, index)
  return lines.text.slice(start, lines.text.indexOf(":", start)).toLowerCase()
}

/** The value of the field `index`, without the spaces around it. */
export const fieldValue = (lines: FieldLines, index: number): string => {
  const { text } = lines
  let start = text.indexOf(":", lineAt(lines, index)) + 1
  let end = lineEnd(lines, index) - 2
  // Not trim(): it takes the byte 0xa0 for a space, which here is part of the value.
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isSpace = (code: number): boolean => code === SP || code === HTAB

/** The values of all fields of `kind`, in order. */
export const valuesOf = (lines: FieldLines, kind: number): ReadonlyArray<string> => {
  const values: Array<string> = []
  if ((lines.seen & kind) === 0) return values
  for (let index = 0; index < fieldCount(lines); index++) {
    if ((kindAt(lines, index) & kind) !== 0) values.push(fieldValue(lines, index))
  }
  return values
}

/** The value of the first field of `kind`, or undefined. */
export const valueOf = (lines: FieldLines, kind: number): string | undefined => {
  if ((lines.seen & kind) === 0) return undefined
  for (let index = 0; index < fieldCount(lines); index++) {
    if ((kindAt(lines, index) & kind) !== 0) return fieldValue(lines, index)
  }
  return undefined
}

/** The values of the fields called `name` (lower case), in order. */
export const valuesNamed = (lines: FieldLines, name: string): ReadonlyArray<string> => {
  const values: Array<string> = []
  for (let index = 0; index < fieldCount(lines); index++) {
    const start = lineAt(lines, index)
    if (lines.text.charCodeAt(start + name.length) === COLON && fieldName(lines, index) === name) {
      values.push(fieldValue(lines, index))
    }
  }
  return values
}

/** The elements of the comma-separated lists that fields of `kind` hold, in lower case, empty ones left out. */
export const listOf = (lines: FieldLines, kind: number): ReadonlyArray<string> => {
  const elements: Array<string> = []
  for (const value of valuesOf(lines, kind)) {
    for (const element of value.split(",")) {
      const trimmed = element.trim().toLowerCase()
      if (trimmed !== "") elements.push(trimmed)
    }
  }
  return elements
}

/** What `Connection` says: whether to close or to keep, and the fields it names as this connection's alone. */
export interface ConnectionOptions {
  readonly close: boolean
  readonly keepAlive: boolean
  readonly named: ReadonlySet<string> | undefined
}

const silent: ConnectionOptions = { close: false, keepAlive: false, named: undefined }
const keeps: ConnectionOptions = { close: false, keepAlive: true, named: undefined }
const closes: ConnectionOptions = { close: true, keepAlive: false, named: undefined }

export const connectionOptions = (lines: FieldLines): ConnectionOptions => {
  if ((lines.seen & CONNECTION) === 0) return silent
  const value = (lines.repeated & CONNECTION) === 0 ? valueOf(lines, CONNECTION) : undefined
  if (value === "keep-alive" || value === "Keep-Alive") return keeps
  if (value === "close") return closes
  const named = new Set(listOf(lines, CONNECTION))
  const close = named.delete("close")
  const keepAlive = named.delete("keep-alive")
  if (named.size === 0) return close ? closes : keepAlive ? keeps : silent
  return { close, keepAlive, named }
}

/**
 * The field lines to pass on, each ending in CR LF: all but those of a kind in `dropped` and those in `named`.
 *
 * @param from where in the head to begin: `lines.start`, or 0 to keep the first line too.
 */
export const keptLines = (
  lines: FieldLines,
  from: number,
  dropped: number,
  named: ReadonlySet<string> | undefined,
): string => {
  const { text } = lines
  const end = text.length - 2
  if ((lines.seen & dropped) === 0 && named === undefined) return text.slice(from, end)
  let kept = ""
  let run = from
  const count = fieldCount(lines)
  for (let index = 0; index < count; index++) {
    const kind = kindAt(lines, index)
    // A sender cannot have a field that frames the message or names its host dropped by naming it.
    if (
      (kind & dropped) === 0 &&
      (named === undefined || kind !== OTHER || !named.has(fieldName(lines, index)))
    )
      continue
    const line = lineAt(lines, index)
    if (line > run) kept += text.slice(run, line)
    run = lineEnd(lines, index)
  }
  return run < end ? kept + text.slice(run, end) : kept
}
