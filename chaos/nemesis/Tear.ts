import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from "node:fs"

/** A part of a file: from byte `from` to before byte `to`. */
export interface Region {
  readonly file: string
  readonly from: number
  readonly to: number
}

/** Of SQLite's write-ahead log (https://sqlite.org/fileformat2.html, section 4). */
const HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24

/**
 * Looks at a journal while its peer stands still, and tells what of its log was written after the last flush that was
 * completed. The file `flushed` counts the flushes, each of which was one transaction of the log; so one that the log has
 * and the file does not count is known as soon as both were seen in step.
 */
export class FlushWatch {
  private readonly database: string
  private readonly log: string
  private readonly mark: string
  /** Transactions less flushes where they are in step, by the use of the log. */
  private readonly inStep = new Map<string, number>()

  /** @param mark the file that counts the flushes */
  constructor(database: string, mark: string) {
    this.database = database
    this.log = `${database}-wal`
    this.mark = mark
  }

  /** What lies behind the last flush; null if there is nothing, or if that cannot be told yet. */
  look(): Region | null {
    const bytes = readFileSync(this.log)
    if (bytes.length < HEAD_BYTES) return null
    const salts = bytes.subarray(16, 24)
    const frameBytes = FRAME_HEAD_BYTES + bytes.readUInt32BE(8)
    const ends: Array<number> = []
    let at = HEAD_BYTES
    // A log is used again from its beginning: frames with other salts are of before.
    for (; at + FRAME_HEAD_BYTES <= bytes.length; at += frameBytes) {
      if (!salts.equals(bytes.subarray(at + 8, at + 16))) break
      if (bytes.readUInt32BE(at + 4) !== 0) ends.push(at + frameBytes)
    }
    const to = Math.min(at, bytes.length)
    const flushed = Number(readFileSync(this.mark).readBigUInt64BE(8))
    const ahead = ends.length - flushed
    const use = salts.toString("hex")
    const least = Math.min(this.inStep.get(use) ?? ahead, ahead)
    this.inStep.set(use, least)
    const count = least + flushed
    const from = count <= 0 ? HEAD_BYTES : (ends[count - 1] ?? to)
    return from < to && !this.isMoved(bytes.subarray(from, to), frameBytes)
      ? { file: this.log, from, to }
      : null
  }

  /** Whether a page of these frames is in the database: it was moved there only after the log was flushed. */
  private isMoved(frames: Buffer, frameBytes: number): boolean {
    const database = openSync(this.database, "r")
    const page = Buffer.alloc(frameBytes - FRAME_HEAD_BYTES)
    try {
      for (let at = 0; at + frameBytes <= frames.length; at += frameBytes) {
        const place = (frames.readUInt32BE(at) - 1) * page.length
        const there = readSync(database, page, 0, page.length, place)
        if (there === page.length && page.equals(frames.subarray(at + FRAME_HEAD_BYTES, at + frameBytes)))
          return true
      }
      return false
    } finally {
      closeSync(database)
    }
  }
}

/**
 * Damages a region at its end, as a loss of power in the midst of a write may: an even number of bytes is cut off, with all that
 * follows, an odd one is changed.
 *
 * @returns how many
 */
export const damage = ({ file, from, to }: Region, bytes: number): number => {
  const count = Math.min(bytes, to - from)
  const open = openSync(file, "r+")
  try {
    if (bytes % 2 === 0) ftruncateSync(open, to - count)
    else {
      const part = Buffer.alloc(count)
      readSync(open, part, 0, count, to - count)
      writeSync(
        open,
        part.map((byte) => byte ^ 0xff),
        0,
        count,
        to - count,
      )
    }
  } finally {
    closeSync(open)
  }
  return count
}
