import { closeSync, openSync, readSync } from "node:fs"

/**
 * How far a write-ahead log of SQLite is whole. SQLite drops, without a word, all that follows the first frame whose
 * checksum does not hold; this tells where that is, and whether more than an unfinished write was dropped there
 * (https://sqlite.org/fileformat2.html, section 4).
 */
export interface WalScan {
  /** Byte at which the last whole transaction ends; 0 if the file is missing, empty, or its head is damaged. */
  readonly end: number
  /** Byte at which the first frame that is not whole begins; null when the log ends where it should. */
  readonly broken: number | null
  /**
   * Behind it there is something that was begun only after the broken transaction had been flushed: that one was not
   * the last, so what is broken was whole once.
   */
  readonly flushedBeyond: boolean
}

const HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24
const MAGIC = 0x377f0682

/** @throws the file system's error, unless there is no such file */
export const scanWal = (path: string): WalScan => {
  let file: number
  try {
    file = openSync(path, "r")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return EMPTY
    throw error
  }
  try {
    return scan(file)
  } finally {
    closeSync(file)
  }
}

const EMPTY: WalScan = { end: 0, broken: null, flushedBeyond: false }

const scan = (file: number): WalScan => {
  const head = Buffer.alloc(HEAD_BYTES)
  const headBytes = readSync(file, head, 0, HEAD_BYTES, 0)
  if (headBytes === 0) return EMPTY
  const magic = head.readUInt32BE(0)
  const isBigEndian = magic === MAGIC + 1
  const pageSize = head.readUInt32BE(8)
  const sums = new Checksums(isBigEndian)
  sums.add(head, 0, 24)
  if (headBytes < HEAD_BYTES || (magic !== MAGIC && !isBigEndian) || !sums.are(head, 24)) {
    return { end: 0, broken: 0, flushedBeyond: false }
  }
  const salts = head.subarray(16, 24)
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + pageSize)
  let end = HEAD_BYTES
  let broken: number | null = null
  let committed = false
  for (let at = HEAD_BYTES; ; at += frame.length) {
    const got = readSync(file, frame, 0, frame.length, at)
    // The log is used again from its beginning once all of it is in the database: other salts are of an earlier use.
    const isOurs = got >= 16 && salts.equals(frame.subarray(8, 16))
    if (got === 0 || (got >= 16 && !isOurs)) return { end, broken, flushedBeyond: false }
    const commits = got >= 8 && frame.readUInt32BE(4) !== 0
    if (broken === null) {
      const isWhole = got === frame.length && sums.next(frame)
      if (isWhole && commits) end = at + frame.length
      if (isWhole) continue
      broken = at
      committed = commits
    } else {
      if (committed && isOurs) return { end, broken, flushedBeyond: true }
      committed = commits
    }
    if (got < frame.length) return { end, broken, flushedBeyond: false }
  }
}

/** The running checksum of a log: two sums over words, in the byte order that its head says. */
class Checksums {
  private readonly isBigEndian: boolean
  private first = 0
  private second = 0

  constructor(isBigEndian: boolean) {
    this.isBigEndian = isBigEndian
  }

  add(bytes: Buffer, from: number, to: number): void {
    let { first, second } = this
    for (let at = from; at < to; at += 8) {
      first = (first + this.word(bytes, at) + second) | 0
      second = (second + this.word(bytes, at + 4) + first) | 0
    }
    this.first = first
    this.second = second
  }

  are(bytes: Buffer, at: number): boolean {
    return bytes.readInt32BE(at) === this.first && bytes.readInt32BE(at + 4) === this.second
  }

  /** Whether the frame follows. */
  next(frame: Buffer): boolean {
    this.add(frame, 0, 8)
    this.add(frame, FRAME_HEAD_BYTES, frame.length)
    return this.are(frame, 16)
  }

  private word(bytes: Buffer, at: number): number {
    return this.isBigEndian ? bytes.readInt32BE(at) : bytes.readInt32LE(at)
  }
}
