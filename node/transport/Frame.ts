/**
 * On the wire everything is a frame: the length of its body as four bytes, most significant first, then the body. A
 * body is never empty.
 */
export const HEADER_BYTES = 4

/** Longest body in bytes, 4 MiB: a journal entry holds a request and a response of up to 1 MiB each, with their heads. */
export const FRAME_LIMIT = 2 ** 22

/** A buffer for a frame in pieces larger than this is given back when the frame is done with. */
const KEPT_BYTES = 2 ** 16

/** Writes the header of a frame with a body of `length` bytes to `bytes[at]` to `bytes[at + 3]`. */
export const writeHeader = (bytes: Uint8Array, at: number, length: number): void => {
  bytes[at] = length >>> 24
  bytes[at + 1] = length >>> 16
  bytes[at + 2] = length >>> 8
  bytes[at + 3] = length
}

const readHeader = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

/** A whole frame around `body`. */
export const frameOf = (body: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(HEADER_BYTES + body.length)
  writeHeader(frame, 0, body.length)
  frame.set(body, HEADER_BYTES)
  return frame
}

/**
 * Finds the frames in a stream that comes in chunks cut anywhere. `push` a chunk, then call `next` until it says
 * `more`; after each `frame` the body is `bytes[start]` to `bytes[end - 1]`, valid until the following call.
 *
 * A frame that lies whole in a chunk is read where it is. One in pieces is put together in a buffer that grows with
 * what has come, so that a length alone, which anybody can claim, takes no memory, and every byte is copied at most
 * a few times.
 */
export class FrameParser {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Longest body accepted from now on, in bytes. */
  limit: number
  /** After `broken`: why. */
  problem = ""

  private chunk: Uint8Array = new Uint8Array(0)
  private at = 0
  private pieces: Uint8Array = new Uint8Array(0)
  /** How many bytes of an incomplete frame, header included, are in `pieces`. */
  private held = 0

  constructor(limit: number = FRAME_LIMIT) {
    this.limit = limit
  }

  push(chunk: Uint8Array): void {
    if (this.at < this.chunk.length) {
      const both = new Uint8Array(this.chunk.length - this.at + chunk.length)
      both.set(this.chunk.subarray(this.at))
      both.set(chunk, this.chunk.length - this.at)
      this.chunk = both
    } else {
      this.chunk = chunk
    }
    this.at = 0
  }

  /** Copies what is left of the chunk, which is about to be written over. */
  keep(): void {
    if (this.at === this.chunk.length) return
    this.chunk = new Uint8Array(this.chunk.subarray(this.at))
    this.at = 0
  }

  /** `broken` when no frame can be found from here on; it stays so. */
  next(): "frame" | "more" | "broken" {
    if (this.problem !== "") return "broken"
    if (this.held > 0) return this.nextInPieces()
    const { chunk, at } = this
    const left = chunk.length - at
    if (left >= HEADER_BYTES) {
      const length = readHeader(chunk, at)
      if (!this.accepts(length)) return "broken"
      if (left >= HEADER_BYTES + length) {
        this.bytes = chunk
        this.start = at + HEADER_BYTES
        this.end = this.at = this.start + length
        return "frame"
      }
    }
    if (left > 0) this.hold(left)
    this.bytes = this.chunk = new Uint8Array(0)
    this.at = 0
    return "more"
  }

  private nextInPieces(): "frame" | "more" | "broken" {
    if (!this.fill(HEADER_BYTES)) return "more"
    const length = readHeader(this.pieces, 0)
    if (!this.accepts(length)) return "broken"
    if (!this.fill(HEADER_BYTES + length)) return "more"
    this.bytes = this.pieces
    this.start = HEADER_BYTES
    this.end = HEADER_BYTES + length
    this.held = 0
    if (this.pieces.length > KEPT_BYTES) this.pieces = new Uint8Array(0)
    return "frame"
  }

  /** Takes from the chunk until `wanted` bytes are held; whether they are. */
  private fill(wanted: number): boolean {
    const take = Math.min(wanted - this.held, this.chunk.length - this.at)
    if (take > 0) this.hold(take)
    return this.held >= wanted
  }

  private hold(count: number): void {
    const { held, at } = this
    if (held + count > this.pieces.length) {
      const grown = new Uint8Array(Math.max(64, 2 * this.pieces.length, held + count))
      grown.set(this.pieces.subarray(0, held))
      this.pieces = grown
    }
    this.pieces.set(this.chunk.subarray(at, at + count), held)
    this.held = held + count
    this.at = at + count
  }

  private accepts(length: number): boolean {
    if (length > 0 && length <= this.limit) return true
    this.problem =
      length === 0 ? "an empty frame" : `a frame of ${length} bytes, where at most ${this.limit} are allowed`
    return false
  }
}
