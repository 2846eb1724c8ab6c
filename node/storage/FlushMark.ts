import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"
import { crc32 } from "node:zlib"

/**
 * A tiny file beside the database that says which batch was flushed last. It is written in place after each flush and
 * not flushed itself: a kill of the process leaves it exact, a loss of power at worst older, and never newer than what
 * was flushed. A database that ends before it has lost something that was acknowledged.
 *
 * Layout: "RSFLUSH1", the number as a big-endian 64-bit integer, the CRC-32 of both. So few bytes are within one
 * sector, which disks write whole.
 */
export class FlushMark {
  private readonly file: number
  private readonly bytes = Buffer.alloc(MARK_BYTES)

  /** @throws the file system's error */
  constructor(path: string, batch: number) {
    this.file = openSync(path, "r+")
    // A kill may have come between the flush and its mark.
    this.set(batch)
  }

  /** @throws the file system's error */
  set(batch: number): void {
    writeMark(this.bytes, batch)
    writeSync(this.file, this.bytes, 0, MARK_BYTES, 0)
  }

  close(): void {
    closeSync(this.file)
  }
}

const MAGIC = "RSFLUSH1"
const MARK_BYTES = 20

const writeMark = (bytes: Buffer, batch: number): void => {
  bytes.write(MAGIC, 0, "latin1")
  bytes.writeUInt32BE(Math.floor(batch / 2 ** 32), 8)
  bytes.writeUInt32BE(batch % 2 ** 32, 12)
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
