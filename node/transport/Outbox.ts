import { encodeTo } from "../../core/codec/Codec.ts"
import { Writer } from "../../core/codec/Writer.ts"
import type { Message } from "../../core/peer/Message.ts"
import { FRAME_LIMIT, HEADER_BYTES, writeHeader } from "./Frame.ts"

/** A buffer larger than this is given back when it is empty, in bytes. */
const KEPT_BYTES = 2 ** 18

/**
 * Messages on their way out, as frames one behind another in a single buffer, so that whatever was sent in one tick
 * goes to the socket in one write. Bounded: the oldest frames are dropped to make room for new ones.
 */
export class Outbox {
  /** Frames waiting, and their bytes. */
  frames = 0
  bytes = 0
  /** Frames dropped since the start. */
  dropped = 0

  private readonly maxFrames: number
  private readonly maxBytes: number
  private writer = new Writer()
  /** Lengths of the frames in the buffer; those before `first` are gone, and so are the bytes before `from`. */
  private lengths: Array<number> = []
  private first = 0
  private from = 0

  constructor(maxFrames: number, maxBytes: number) {
    this.maxFrames = maxFrames
    this.maxBytes = maxBytes
  }

  /**
   * Puts `message` behind the others.
   *
   * @returns undefined, or why it cannot be sent at all
   */
  push(message: Message): string | undefined {
    const { writer } = this
    const start = writer.at
    writer.reserve(HEADER_BYTES)
    writer.at += HEADER_BYTES
    try {
      encodeTo(writer, message)
    } catch (error) {
      writer.at = start
      return `${message.type}: ${error instanceof Error ? error.message : String(error)}`
    }
    const length = writer.at - start
    if (length - HEADER_BYTES > FRAME_LIMIT) {
      writer.at = start
      return `${message.type}: ${length - HEADER_BYTES} bytes, and a frame holds at most ${FRAME_LIMIT}`
    }
    writeHeader(writer.bytes, start, length - HEADER_BYTES)
    this.lengths.push(length)
    this.frames++
    this.bytes += length
    while (this.frames > this.maxFrames || this.bytes > this.maxBytes) {
      this.forgetFirst()
      this.dropped++
    }
    return undefined
  }

  /** Takes frames from the front: as many as fit in `most` bytes, and one at least; undefined when there is none. */
  take(most: number): Buffer | undefined {
    if (this.frames === 0) return undefined
    const start = this.from
    let end = start
    while (this.frames > 0 && (end === start || end - start + (this.lengths[this.first] as number) <= most)) {
      end += this.lengths[this.first] as number
      this.shift()
    }
    // A copy, because the socket may keep what it is given long after this buffer is written anew.
    const taken = Buffer.from(this.writer.bytes.subarray(start, end))
    this.tidy()
    return taken
  }

  /** Drops all that waits. */
  clear(): void {
    this.dropped += this.frames
    this.first = this.lengths.length
    this.from = this.writer.at
    this.frames = 0
    this.bytes = 0
    this.tidy()
  }

  private forgetFirst(): void {
    this.shift()
    this.tidy()
  }

  private shift(): void {
    const length = this.lengths[this.first++] as number
    this.from += length
    this.bytes -= length
    this.frames--
  }

  /** Moves what waits to the front of the buffer once more than half of it is gone, so that each byte moves once. */
  private tidy(): void {
    const { writer } = this
    if (this.frames === 0) {
      if (writer.bytes.length > KEPT_BYTES) this.writer = new Writer()
      this.writer.at = 0
      this.from = 0
      this.first = 0
      this.lengths.length = 0
    } else if (this.from > this.bytes && this.first > this.frames) {
      writer.bytes.copyWithin(0, this.from, writer.at)
      writer.at -= this.from
      this.from = 0
      this.lengths = this.lengths.slice(this.first)
      this.first = 0
    }
  }
}
