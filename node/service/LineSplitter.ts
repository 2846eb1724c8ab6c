const NEWLINE = 0x0a
const RETURN = "\r"

/**
 * Cuts a stream of bytes into lines of UTF-8, whatever the pieces it arrives in. Nothing is lost and memory is
 * bounded: a line of more than `maxBytes` comes out as several, cut between characters.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #rest: Buffer = Buffer.alloc(0)

  /** @param maxBytes longest line handed out, in bytes without the newline; at least 4 (one character) */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that `chunk` completes, without their newline (`\n` or `\r\n`). */
  push(chunk: Buffer): Array<string> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const lines: Array<string> = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      start = this.#cut(bytes, start, end, lines)
      const line = bytes.toString("utf8", start, end)
      lines.push(line.endsWith(RETURN) ? line.slice(0, -1) : line)
      start = end + 1
    }
    start = this.#cut(bytes, start, bytes.length, lines)
    // A copy, so that a short rest does not keep a whole chunk alive.
    this.#rest = Buffer.from(bytes.subarray(start))
    return lines
  }

  /** The unfinished line at the end of the stream, if there is one. */
  end(): Array<string> {
    const rest = this.#rest.toString("utf8")
    this.#rest = Buffer.alloc(0)
    return rest === "" ? [] : [rest]
  }

  /** Hands out full-length pieces of bytes[start, end) and returns where the remainder begins. */
  #cut(bytes: Buffer, start: number, end: number, lines: Array<string>): number {
    let from = start
    while (end - from > this.#maxBytes) {
      const to = characterStart(bytes, from + this.#maxBytes)
      lines.push(bytes.toString("utf8", from, to))
      from = to
    }
    return from
  }
}

/** Where the character begins that `at` is in: up to three bytes before; `at` itself if that is no UTF-8. */
const characterStart = (bytes: Buffer, at: number): number => {
  for (let start = at; start >= at - 3; start--) {
    // A continuation byte is 10xxxxxx.
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start
  }
  return at
}
