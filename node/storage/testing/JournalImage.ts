import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { DurableCell, Write } from "../../../core/replication/Durable.ts"
import { NO_HASH } from "../../../core/replication/Durable.ts"
import { foundJournal } from "../JournalStore.ts"
import { openedJournal } from "./OpenedJournal.ts"
import { PlainJournal } from "./PlainJournal.ts"
import { items, recordOf } from "./Write.arbitrary.ts"

/** The files of a journal, and what opening them may give. */
export interface JournalImage {
  readonly files: ReadonlyMap<string, Buffer<ArrayBuffer>>
  /** What was reported durable: this must be there ... */
  readonly reported: ReadonlyArray<DurableCell>
  /** ... and may be this, with the last write, which was flushed but never reported. */
  readonly flushed: ReadonlyArray<DurableCell>
}

export interface JournalImages {
  /** As a process leaves them that ends in order: all is in the database. */
  readonly closed: JournalImage
  /** As a process leaves them that is killed after a flush and before it could say so. */
  readonly killed: JournalImage
}

const EMPTY = { length: 0, head: NO_HASH }

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

/** A small journal with all that there is in one. `directory` is used, and is to be removed. */
export const journalImages = async (directory: string): Promise<JournalImages> => {
  foundJournal(directory)
  const plain = new PlainJournal()
  const head = items(EMPTY, [40, 3_000, 5_000, 60])
  const [first, , , last] = head
  const end = { length: 4, head: last?.head ?? NO_HASH }
  const writes: ReadonlyArray<Write> = [
    { type: "record", record: recordOf(0, 1, EMPTY) },
    { type: "append", cell: 0, from: 0, items: head },
    { type: "record", record: recordOf(1, 2, EMPTY) },
    { type: "append", cell: 1, from: 0, items: items(EMPTY, [700]) },
    { type: "fade", cell: 0, indices: [0, 1] },
    { type: "trim", cell: 0, start: { length: 1, head: first?.head ?? NO_HASH } },
  ]
  plain.apply(writes)
  const before = await openedJournal(directory)
  for (const write of writes) {
    before.store.write(1, [write])
    await turn()
  }
  await before.close()
  const closed = { files: filesIn(directory), reported: plain.cells(), flushed: plain.cells() }

  const { close, store } = await openedJournal(directory)
  const write = (one: Write): Promise<void> => {
    plain.apply([one])
    store.write(2, [one])
    return turn()
  }
  await write({ type: "append", cell: 0, from: end.length, items: items(end, [90]) })
  const mark = filesIn(directory).get("flushed") ?? Buffer.alloc(0)
  const reported = plain.cells()
  await write({ type: "record", record: recordOf(1, 3, EMPTY) })
  const killed = { files: filesIn(directory).set("flushed", mark), reported, flushed: plain.cells() }
  await close()
  return { closed, killed }
}

const filesIn = (directory: string): Map<string, Buffer<ArrayBuffer>> =>
  new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]))

/** Makes `files` the content of `directory`. */
export const restore = (directory: string, files: ReadonlyMap<string, Buffer<ArrayBuffer>>): void => {
  for (const name of readdirSync(directory)) if (!files.has(name)) rmSync(join(directory, name))
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes)
}
