import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { damage, FlushWatch } from "./Tear.ts"

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ringstead-tear-"))
})

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

/** A journal as a peer keeps one: a database with its log, and beside it how many transactions were flushed. */
class Journal {
  readonly path: string
  private readonly database: DatabaseSync
  private flushed = 0

  constructor(name: string, pagesUntilReuse: number) {
    this.path = join(directory, name)
    this.database = new DatabaseSync(this.path)
    this.database.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = ${pagesUntilReuse}; CREATE TABLE rows(n INTEGER PRIMARY KEY, body BLOB)`,
    )
    this.mark()
  }

  get watch(): FlushWatch {
    return new FlushWatch(this.path, `${this.path}.flushed`)
  }

  /** @param isMarked whether the flush is counted, as it is when it is complete */
  write(bytes: number, isMarked = true): void {
    this.database.prepare("INSERT INTO rows(body) VALUES (?)").run(new Uint8Array(bytes))
    if (!isMarked) return
    this.flushed++
    this.mark()
  }

  /** A kill: the files as they lie there. */
  killed(): { readonly path: string; readonly rows: () => number } {
    const path = `${this.path}.killed`
    for (const end of ["", "-wal"]) cpSync(`${this.path}${end}`, `${path}${end}`)
    return {
      path,
      rows: () => {
        const database = new DatabaseSync(path)
        const count = Number(database.prepare("SELECT count(*) AS count FROM rows").get()?.["count"])
        database.close()
        return count
      },
    }
  }

  close(): void {
    this.database.close()
  }

  private mark(): void {
    const bytes = Buffer.alloc(20)
    bytes.writeBigUInt64BE(BigInt(this.flushed), 8)
    writeFileSync(`${this.path}.flushed`, bytes)
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 12 })

test("what is behind the last flush is the transaction that was not counted, and no other is lost by damage to it", () => {
  let run = 0
  const found: [few: number, many: number] = [0, 0]
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 20_000 }),
      fc.constantFrom(4, 20, 1_000),
      fc.integer({ min: 1, max: 50_000 }),
      (before, last, pagesUntilReuse, bytes) => {
        const journal = new Journal(`journal-${run++}`, pagesUntilReuse)
        try {
          const { watch } = journal
          for (const size of before) {
            journal.write(size)
            expect(watch.look()).toBe(null)
          }
          journal.write(last, false)
          const region = watch.look()
          // Of a log that is used again, or is already moved into the database, nothing can be told, or nothing be lost.
          expect(region !== null || pagesUntilReuse < 1_000).toBe(true)
          if (region === null) return
          const { path, rows } = journal.killed()
          const torn = damage({ ...region, file: `${path}-wal` }, bytes)
          expect(torn).toBe(Math.min(bytes, region.to - region.from))
          expect(rows()).toBe(before.length)
          found[pagesUntilReuse === 1_000 ? 1 : 0]++
        } finally {
          journal.close()
        }
      },
    ),
    { numRuns: 40 },
  )
  expect(Math.min(...found)).toBeGreaterThan(2)
})

test("pages of a transaction that was not committed are behind the last flush, even where nothing was seen in step", () => {
  const journal = new Journal("begun", 1_000)
  journal.write(100)
  const { path, rows } = journal.killed()
  const log = readFileSync(`${path}-wal`)
  // The frame of a page, as the log's last, but of no commit.
  const frame = Buffer.from(log.subarray(log.length - 24 - 4_096))
  frame.writeUInt32BE(0, 4)
  writeFileSync(`${path}-wal`, Buffer.concat([log, frame.subarray(0, 1_000)]))
  const region = new FlushWatch(path, `${journal.path}.flushed`).look()
  expect(region).toMatchObject({ from: log.length, to: log.length + 1_000 })
  if (region !== null) damage(region, 999)
  expect(rows()).toBe(1)
  journal.close()
})

test("what was flushed would be lost by damage to it: the test sees that", () => {
  const journal = new Journal("flushed", 1_000)
  for (const size of [10, 10, 10]) journal.write(size)
  const { path, rows } = journal.killed()
  const to = readFileSync(`${path}-wal`).length
  damage({ file: `${path}-wal`, from: 32, to }, 5_001)
  expect(rows()).toBeLessThan(3)
  journal.close()
})
