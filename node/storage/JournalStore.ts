import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import type { DurableCell, Write } from "../../core/replication/Durable.ts"
import { createMark, FlushMark } from "./FlushMark.ts"
import { durableCells } from "./JournalContent.ts"
import {
  checkJournal,
  createDatabase,
  databaseIn,
  markIn,
  openDatabase,
  sqliteReason,
  unusable,
} from "./JournalDatabase.ts"
import { JournalTable } from "./JournalTable.ts"
import { StorageError } from "./StorageError.ts"

/** disk: an acknowledgement follows a completed flush. memory: nothing is kept on disk, other peers hold it too. */
export type Durability = "disk" | "memory"

export interface JournalOptions {
  /** The journal's own, made by {@link foundJournal}; not looked at when nothing is kept on disk. */
  readonly directory: string
  readonly durability: Durability
  /** All that was written up to this number will survive a crash; never called from within `write`. */
  readonly onDurable: (upTo: number) => void
  /** Called once: writing has failed, and nothing is reported durable from then on. One line: file, cause, remedy. */
  readonly onFailed: (reason: string) => void
  /** One line on something that was found at the start and put right. */
  readonly warn: (reason: string) => void
}

/** A peer's journal as it is stored. */
export interface JournalStore {
  /** What there was when it was opened, by cell: given away at the first call, so that nothing of it is kept here. */
  readonly takeCells: () => ReadonlyArray<DurableCell>
  /**
   * Stores the writes of one `persist` command, all or none, after those before. They are only queued here: all that
   * is queued in one turn of the event loop is flushed together at its end, whole logs up to {@link FLUSH_BYTES}; the rest in the
   * turns after it.
   */
  readonly write: (number: number, writes: ReadonlyArray<Write>) => void
  /** How much is stored, in bytes; 0 when nothing is kept on disk. */
  readonly bytes: () => number
}

/**
 * Makes an empty journal in `directory`, durably; what a crash left there half made is removed. Only
 * {@link openJournal} tells whether one that is there already is whole, so it must not be called on one that was used.
 *
 * @throws the system's or SQLite's error
 */
export const foundJournal = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  createDatabase(databaseIn(directory))
  createMark(markIn(directory))
  for (const name of [directory, dirname(directory)]) {
    const file = openSync(name, "r")
    fsyncSync(file)
    closeSync(file)
  }
}

/**
 * Opens the journal until the scope closes, which stores what is still queued. The database is SQLite's, with
 * `synchronous = FULL`; a flush blocks the event loop for as long as the disk takes, on purpose: the next turn's
 * writes gather meanwhile, and no thread need be asked.
 *
 * Fails when anything that was flushed is lost or not as it was written (StorageError: where); an unfinished write is
 * dropped with a warning.
 */
export const openJournal = (options: JournalOptions): Effect.Effect<JournalStore, StorageError, Scope> =>
  options.durability === "memory"
    ? Effect.map(
        Effect.acquireRelease(
          Effect.sync(
            () =>
              new Turns(
                (last) => options.onDurable(last),
                () => 0,
              ),
          ),
          (turns) => Effect.sync(() => turns.end()),
        ),
        (turns) => ({ takeCells: () => [], write: (number) => turns.queue(number, []), bytes: () => 0 }),
      )
    : Effect.map(
        Effect.acquireRelease(open(options), (opened) => Effect.sync(() => opened.close())),
        ({ store }) => store,
      )

interface Opened {
  readonly store: JournalStore
  readonly close: () => void
}

const open = (options: JournalOptions): Effect.Effect<Opened, StorageError> =>
  Effect.try({
    try: () => {
      const { directory, warn } = options
      const { content, dropped } = checkJournal(directory)
      if (dropped !== null)
        warn(`journal ${dropped}: an unfinished write was dropped; it was never acknowledged`)
      const database = openDatabase(databaseIn(directory))
      try {
        const table = new JournalTable(database, content)
        table.dropOrphans()
        return running({ ...options, database, table }, durableCells(content))
      } catch (error) {
        database.close()
        throw error
      }
    },
    catch: (error) => (error instanceof StorageError ? error : unusable(options.directory, error)),
  })

/** @param recovered kept until it is taken, and no longer */
const running = (
  of: Pick<JournalOptions, "directory" | "onDurable" | "onFailed"> & {
    readonly database: DatabaseSync
    readonly table: JournalTable
  },
  recovered: ReadonlyArray<DurableCell>,
): Opened => {
  const { database, table } = of
  let cells = recovered
  let failed = false
  const mark = new FlushMark(markIn(of.directory), table.batch)
  const turns = new Turns((last, groups) => {
    if (failed) return
    try {
      table.store(groups)
      mark.set(table.batch)
    } catch (error) {
      failed = true
      return of.onFailed(
        `journal ${of.directory} cannot be written: ${sqliteReason(error)}; mend that (room, permissions, the disk), then start the peer again`,
      )
    }
    of.onDurable(last)
  }, weightIn(table))
  return {
    store: {
      takeCells: () => {
        const taken = cells
        cells = []
        return taken
      },
      write: (number, writes) => turns.queue(number, writes),
      bytes: () => table.bytes,
    },
    close: () => {
      turns.end()
      mark.close()
      // Takes back what a failure left half done.
      database.close()
    },
  }
}

/**
 * What one flush moves at most of whole logs, taken on or deleted, in bytes, if more than one command is queued: where a
 * peer takes on dozens they are megabytes, and while they are flushed it says nothing to anybody. Entries that are
 * appended do not count: the more of them one flush takes, the better.
 */
export const FLUSH_BYTES = 256 * 1024

interface Queued {
  readonly number: number
  readonly writes: ReadonlyArray<Write>
  readonly bytes: number
}

/** Gathers what is queued in one turn of the event loop, and hands it on at the turn's end: much of it in several turns. */
class Turns {
  private readonly flush: (last: number, groups: ReadonlyArray<ReadonlyArray<Write>>) => void
  private readonly weigh: (write: Write) => number
  private queued: Array<Queued> = []
  private due: NodeJS.Immediate | undefined

  /** @param weigh what a write moves of whole logs, in bytes */
  constructor(
    flush: (last: number, groups: ReadonlyArray<ReadonlyArray<Write>>) => void,
    weigh: (write: Write) => number,
  ) {
    this.flush = flush
    this.weigh = weigh
  }

  queue(number: number, writes: ReadonlyArray<Write>): void {
    let bytes = 0
    for (const write of writes) bytes += this.weigh(write)
    this.queued.push({ number, writes, bytes })
    this.due ??= setImmediate(() => this.handOn())
  }

  end(): void {
    while (this.queued.length > 0) this.handOn()
  }

  private handOn(): void {
    clearImmediate(this.due)
    const { queued } = this
    let count = 1
    let bytes = queued[0]?.bytes ?? 0
    for (; count < queued.length; count++) {
      bytes += queued[count]?.bytes ?? 0
      if (bytes > FLUSH_BYTES) break
    }
    const groups = queued.splice(0, count)
    const last = groups.at(-1)
    this.due = queued.length > 0 ? setImmediate(() => this.handOn()) : undefined
    if (last === undefined) return
    this.flush(
      last.number,
      groups.map(({ writes }) => writes),
    )
  }
}

/** What a write moves of whole logs, in bytes, about. */
const weightIn =
  (table: JournalTable) =>
  (write: Write): number => {
    let bytes = ROW_BYTES * table.rowsRemovedBy(write)
    if (write.type !== "replace") return bytes
    for (const item of write.log.items) bytes += ROW_BYTES + (item.bytes?.length ?? 0)
    return bytes
  }

/** A row beside the bytes of its entry, or one that is deleted. */
const ROW_BYTES = 200
