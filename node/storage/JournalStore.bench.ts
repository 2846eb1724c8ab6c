import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { NO_HASH } from "../../core/replication/Durable.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { foundJournal } from "./JournalStore.ts"
import { openedJournal } from "./testing/OpenedJournal.ts"
import { items } from "./testing/Write.arbitrary.ts"

const BYTES = 300
const WRITERS = 64
const CELLS = 128
const ROUNDS = 9
/** Flushes in one sample. */
const FLUSHES = 100

/** A way to make entries durable: all of a group are when the promise is fulfilled. */
interface Engine {
  readonly name: string
  readonly append: (entries: number) => Promise<void> | void
  readonly close: () => Promise<void> | void
}

const RAW = "fdatasync"
const JOURNAL = "journal"
const LMDB = "lmdb"

/** What is the least: one write at the end of a file, and a flush of it. */
const raw = (directory: string): Engine => {
  const file = openSync(join(directory, "raw"), "a")
  return {
    name: RAW,
    append: (entries) => {
      writeSync(file, Buffer.alloc(entries * BYTES, 7))
      fdatasyncSync(file)
    },
    close: () => closeSync(file),
  }
}

/** The engine below the journal, with rows that say nothing but their number. */
const sqlite = (directory: string): Engine => {
  const database = new DatabaseSync(join(directory, "bare.db"))
  database.exec(
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE entry(seq INTEGER PRIMARY KEY, body BLOB)",
  )
  const [begin, commit] = [database.prepare("BEGIN"), database.prepare("COMMIT")]
  const insert = database.prepare("INSERT INTO entry VALUES (?, ?)")
  const bytes = new Uint8Array(BYTES).fill(7)
  let seq = 0
  return {
    name: "node:sqlite",
    append: (entries) => {
      begin.run()
      for (let i = 0; i < entries; i++) insert.run(++seq, bytes)
      commit.run()
    },
    close: () => database.close(),
  }
}

/** The journal itself: each writer its own command, cells in turn, reported as the core hears it. */
const journal = async (directory: string): Promise<Engine> => {
  const at = join(directory, "journal")
  foundJournal(at)
  let wake: ((upTo: number) => void) | undefined
  const { close, store } = await openedJournal(at, "disk", (upTo) => wake?.(upTo))
  const [item] = items({ length: 0, head: NO_HASH }, [BYTES])
  if (item === undefined) throw new Error("no item")
  const lengths = Array.from({ length: CELLS }, () => 0)
  let number = 0
  return {
    name: JOURNAL,
    append: (entries) =>
      new Promise((resolve) => {
        for (let i = 0; i < entries; i++) {
          const cell = number % CELLS
          const from = lengths[cell] ?? 0
          lengths[cell] = from + 1
          store.write(++number, [{ type: "append", cell, from, items: [item] }])
        }
        const last = number
        wake = (upTo) => {
          if (upTo === last) resolve()
        }
      }),
    close,
  }
}

/** What is asked of lmdb here; it is no dependency, so its types are not there either. */
interface Lmdb {
  readonly open: (options: { readonly path: string }) => {
    readonly put: (key: number, value: Uint8Array) => Promise<unknown>
    readonly flushed: Promise<unknown>
    readonly close: () => Promise<void>
  }
}

/** null if it is not installed. */
const lmdb = async (directory: string): Promise<Engine | null> => {
  // By way of a variable, or the compiler would look for it.
  const name: string = LMDB
  const loaded = (await import(name).catch(() => null)) as Lmdb | null
  if (loaded === null) return null
  const database = loaded.open({ path: join(directory, "lmdb") })
  const bytes = new Uint8Array(BYTES).fill(7)
  let key = 0
  return {
    name: LMDB,
    append: async (entries) => {
      const puts: Array<Promise<unknown>> = []
      for (let i = 0; i < entries; i++) puts.push(database.put(++key, bytes))
      await Promise.all(puts)
      await database.flushed
    },
    close: () => database.close(),
  }
}

/** Microseconds an entry, `writers` of which are made durable together. */
const measure = async (
  writers: number,
  needsLmdb: boolean,
  { progress, rounds, signal }: MeasureContext,
): Promise<ReadonlyArray<Samples>> => {
  await using scratch = await scratchDirectory()
  const reference = await lmdb(scratch.path)
  if (reference === null && needsLmdb) {
    throw new Error("reference missing: npm install --no-save lmdb@3.5.6")
  }
  const engines = [raw(scratch.path), sqlite(scratch.path), ...(reference === null ? [] : [reference])]
  engines.push(await journal(scratch.path))
  try {
    const values = engines.map((): Array<number> => [])
    for (let round = -1; round < Math.min(rounds, ROUNDS); round++) {
      progress(`round ${round + 1}`)
      for (const [i, engine] of engines.entries()) {
        signal.throwIfAborted()
        const start = performance.now()
        for (let flush = 0; flush < FLUSHES; flush++) await engine.append(writers)
        const each = ((performance.now() - start) * 1_000) / (FLUSHES * writers)
        // The first round only warms up.
        if (round >= 0) values[i]?.push(each)
      }
    }
    return engines.map(({ name }, i) => ({ candidate: name, values: values[i] ?? [] }))
  } finally {
    for (const engine of engines) await engine.close()
  }
}

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 6,
    title: `an entry of ${BYTES} B made durable on one peer, 1 writer`,
    unit: "us",
    goal: { of: JOURNAL, against: RAW, atMost: 1.5 },
    measure: (context) => measure(1, false, context),
  },
  {
    row: 6,
    title: `the same, each of ${WRITERS} writers at once`,
    unit: "us",
    // At least 1.5 times as many a second.
    goal: { of: JOURNAL, against: LMDB, atMost: 0.67 },
    measure: (context) => measure(WRITERS, true, context),
  },
]
