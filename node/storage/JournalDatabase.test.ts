import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { expect, test } from "vitest"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { checkJournal, databaseIn, openDatabase } from "./JournalDatabase.ts"
import { journalImages, restore } from "./testing/JournalImage.ts"

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
    "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal WHERE substr(body, 1, 1) = x'01')",
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
