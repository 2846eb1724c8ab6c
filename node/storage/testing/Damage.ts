import { existsSync, readFileSync } from "node:fs"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect } from "vitest"
import { StorageError } from "../StorageError.ts"
import { type JournalImage, type JournalImages, journalImages, restore } from "./JournalImage.ts"
import { openedJournal } from "./OpenedJournal.ts"

/** What became of a damaged journal. */
type Verdict = "whole" | "shortened" | "refused"

/** Something that says where: a byte, a page, a row, a cell of the journal, the list of free pages. */
const POSITION = /: .*((byte|page|row|cell) \d+|Freelist)/

/** Where a flush costs nothing, if there is such a place: what matters here is what is read. */
const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

/**
 * Damages one file of a small journal in two ways at every `apart`-th byte: it ends there, and one bit is another.
 * How often that came to what.
 */
export const damaged = async (
  ending: keyof JournalImages,
  file: string,
  apart: number,
): Promise<Readonly<Record<Verdict, number>>> => {
  const root = await mkdtemp(join(place, "ringstead-test-"))
  try {
    const { [ending]: image } = await journalImages(join(root, "made"))
    const whole = image.files.get(file)
    if (whole === undefined) throw new Error(`there is no ${file}`)
    const directory = join(root, "journal")
    await mkdir(directory)
    const verdicts = { whole: 0, shortened: 0, refused: 0 }
    for (let at = 0; at < whole.length; at += apart) {
      verdicts[await verdictOn(directory, image, file, whole.subarray(0, at))]++
      const changed = Buffer.from(whole)
      changed.writeUInt8(whole.readUInt8(at) ^ (1 << (at % 8)), at)
      verdicts[await verdictOn(directory, image, file, changed)]++
    }
    return verdicts
  } finally {
    await rm(root, { recursive: true })
  }
}

/**
 * Opens a journal whose file `name` is `bytes` instead: it holds exactly what was written, or exactly all but the
 * write that was never reported, or is refused with a position and left as it was.
 */
const verdictOn = async (
  directory: string,
  image: JournalImage,
  name: string,
  bytes: Buffer<ArrayBuffer>,
): Promise<Verdict> => {
  const files = new Map(image.files).set(name, bytes)
  restore(directory, files)
  const opened = await openedJournal(directory).catch((error: unknown) => error)
  if (opened instanceof StorageError) {
    expect(opened).toMatchObject({ kind: "damaged", reason: expect.stringMatching(POSITION) })
    expect(opened.reason).toContain(directory)
    for (const [each, was] of files) expect(readFileSync(join(directory, each)).equals(was)).toBe(true)
    return "refused"
  }
  if (opened === null || typeof opened !== "object" || !("store" in opened)) throw opened
  const { close, store } = opened as Awaited<ReturnType<typeof openedJournal>>
  const cells = store.takeCells()
  await close()
  const text = textOf(cells)
  if (text === textOf(image.flushed)) return "whole"
  expect(text).toBe(textOf(image.reported))
  return "shortened"
}

const textOf = (cells: JournalImage["flushed"]): string =>
  JSON.stringify(cells, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  )
