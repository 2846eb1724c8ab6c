import { type Hash, NO_HASH } from "../replication/Durable.ts"
import type { RingId } from "../ring/RingId.ts"
import { HASH_BYTES, readHashBytes } from "./HashBytes.ts"
import { ID_BYTES, readIdBytes } from "./IdBytes.ts"

/** Why bytes are no message: what is wrong, and the offset of the byte where it shows, from the start of the frame. */
export interface DecodeProblem {
  readonly type: "Problem"
  readonly offset: number
  /** "FIELD: what is wrong with it"; no text out of the bytes is in it. */
  readonly problem: string
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** What a byte of a text may be; bits, by byte value. */
const NAME = 1
const HOST = 2
const kinds = new Uint8Array(256)
for (let byte = 0; byte < 128; byte++) {
  const char = String.fromCharCode(byte)
  if (/[A-Za-z0-9._-]/.test(char)) kinds[byte] = NAME
  if (/[A-Za-z0-9.-]/.test(char)) kinds[byte] = (kinds[byte] as number) | HOST
}

const COLON = 0x3a
const OPEN = 0x5b
const CLOSE = 0x5d

/** Most characters of a name (core/peer/Genesis.ts). */
const NAME_LENGTH = 64

/**
 * Reads a frame from front to back. It never throws: at the first thing that is wrong it notes where and what, and
 * from then on everything reads as zero and empty. Whoever uses it must ask {@link Reader.finish} in the end, and stop
 * loops when {@link Reader.failed}.
 */
export class Reader {
  private readonly bytes: Uint8Array
  private readonly start: number
  private readonly end: number
  private at: number
  private found: DecodeProblem | undefined

  /** Reads `bytes[start]` to `bytes[end - 1]`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.at = start
    this.end = end
  }

  get failed(): boolean {
    return this.found !== undefined
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.at
  }

  /** Where the next byte is read, for {@link Reader.fail} later. */
  get here(): number {
    return this.at
  }

  /** Notes that `problem` shows at `at`, unless something was wrong before. */
  fail(problem: string, at: number = this.at): void {
    this.found ??= { type: "Problem", offset: at - this.start, problem }
    this.at = this.end
  }

  /** What was wrong, if anything; bytes left over are wrong too. */
  finish(): DecodeProblem | undefined {
    if (this.found === undefined && this.at < this.end) this.fail("the message ends before this byte")
    return this.found
  }

  byte(field: string): number {
    if (this.at < this.end) return this.bytes[this.at++] as number
    this.fail(`${field}: the bytes end here`)
    return 0
  }

  /**
   * An integer from 0 to `most`, in its shortest form.
   *
   * @param most at most 2^53 - 1
   */
  varint(field: string, most: number): number {
    const from = this.at
    if (from < this.end) {
      const first = this.bytes[from] as number
      if (first < 128 && first <= most) {
        this.at = from + 1
        return first
      }
    }
    return this.longVarint(field, most)
  }

  private longVarint(field: string, most: number): number {
    const from = this.at
    let value = 0
    // Beyond eight groups the value cannot be exact; the check below has refused it by then.
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte(field)
      if (this.failed) return 0
      value += (byte & 127) * scale
      if (value > most) {
        this.fail(`${field}: larger than ${most}`, from)
        return 0
      }
      if (byte < 128) {
        if (byte === 0 && scale > 1) this.fail(`${field}: not in its shortest form`, from)
        return this.failed ? 0 : value
      }
      if (scale > 2 ** 42) {
        this.fail(`${field}: longer than 8 bytes`, from)
        return 0
      }
    }
  }

  bool(field: string): boolean {
    const byte = this.byte(field)
    if (byte > 1) this.fail(`${field}: must be 0 or 1`, this.at - 1)
    return byte === 1
  }

  id(field: string): RingId {
    if (this.left < ID_BYTES) {
      this.fail(`${field}: the bytes end before its 20 bytes do`, this.end)
      return "" as RingId
    }
    const id = readIdBytes(this.bytes, this.at)
    this.at += ID_BYTES
    return id
  }

  hash(field: string): Hash {
    if (this.left < HASH_BYTES) {
      this.fail(`${field}: the bytes end before its 32 bytes do`, this.end)
      return NO_HASH
    }
    const hash = readHashBytes(this.bytes, this.at)
    this.at += HASH_BYTES
    return hash
  }

  /** The next `length` bytes where they lie: whoever keeps them for longer than the frame copies them. */
  view(field: string, length: number): Uint8Array {
    if (length > this.left) {
      this.fail(`${field}: ${length} bytes long, and only ${this.left} are left`)
      return EMPTY
    }
    const from = this.at
    this.at = from + length
    return this.bytes.subarray(from, this.at)
  }

  /** The next 12 bits, which are not read by that; 0 when they are not there. */
  peek12(): number {
    if (this.left < 2) return 0
    return ((this.bytes[this.at] as number) << 4) | ((this.bytes[this.at + 1] as number) >> 4)
  }

  /** Reads `expected` if that is what comes next; whether it was. */
  skip(expected: Uint8Array): boolean {
    const { bytes, at } = this
    const { length } = expected
    if (at + length > this.end) return false
    for (let i = 0; i < length; i++) if (bytes[at + i] !== expected[i]) return false
    this.at = at + length
    return true
  }

  /** The last `length` bytes read. */
  copyOfLast(length: number): Uint8Array {
    return new Uint8Array(this.bytes.subarray(this.at - length, this.at))
  }

  /** Any text in UTF-8. */
  text(field: string): string {
    const from = this.at
    const length = this.length(field)
    const start = this.at
    this.at = start + length
    for (let i = start; i < this.at; i++) {
      if ((this.bytes[i] as number) > 127) {
        try {
          return utf8.decode(this.bytes.subarray(start, this.at))
        } catch {
          this.fail(`${field}: not UTF-8`, from)
          return ""
        }
      }
    }
    return length > ASCII_DIRECT
      ? utf8.decode(this.bytes.subarray(start, this.at))
      : ascii(this.bytes, start, this.at)
  }

  /** A text of 1 to `most` bytes of UTF-8. */
  shortText(field: string, most: number): string {
    const from = this.at
    const text = this.text(field)
    const bytes = this.at - from - (this.at - from > 128 ? 2 : 1)
    if (!this.failed && (bytes < 1 || bytes > most)) this.fail(`${field}: must be 1 to ${most} bytes`, from)
    return text
  }

  /** A peer's or cluster's name, as `isName` of core/peer/Genesis.ts says. */
  name(field: string): string {
    const from = this.at
    const length = this.length(field)
    const start = this.at
    const end = start + length
    let all = NAME
    for (let i = start; i < end; i++) all &= kinds[this.bytes[i] as number] as number
    if (length === 0 || length > NAME_LENGTH || all === 0) {
      this.fail(`${field}: must be 1 to 64 characters of A-Z a-z 0-9 . _ -`, from)
      return ""
    }
    this.at = end
    return ascii(this.bytes, start, end)
  }

  /** `host:port`, as `isAddress` of core/peer/Genesis.ts says. */
  address(field: string): string {
    const from = this.at
    const length = this.length(field)
    const start = this.at
    const end = start + length
    if (this.failed || !isAddressAt(this.bytes, start, end)) {
      this.fail(`${field}: must be host:port with a port from 1 to 65535`, from)
      return ""
    }
    this.at = end
    return ascii(this.bytes, start, end)
  }

  private length(field: string): number {
    const from = this.at
    const length = this.varint(field, Number.MAX_SAFE_INTEGER)
    if (length <= this.left) return length
    this.fail(`${field}: ${length} bytes long, and only ${this.left} are left`, from)
    return 0
  }
}

const EMPTY = new Uint8Array(0)

/**
 * Longer texts go through TextDecoder, which takes 1.6 times as long and makes them in one piece: what a journal keeps for
 * long, request ids above all, would lie about as ropes of many pieces.
 */
const ASCII_DIRECT = 24

/** A string of ASCII bytes: a few characters at a time, because each call and each concatenation costs. */
const ascii = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ""
  let i = start
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(
      bytes[i] as number,
      bytes[i + 1] as number,
      bytes[i + 2] as number,
      bytes[i + 3] as number,
      bytes[i + 4] as number,
      bytes[i + 5] as number,
      bytes[i + 6] as number,
      bytes[i + 7] as number,
    )
  }
  for (; i < end; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}

/** Whether the bytes read as `host:port`: a host of [A-Za-z0-9.-] or [hex and colons], a port of 1 to 5 digits. */
const isAddressAt = (bytes: Uint8Array, start: number, end: number): boolean => {
  let colon = end - 1
  let port = 0
  let scale = 1
  for (; colon > start; colon--) {
    const digit = (bytes[colon] as number) - 0x30
    if (digit < 0 || digit > 9) break
    port += digit * scale
    scale *= 10
  }
  if (bytes[colon] !== COLON || scale === 1 || scale > 100_000 || port < 1 || port > 65_535) return false
  if (bytes[start] === OPEN) return isBracketed(bytes, start, colon)
  let all = HOST
  for (let i = start; i < colon; i++) all &= kinds[bytes[i] as number] as number
  return colon > start && all !== 0
}

const isBracketed = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start < 3 || bytes[end - 1] !== CLOSE) return false
  for (let i = start + 1; i < end - 1; i++) {
    const byte = bytes[i] as number
    const hex = (byte >= 0x30 && byte <= 0x39) || ((byte | 32) >= 0x61 && (byte | 32) <= 0x66)
    if (!hex && byte !== COLON) return false
  }
  return true
}
