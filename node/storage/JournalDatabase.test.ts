import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { expect, test } from "vitest"
import { NO_HASH } from "../../core/replication/Durable.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { checkJournal, databaseIn, openDatabase } from "./JournalDatabase.ts"
import { journalImages, restore } from "./testing/JournalImage.ts"
import { olderJournal } from "./testing/OlderJournal.ts"
import { openedJournal } from "./testing/OpenedJournal.ts"
import { items, recordOf } from "./testing/Write.arbitrary.ts"

const EMPTY = { length: 0, head: NO_HASH }

test("every commit is flushed", async () => {
  await using scratch = await scratchDirectory()
  const database = openDatabase(join(scratch.path, "journal.db"))
  // 2 is FULL (https://sqlite.org/pragma.html#pragma_synchronous).
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 })
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" })
  database.close()
})

test.each([
  [
    "the last entry is gone",
    "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal WHERE substr(body, 1, 1) IN (x'01', x'81'))",
  ],
  ["a record is gone", "DELETE FROM journal WHERE seq = 1"],
  ["the seal is gone", "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)"],
  ["a row stands in another place", "UPDATE journal SET seq = seq + 100 WHERE seq = 1"],
])("of rows that are each whole, %s: refused", async (_, change) => {
  await using scratch = await scratchDirectory()
  const { closed } = await journalImages(join(scratch.path, "made"))
  const directory = join(scratch.path, "journal")
  await mkdir(directory)
  restore(directory, closed.files)
  expect(checkJournal(directory).dropped).toBe(null)
  const database = new DatabaseSync(databaseIn(directory))
  expect(database.prepare(change).run().changes).toBe(1)
  database.close()
  expect(() => checkJournal(directory)).toThrow(/journal\.db: row \d+: /)
})

test("a journal of the version before is read, and is of this one from then on", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  olderJournal(directory)
  const log = items(EMPTY, [5, 6])
  const record = recordOf(3, 2, EMPTY)
  const first = await openedJournal(directory)
  expect(first.store.takeCells()).toEqual([{ record, log: { start: EMPTY, items: log } }])
  const [next] = items({ length: 2, head: log[1]?.head ?? NO_HASH }, [7])
  const longer = next === undefined ? log : [...log, next]
  first.store.write(1, [{ type: "append", cell: 3, from: 2, items: longer.slice(2) }])
  await first.close()
  expect(first.warnings).toEqual([])
  const database = new DatabaseSync(databaseIn(directory))
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 })
  database.close()
  const second = await openedJournal(directory)
  expect(second.store.takeCells()).toEqual([{ record, log: { start: EMPTY, items: longer } }])
  await second.close()
})
