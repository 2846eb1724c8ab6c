import type { Hash } from "../replication/Durable.ts"
import type { RingId } from "../ring/RingId.ts"
import { HASH_BYTES, writeHashBytes } from "./HashBytes.ts"
import { ID_BYTES, writeIdBytes } from "./IdBytes.ts"

/** Longest varint: 2^53 - 1 in groups of 7 bits. */
const VARINT_BYTES = 8

const encoder = new TextEncoder()

/**
 * Bytes that grow at the end. Whoever writes a frame may go back to `at` to fill in a length, or set it back to take
 * a frame away again.
 */
export class Writer {
  bytes: Uint8Array<ArrayBuffer>
  /** How many bytes are written. */
  at = 0

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for `more` bytes; the buffer at least doubles, so that writing stays linear. */
  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.at))
    this.bytes = grown
  }

  /** @param value 0 to 255 */
  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  /**
   * An integer in groups of 7 bits, the least significant first, the top bit of a byte saying that more follow.
   *
   * @param value 0 to 2^53 - 1
   * @throws RangeError for anything else
   */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`cannot encode ${value}: expected a whole number from 0 to 2^53 - 1`)
    }
    this.reserve(VARINT_BYTES)
    let rest = value
    // Bit operations work on 32 bits, so what is larger is divided down first.
    while (rest > 0x7fff_ffff) {
      this.bytes[this.at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      this.bytes[this.at++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  id(id: RingId): void {
    this.reserve(ID_BYTES)
    writeIdBytes(this.bytes, this.at, id)
    this.at += ID_BYTES
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes
    this.reserve(length)
    const { bytes: target, at } = this
    // For the few bytes that this is used for a loop is faster than `set`.
    for (let i = 0; i < length; i++) target[at + i] = bytes[i] as number
    this.at = at + length
  }

  hash(hash: Hash): void {
    this.reserve(HASH_BYTES)
    writeHashBytes(this.bytes, this.at, hash)
    this.at += HASH_BYTES
  }

  /** Any bytes, however many; their length is not written. */
  block(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** UTF-8 behind its length in bytes. A lone surrogate becomes U+FFFD, as there is no UTF-8 for it. */
  text(text: string): void {
    const start = this.at
    this.varint(text.length)
    this.reserve(text.length)
    const { bytes } = this
    let at = this.at
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.at = start
        this.wideText(text)
        return
      }
      bytes[at++] = code
    }
    this.at = at
  }

  /**
   * A text of 1 to `most` bytes of UTF-8; `most` is at most 16,383.
   *
   * @throws RangeError for any other
   */
  shortText(text: string, most: number): void {
    const start = this.at
    this.text(text)
    const written = this.at - start
    // Its length took one byte, or two from 128 on.
    const bytes = written > 128 ? written - 2 : written - 1
    if (bytes < 1 || bytes > most) {
      throw new RangeError(`cannot encode a text of ${bytes} bytes: from 1 to ${most}`)
    }
  }

  private wideText(text: string): void {
    const utf8 = encoder.encode(text)
    this.varint(utf8.length)
    this.reserve(utf8.length)
    this.bytes.set(utf8, this.at)
    this.at += utf8.length
  }

  /** A copy of what is written. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at)
  }
}
