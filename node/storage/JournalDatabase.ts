import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { systemReason } from "../log/SystemReason.ts"
import { readMark } from "./FlushMark.ts"
import { ContentProblem, contentOf, type JournalContent } from "./JournalContent.ts"
import { StorageError } from "./StorageError.ts"
import { scanWal } from "./WalScan.ts"

/** The files of a journal, in its directory. */
export const databaseIn = (directory: string): string => join(directory, "journal.db")
export const markIn = (directory: string): string => join(directory, "flushed")

const SCHEMA = "CREATE TABLE journal(seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"

/** The size of a page, and the format of the database. */
const PAGE_BYTES = 4096
const VERSION = 2

/** In which every group of writes was sealed by a row of its own: read as it is, and of this version from then on. */
const OLDER = 1

/** Makes an empty database at `path`; durable, but for its name in the directory, when this returns. */
export const createDatabase = (path: string): void => {
  const database = new DatabaseSync(path)
  try {
    database.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA user_version = ${VERSION}; ${SCHEMA}`,
    )
  } finally {
    // Closing moves all into the database itself, flushed.
    database.close()
  }
}

/** The database at `path` for writing, with nothing left in its write-ahead log. */
export const openDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  try {
    // Nobody else reads it, so no memory need be shared; what is torn in the log must not be met again later.
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY",
    )
    if (versionOf(database) === OLDER) database.exec(`PRAGMA user_version = ${VERSION}`)
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** What a journal holds, and where an unfinished write was dropped from it, which was never acknowledged. */
export interface Checked {
  readonly content: JournalContent
  /** File and position; null if the last write was finished. */
  readonly dropped: string | null
}

const REMEDY = "restore the peer's data directory, or start the peer on a fresh one"

/**
 * Reads the whole journal in `directory` and makes sure that all that was flushed is there and as it was written.
 * Changes nothing, so that a journal that is refused stays as it was found.
 *
 * @throws StorageError
 */
export const checkJournal = (directory: string): Checked => {
  const path = databaseIn(directory)
  for (const file of [path, markIn(directory)]) {
    if (!existsSync(file)) {
      throw new StorageError({ kind: "missing", reason: `journal ${file} is not there; ${REMEDY}` })
    }
  }
  const flushed = orUnusable(directory, () => readMark(markIn(directory)))
  if (typeof flushed !== "number") throw damaged(markIn(directory), flushed.problem)
  const wal = orUnusable(directory, () => scanWal(`${path}-wal`))
  const content = readDatabase(path)
  const lost = "problem" in content || content.batch < flushed
  if (wal.flushedBeyond || (lost && wal.broken !== null)) {
    throw damaged(`${path}-wal`, `byte ${wal.broken}: what was flushed there is not whole`)
  }
  if ("problem" in content) throw damaged(path, content.problem)
  if (lost) {
    throw damaged(
      `${path}-wal`,
      `byte ${wal.end}: it ends with write ${content.batch}, but ${flushed} were flushed`,
    )
  }
  return { content, dropped: wal.broken === null ? null : `${path}-wal: byte ${wal.broken}` }
}

/** Result codes of SQLite (sqlite3.h): the file cannot be opened. */
const CANNOT_OPEN = 14

/** The content, or where it is not what was written. */
const readDatabase = (path: string): JournalContent | { readonly problem: string } => {
  const { size } = statSync(path)
  // SQLite takes what has no whole page for an empty database, and removes the log beside it.
  if (size < PAGE_BYTES) return { problem: `byte ${size}: it ends there, in its first page` }
  let database: DatabaseSync | undefined
  // Where SQLite is that it can read no further: at the database's head, then at the root of the table.
  let page = 1
  try {
    database = new DatabaseSync(path, { readOnly: true })
    const schemas = database.prepare("SELECT sql FROM sqlite_schema").all()
    if (schemas.length !== 1 || schemas[0]?.["sql"] !== SCHEMA || !isReadable(versionOf(database))) {
      return { problem: "page 1: it is not a journal of this version" }
    }
    page = 2
    const verdict = String(database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"])
    if (verdict !== "ok") {
      const text = verdict.replaceAll(/\s+/g, " ")
      // Mostly it names page and cell itself; else it is the root that cannot be read, or something in the head.
      if (/\bpage \d|freelist/i.test(text)) return { problem: text }
      return { problem: `page ${text.includes("malformed") ? page : 1}: ${text}` }
    }
    return contentOf(rowsOf(database))
  } catch (error) {
    if (error instanceof ContentProblem) return { problem: error.message }
    if (codeOf(error) === CANNOT_OPEN) throw unusable(path, error)
    return { problem: `${whereIn(path, page)}: ${sqliteReason(error)}` }
  } finally {
    database?.close()
    // One that only reads cannot do without memory that is shared through this file, and leaves it.
    rmSync(`${path}-shm`, { force: true })
  }
}

const versionOf = (database: DatabaseSync): unknown =>
  database.prepare("PRAGMA user_version").get()?.["user_version"]

const isReadable = (version: unknown): boolean => version === VERSION || version === OLDER

function* rowsOf(database: DatabaseSync): Generator<readonly [unknown, unknown]> {
  for (const { seq, body } of database.prepare("SELECT seq, body FROM journal ORDER BY seq").iterate()) {
    yield [seq, body]
  }
}

/** Where SQLite, which does not say it, read no further: at the end, if pages are missing there. */
const whereIn = (path: string, page: number): string => {
  const { size } = statSync(path)
  return size % PAGE_BYTES === 0 && size >= pagesOf(path) * PAGE_BYTES
    ? `page ${page}`
    : `byte ${size}, where it ends`
}

/** How many pages it should have, as its head says; the whole may be larger than any buffer. */
const pagesOf = (path: string): number => {
  const head = Buffer.alloc(32)
  const file = openSync(path, "r")
  try {
    readSync(file, head, 0, head.length, 0)
  } finally {
    closeSync(file)
  }
  return head.readUInt32BE(28)
}

const codeOf = (error: unknown): number | undefined => {
  const code = (error as { readonly errcode?: number }).errcode
  // The lowest byte is the kind of error, what is above says more of it.
  return code === undefined ? undefined : code & 255
}

/** What SQLite or the system has against it. */
export const sqliteReason = (error: unknown): string =>
  codeOf(error) === undefined ? systemReason(error) : (error as Error).message

const orUnusable = <A>(path: string, read: () => A): A => {
  try {
    return read()
  } catch (error) {
    throw unusable(path, error)
  }
}

export const unusable = (path: string, error: unknown): StorageError =>
  new StorageError({
    kind: "unusable",
    reason: `journal ${path} cannot be read and written (${sqliteReason(error)}); mend that, then start the peer again`,
  })

const damaged = (file: string, problem: string): StorageError =>
  new StorageError({ kind: "damaged", reason: `journal ${file}: ${problem}; ${REMEDY}` })
