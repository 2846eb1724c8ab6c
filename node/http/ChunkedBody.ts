import { readFields } from "./FieldLines.ts"
import { defaultLimits } from "./HttpLimits.ts"
import { CR, HEX, LF, VALUE } from "./Grammar.ts"

/** Where the data of a chunked body goes. `bytes` is the reader's buffer: take what is needed before returning. */
export type TakeBytes = (bytes: Buffer, from: number, to: number) => void

/** Digits of a chunk size: 2^32 and more is no chunk. */
const SIZE_DIGITS = 8
/** Bytes of all extensions and of the trailer, which are read and dropped. */
const EXTRA_BYTES = 8_192
const TRAILER_LIMITS = { ...defaultLimits, headBytes: EXTRA_BYTES }

const SIZE = 0
const EXTENSION = 1
const SIZE_LF = 2
const DATA = 3
const DATA_CR = 4
const DATA_LF = 5
const TRAILER = 6
const DONE = 7
const BROKEN = 8

/**
 * Takes a chunked body (RFC 9112 section 7.1) apart as its bytes arrive, in pieces of any size. Nothing lenient:
 * sizes are hexadecimal digits, lines end in CR LF.
 */
export class ChunkedBody {
  private state = SIZE
  private digits = 0
  private left = 0
  private extra = 0
  private trailer: Buffer | undefined

  /** The body has come to its end. */
  get done(): boolean {
    return this.state === DONE
  }

  /**
   * Reads `bytes[from, to)` until the body's end or theirs.
   *
   * @returns the place up to which bytes were used, or -1 when the framing is broken.
   */
  read(bytes: Buffer, from: number, to: number, take: TakeBytes): number {
    let i = from
    while (i < to && this.state < DONE) {
      if (this.state === DATA) {
        const end = Math.min(to, i + this.left)
        take(bytes, i, end)
        this.left -= end - i
        i = end
        if (this.left === 0) this.state = DATA_CR
      } else if (this.state === TRAILER) {
        i = this.readTrailer(bytes, i, to)
      } else {
        this.step(bytes[i] as number)
        i++
      }
    }
    return this.state === BROKEN ? -1 : i
  }

  private step(byte: number): void {
    switch (this.state) {
      case SIZE: {
        const digit = HEX[byte] as number
        if (digit !== 0xff && this.digits < SIZE_DIGITS) {
          this.digits++
          this.left = this.left * 16 + digit
        } else if (this.digits === 0 || digit !== 0xff) this.state = BROKEN
        else if (byte === CR) this.state = SIZE_LF
        else this.state = byte === 0x3b ? EXTENSION : BROKEN
        return
      }
      case EXTENSION:
        if (byte === CR) this.state = SIZE_LF
        else if (VALUE[byte] !== 1 || ++this.extra > EXTRA_BYTES) this.state = BROKEN
        return
      case SIZE_LF:
        this.state = byte !== LF ? BROKEN : this.left === 0 ? TRAILER : DATA
        this.digits = 0
        return
      case DATA_CR:
        this.state = byte === CR ? DATA_LF : BROKEN
        return
      default:
        this.state = byte === LF ? SIZE : BROKEN
    }
  }

  private readTrailer(bytes: Buffer, from: number, to: number): number {
    const held = this.trailer?.length ?? 0
    // Almost always the bare CR LF, which needs no copy.
    const whole =
      this.trailer === undefined
        ? bytes.subarray(from, to)
        : Buffer.concat([this.trailer, bytes.subarray(from, to)])
    const lines = readFields(whole, 0, 0, whole.length, TRAILER_LIMITS)
    if (lines === undefined) {
      this.trailer = this.trailer === undefined ? Buffer.from(whole) : whole
      if (whole.length + this.extra > EXTRA_BYTES) this.state = BROKEN
      return to
    }
    this.state = lines.ok ? DONE : BROKEN
    return lines.ok ? from + lines.text.length - held : -1
  }
}
