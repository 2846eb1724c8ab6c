import { closeSync, fsyncSync, openSync, readFileSync, write, writeSync } from "node:fs"
import { crc32 } from "node:zlib"

/**
 * A tiny file beside the database that says which batch was flushed last. It is written in place some time after each
 * flush and not flushed itself: closing leaves it exact, a kill or a loss of power at worst older, and never newer
 * than what was flushed. A database that ends before it has lost something that was acknowledged.
 *
 * Layout: "RSFLUSH1", the number as a big-endian 64-bit integer, the CRC-32 of both. So few bytes are within one
 * sector, which disks write whole.
 */
export class FlushMark {
  private readonly file: number
  private readonly onFailed: (error: Error) => void
  private readonly bytes = Buffer.alloc(MARK_BYTES)
  /** What was written to the file from here, or is being written, and what it should hold. */
  private written = -1
  private batch: number
  private isBusy = false
  private isClosing = false

  /** @throws the file system's error */
  constructor(path: string, batch: number, onFailed: (error: Error) => void) {
    this.file = openSync(path, "r+")
    this.batch = batch
    this.onFailed = onFailed
  }

  /**
   * Writes it in the background, one write at a time and the newest number only: a file system may let a write wait
   * for somebody else's flush, and nothing rests on this one.
   */
  set(batch: number): void {
    this.batch = batch
    if (!this.isBusy) this.write()
  }

  /** Writes what is left to write, and closes the file. */
  close(): void {
    this.isClosing = true
    if (this.isBusy) return
    if (this.batch !== this.written) {
      writeMark(this.bytes, this.batch)
      writeSync(this.file, this.bytes, 0, MARK_BYTES, 0)
    }
    closeSync(this.file)
  }

  private write(): void {
    this.isBusy = true
    this.written = this.batch
    writeMark(this.bytes, this.batch)
    write(this.file, this.bytes, 0, MARK_BYTES, 0, (error) => {
      this.isBusy = false
      if (error !== null) {
        this.batch = this.written
        if (!this.isClosing) this.onFailed(error)
      }
      if (this.isClosing) this.close()
      else if (this.batch !== this.written) this.write()
    })
  }
}

const MAGIC = "RSFLUSH1"
const MARK_BYTES = 20

const writeMark = (bytes: Buffer, batch: number): void => {
  bytes.write(MAGIC, 0, "latin1")
  bytes.writeBigUInt64BE(BigInt(batch), 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 16)), 16)
}

/** Makes the mark of an empty journal, durably but for the directory. */
export const createMark = (path: string): void => {
  const bytes = Buffer.alloc(MARK_BYTES)
  writeMark(bytes, 0)
  const file = openSync(path, "wx")
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * The number of the batch that was flushed last, or from which byte on the file is not what was written.
 *
 * @throws the file system's error
 */
export const readMark = (path: string): number | { readonly problem: string } => {
  const bytes = readFileSync(path)
  if (bytes.length !== MARK_BYTES) {
    return {
      problem: `byte ${Math.min(bytes.length, MARK_BYTES)}: it has ${bytes.length} bytes, not ${MARK_BYTES}`,
    }
  }
  if (bytes.toString("latin1", 0, 8) !== MAGIC) return { problem: "byte 0: it does not begin as one" }
  return crc32(bytes.subarray(0, 16)) === bytes.readUInt32BE(16)
    ? Number(bytes.readBigUInt64BE(8))
    : { problem: "byte 8: its checksum does not hold" }
}
