import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as fc from "fast-check"
import { expect, test, vi } from "vitest"
import { NO_HASH, type Write } from "../../core/replication/Durable.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { createMark } from "./FlushMark.ts"
import { databaseIn, markIn } from "./JournalDatabase.ts"
import { FLUSH_BYTES, foundJournal } from "./JournalStore.ts"
import { openedJournal } from "./testing/OpenedJournal.ts"
import { PlainJournal } from "./testing/PlainJournal.ts"
import { fitted, items, recordOf, writeIdea } from "./testing/Write.arbitrary.ts"

vi.setConfig({ testTimeout: 30_000 })

const EMPTY = { length: 0, head: NO_HASH }

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test("whatever is written is there again, however often it is opened", async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(writeIdea, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom("turn" as const, "reopen" as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using scratch = await scratchDirectory()
      const directory = join(scratch.path, "journal")
      foundJournal(directory)
      const plain = new PlainJournal()
      const found: Array<ReadonlyArray<unknown>> = []
      let opened = await openedJournal(directory)
      for (const [number, ideas] of steps.entries()) {
        if (ideas === "turn") await turn()
        else if (ideas === "reopen") {
          await opened.close()
          plain.restart()
          opened = await openedJournal(directory)
          found.push([opened.store.takeCells(), plain.cells()])
        } else {
          const writes: Array<Write> = []
          for (const idea of ideas) {
            const write = fitted(idea, plain)
            plain.apply([write])
            writes.push(write)
          }
          opened.store.write(number, writes)
        }
      }
      await opened.close()
      expect(opened.failures).toEqual([])
      plain.restart()
      opened = await openedJournal(directory)
      found.push([opened.store.takeCells(), plain.cells()])
      for (const [there, expected] of found) expect(there).toEqual(expected)
      expect(opened.warnings).toEqual([])
      await opened.close()
    }),
    { seed: 6, numRuns: 15 },
  )
})

test("all that is queued in one turn is flushed together at its end, and reported once, in order", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const reports: Array<number> = []
  const { close, store } = await openedJournal(directory, "disk", (upTo) => reports.push(upTo))
  store.write(1, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  store.write(2, [{ type: "append", cell: 0, from: 0, items: items(EMPTY, [5]) }])
  expect(reports).toEqual([])
  await turn()
  expect(reports).toEqual([2])
  store.write(3, [{ type: "cut", cell: 0, length: 0 }])
  await turn()
  store.write(4, [])
  await close()
  expect(reports).toEqual([2, 3, 4])
})

test("what is much is flushed in several turns, in order, so that no turn lasts long; all of it at the end", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const reports: Array<number> = []
  const { close, failures, store } = await openedJournal(directory, "disk", (upTo) => reports.push(upTo))
  const half = items(EMPTY, [FLUSH_BYTES / 2])
  for (let number = 1; number <= 7; number++) {
    store.write(number, [{ type: "replace", cell: number, log: { start: EMPTY, items: half } }])
  }
  store.write(8, [
    { type: "replace", cell: 8, log: { start: EMPTY, items: items(EMPTY, [3 * FLUSH_BYTES]) } },
  ])
  await new Promise((resolve) => setImmediate(resolve))
  expect(reports).toEqual([1])
  await turn()
  expect(reports.length).toBeGreaterThan(1)
  expect(reports.length).toBeLessThan(8)
  await close()
  expect(reports).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(failures).toEqual([])
})

test("to delete logs is as much, and to append entries is not: those of a turn are flushed together however many", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const reports: Array<number> = []
  const { close, store } = await openedJournal(directory, "disk", (upTo) => reports.push(upTo))
  const many = items(
    EMPTY,
    Array.from({ length: 1_000 }, () => 400),
  )
  for (let cell = 0; cell < 4; cell++) store.write(cell + 1, [{ type: "append", cell, from: 0, items: many }])
  await turn()
  expect(reports).toEqual([4])
  for (let cell = 0; cell < 4; cell++) {
    store.write(cell + 5, [{ type: "replace", cell, log: { start: EMPTY, items: [] } }])
  }
  await new Promise((resolve) => setImmediate(resolve))
  expect(reports).toEqual([4, 5])
  await close()
  expect(reports.at(-1)).toBe(8)
})

test("space of what is cut, replaced, trimmed or faded is used again", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const { close, store, failures } = await openedJournal(directory)
  const big = items(
    EMPTY,
    Array.from({ length: 50 }, () => 2_000),
  )
  const end = { length: 50, head: big.at(-1)?.head ?? NO_HASH }
  const all = big.map((_, i) => i)
  const round: ReadonlyArray<Write> = [
    { type: "append", cell: 0, from: 0, items: big },
    { type: "cut", cell: 0, length: 0 },
    { type: "replace", cell: 0, log: { start: EMPTY, items: big } },
    { type: "fade", cell: 0, indices: all },
    { type: "trim", cell: 0, start: end },
    { type: "replace", cell: 0, log: { start: EMPTY, items: [] } },
  ]
  store.write(0, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  await turn()
  const empty = store.bytes()
  for (let number = 1; number <= 60; number++) {
    store.write(number, [round[number % round.length] as Write])
    await turn()
  }
  store.write(61, [round[1] as Write])
  await close()
  expect(failures).toEqual([])
  expect(store.bytes()).toBeLessThan(2 * empty)
  // Ten rounds wrote two megabytes; one of them needs a tenth of it.
  expect(statSync(join(directory, "journal.db")).size).toBeLessThan(400_000)
})

test("a flush of one entry writes little more than the page that it is in", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const { close, store } = await openedJournal(directory)
  const size = (): number => statSync(`${databaseIn(directory)}-wal`).size
  let mark = EMPTY
  const append = async (): Promise<void> => {
    const [item] = items(mark, [300])
    store.write(mark.length + 1, [{ type: "append", cell: 0, from: mark.length, items: item ? [item] : [] }])
    mark = { length: mark.length + 1, head: item?.head ?? NO_HASH }
    await turn()
  }
  while (mark.length < 20) await append()
  const before = size()
  while (mark.length < 120) await append()
  // A new page, which comes with those that lead to it, holds nine entries.
  expect((size() - before) / 100 / 4_120).toBeLessThan(1.5)
  await close()
})

test("in memory nothing is kept, and all is reported at the end of the turn", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  const reports: Array<number> = []
  const { close, store } = await openedJournal(directory, "memory", (upTo) => reports.push(upTo))
  expect(store.takeCells()).toEqual([])
  store.write(1, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  store.write(2, [])
  expect(reports).toEqual([])
  await turn()
  expect(reports).toEqual([2])
  expect(store.bytes()).toBe(0)
  expect(existsSync(directory)).toBe(false)
  await close()
})

test("a write that does not fit is a failure: none of its turn is stored, nothing is reported from then on", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const opened = await openedJournal(directory)
  opened.store.write(1, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  await turn()
  opened.store.write(2, [{ type: "record", record: recordOf(0, 2, EMPTY) }])
  opened.store.write(3, [{ type: "append", cell: 0, from: 7, items: items(EMPTY, [5]) }])
  await turn()
  opened.store.write(4, [])
  await turn()
  await opened.close()
  expect(opened.durable()).toBe(1)
  expect(opened.failures).toEqual([
    expect.stringContaining("append does not fit the log of cell 0, from 0 to 0"),
  ])
  const again = await openedJournal(directory)
  expect(again.store.takeCells().map(({ record }) => record.epoch)).toEqual([0])
  await again.close()
})

test("a log that is not that of the record's epoch is refused", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const { close, store } = await openedJournal(directory)
  store.write(1, [
    { type: "append", cell: 3, from: 0, items: items(EMPTY, [5, 6]) },
    { type: "record", record: recordOf(3, 2, { length: 1, head: NO_HASH }) },
  ])
  await close()
  await expect(openedJournal(directory)).rejects.toMatchObject({
    kind: "damaged",
    reason: `journal ${join(directory, "journal.db")}: cell 3: its log is not that of epoch 2 at index 1; restore the peer's data directory, or start the peer on a fresh one`,
  })
})

test("a journal that was not founded, or is gone, is refused", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  await expect(openedJournal(directory)).rejects.toMatchObject({
    kind: "missing",
    reason: `journal ${join(directory, "journal.db")} is not there; restore the peer's data directory, or start the peer on a fresh one`,
  })
})

test("what was recovered is given away, so that nobody keeps what the log has long forgotten", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const first = await openedJournal(directory)
  first.store.write(1, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  await first.close()
  const { close, store } = await openedJournal(directory)
  expect(store.takeCells()).toHaveLength(1)
  expect(store.takeCells()).toEqual([])
  await close()
})

test("the mark is exact when the journal is closed, whatever it was before", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const first = await openedJournal(directory)
  first.store.write(1, [{ type: "record", record: recordOf(0, 0, EMPTY) }])
  await first.close()
  const exact = readFileSync(markIn(directory))
  // As a kill may leave it, with the flush done and the mark not yet written.
  rmSync(markIn(directory))
  createMark(markIn(directory))
  const again = await openedJournal(directory)
  await again.close()
  expect(readFileSync(markIn(directory))).toEqual(exact)
})

test("a damaged database that is larger than any buffer is told from one that cannot be read", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const file = databaseIn(directory)
  const bytes = readFileSync(file)
  bytes.fill(0xee, 100, 4_096)
  writeFileSync(file, bytes)
  // Sparse: it takes no room.
  truncateSync(file, 3 * 2 ** 30)
  await expect(openedJournal(directory)).rejects.toMatchObject({ kind: "damaged" })
})
