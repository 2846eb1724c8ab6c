import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import type { Contact } from "../../core/peer/Contact.ts"

/**
 * With which disk this peer has met each incarnation of every other peer, durably: a peer that lost its disk and comes
 * back as if it had not is found out by whoever met it before. The file `known-disks` has a line for each, added
 * before the peer is first spoken to: its place, incarnation and disk, and a checksum of those.
 */
export class KnownDisks {
  private readonly file: number
  private readonly disks = new Map<string, string>()

  /** @throws the file system's error */
  constructor(data: string) {
    const path = join(data, "known-disks")
    this.file = openSync(path, "a+")
    const text = readFileSync(path, "latin1")
    for (const line of text.split("\n")) {
      const [id = "", incarnation = "", disk = "", sum] = line.split(" ")
      const who = `${id} ${incarnation}`
      // What is damaged is forgotten, and learned anew: refusing a peer for it would cost that peer its memory.
      if (sum === checksum(who, disk)) this.disks.set(who, disk)
    }
    if (text.length > 0 && !text.endsWith("\n")) writeSync(this.file, "\n")
    if (text.length === 0) syncDirectory(dirname(path))
  }

  /**
   * Whether the peer's incarnation always had this disk, as far as is known; it is known from then on.
   *
   * @throws the file system's error
   */
  isKnown({ id, incarnation }: Contact, disk: string): boolean {
    const who = `${id} ${incarnation}`
    const known = this.disks.get(who)
    if (known !== undefined) return known === disk
    writeSync(this.file, `${who} ${disk} ${checksum(who, disk)}\n`)
    fdatasyncSync(this.file)
    this.disks.set(who, disk)
    return true
  }

  close(): void {
    closeSync(this.file)
  }
}

const checksum = (who: string, disk: string): string => crc32(`${who} ${disk}`).toString(16).padStart(8, "0")

const syncDirectory = (path: string): void => {
  const directory = openSync(path, "r")
  fsyncSync(directory)
  closeSync(directory)
}
