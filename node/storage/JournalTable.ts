import type { DatabaseSync, StatementSync } from "node:sqlite"
import { Writer } from "../../core/codec/Writer.ts"
import { type LogItem, type LogMark, NO_HASH, type Write } from "../../core/replication/Durable.ts"
import { type JournalContent, SUM_MODULUS } from "./JournalContent.ts"
import { checksumOf, type JournalRow, readRow, type Seal, writeRow } from "./JournalRow.ts"

/** Where a cell's rows are; 0 where there is none. */
interface Places {
  record: number
  startRow: number
  /** Length of what lies before the items. */
  start: number
  /** In the order of the log. */
  readonly items: Array<number>
}

/**
 * The open table of a journal: carries out writes, and remembers where each row is, since the table itself is in
 * the order of writing. After an error the database is as before the group of writes, but this is not: it is of no
 * more use.
 */
export class JournalTable {
  private readonly begin: StatementSync
  private readonly commit: StatementSync
  private readonly inserting: StatementSync
  private readonly removing: StatementSync
  private readonly looking: StatementSync
  private readonly changing: StatementSync
  private readonly writer = new Writer(4096)
  private readonly cells = new Map<number, Places>()
  /** The row that was added last, until another is: it may be the one to bear the seal. */
  private held: { readonly seq: number; readonly row: JournalRow } | null = null
  private begun = false
  private lastSeq: number
  private sealSeq: number
  private rows: number
  private sum: number
  /** Number of the last group that was stored. */
  batch: number
  /** Bytes in all rows. */
  bytes: number

  constructor(database: DatabaseSync, content: JournalContent) {
    this.begin = database.prepare("BEGIN IMMEDIATE")
    this.commit = database.prepare("COMMIT")
    this.inserting = database.prepare("INSERT INTO journal VALUES (?, ?)")
    this.removing = database.prepare("DELETE FROM journal WHERE seq = ? RETURNING body")
    this.looking = database.prepare("SELECT body FROM journal WHERE seq = ?")
    this.changing = database.prepare("UPDATE journal SET body = ? WHERE seq = ?")
    this.lastSeq = content.lastSeq
    this.sealSeq = content.sealSeq
    this.rows = content.rows
    this.sum = content.sum
    this.batch = content.batch
    this.bytes = content.bytes
    for (const [number, { items, record, start }] of content.cells) {
      this.cells.set(number, {
        record: record?.seq ?? 0,
        startRow: start?.seq ?? 0,
        start: start?.mark.length ?? 0,
        items: items.map(({ seq }) => seq),
      })
    }
  }

  /**
   * Stores the writes, all or none; they are flushed when this returns.
   *
   * @throws SQLite's error; RangeError for a write that does not fit what is stored
   */
  store(groups: Iterable<ReadonlyArray<Write>>): void {
    for (const writes of groups) for (const write of writes) this.apply(write)
    this.seal()
  }

  /** How many rows of entries that write would delete, as things are now. */
  rowsRemovedBy(write: Write): number {
    if (write.type !== "replace" && write.type !== "cut" && write.type !== "trim") return 0
    const { items, start } = this.cells.get(write.cell) ?? { items: [], start: 0 }
    if (write.type === "replace") return items.length
    return Math.max(
      0,
      write.type === "cut" ? start + items.length - write.length : write.start.length - start,
    )
  }

  /** Forgets the logs of cells without a record: their peer has not taken part with them. */
  dropOrphans(): void {
    const orphans = [...this.cells].filter(([, { record }]) => record === 0)
    if (orphans.length === 0) return
    for (const [number, cell] of orphans) {
      this.removeAll(cell.items)
      this.begins(number, cell, { length: 0, head: NO_HASH })
      this.cells.delete(number)
    }
    this.seal()
  }

  private apply(write: Write): void {
    const number = write.type === "record" ? write.record.cell : write.cell
    const cell = this.cellOf(number)
    switch (write.type) {
      case "record":
        if (cell.record !== 0) this.remove(cell.record)
        cell.record = this.add({ type: "record", record: write.record })
        return
      case "append":
        if (write.from !== cell.start + cell.items.length) throw misfit(write.type, number, cell)
        return this.append(number, cell, write.items)
      case "cut":
        if (write.length < cell.start || write.length > cell.start + cell.items.length) {
          throw misfit(write.type, number, cell)
        }
        return this.removeAll(cell.items.splice(write.length - cell.start))
      case "replace":
        this.removeAll(cell.items.splice(0))
        this.begins(number, cell, write.log.start)
        return this.append(number, cell, write.log.items)
      case "fade":
        for (const index of write.indices) this.fade(number, cell, index)
        return
      case "trim":
        if (write.start.length < cell.start) throw misfit(write.type, number, cell)
        this.removeAll(cell.items.splice(0, write.start.length - cell.start))
        return this.begins(number, cell, write.start)
    }
  }

  private append(number: number, cell: Places, items: ReadonlyArray<LogItem>): void {
    for (const item of items) {
      const index = cell.start + cell.items.length
      cell.items.push(this.add({ type: "item", cell: number, index, item }))
    }
  }

  private begins(number: number, cell: Places, start: LogMark): void {
    if (cell.startRow !== 0) this.remove(cell.startRow)
    cell.startRow = start.length === 0 ? 0 : this.add({ type: "start", cell: number, start })
    cell.start = start.length
  }

  private fade(number: number, cell: Places, index: number): void {
    const seq = cell.items[index - cell.start]
    if (seq === undefined) throw misfit("fade", number, cell)
    this.letGo()
    const old = bodyOf(this.looking.get(seq))
    const read = readRow(seq, old)
    if ("problem" in read || read.row.type !== "item") throw new RangeError(`row ${seq} is no item`)
    this.start()
    const { row } = read
    const body = this.encode(seq, { ...row, item: { ...row.item, bytes: null } }, null)
    this.changing.run(body, seq)
    this.bytes += body.length - old.length
    this.sum = (this.sum - checksumOf(old) + checksumOf(body) + SUM_MODULUS) % SUM_MODULUS
  }

  private cellOf(number: number): Places {
    const known = this.cells.get(number)
    if (known !== undefined) return known
    const made: Places = { record: 0, startRow: 0, start: 0, items: [] }
    this.cells.set(number, made)
    return made
  }

  /** Adds a row at the end; its place. */
  private add(row: JournalRow): number {
    this.letGo()
    const seq = ++this.lastSeq
    this.held = { seq, row }
    return seq
  }

  /** Stores what is held back: it is not the last. */
  private letGo(): void {
    if (this.held === null) return
    this.start()
    this.insert(this.held.seq, this.held.row, null)
    this.held = null
  }

  private insert(seq: number, row: JournalRow, seal: Seal | null): void {
    const body = this.encode(seq, row, seal)
    this.inserting.run(seq, body)
    this.bytes += body.length
    this.rows++
    this.sum = (this.sum + checksumOf(body)) % SUM_MODULUS
  }

  private removeAll(places: ReadonlyArray<number>): void {
    for (const seq of places) this.remove(seq)
  }

  private remove(seq: number): void {
    if (this.held?.seq === seq) {
      this.held = null
      return
    }
    this.start()
    const body = bodyOf(this.removing.get(seq))
    this.bytes -= body.length
    this.rows--
    this.sum = (this.sum - checksumOf(body) + SUM_MODULUS) % SUM_MODULUS
  }

  /** Says in the last row what all others are, and ends the group: a single row is a transaction of its own. */
  private seal(): void {
    const { seq, row } = this.held ?? { seq: ++this.lastSeq, row: ONLY_SEAL }
    this.held = null
    if (this.sealSeq !== 0) this.remove(this.sealSeq)
    this.sealSeq = row.type === "seal" ? seq : 0
    this.insert(seq, row, { number: this.batch + 1, rows: this.rows, sum: this.sum })
    if (this.begun) this.commit.run()
    this.begun = false
    this.batch++
  }

  /** What follows is stored together. */
  private start(): void {
    if (this.begun) return
    this.begin.run()
    this.begun = true
  }

  /** The row's body, until the next is encoded. */
  private encode(seq: number, row: JournalRow, seal: Seal | null): Uint8Array {
    this.writer.at = 0
    writeRow(this.writer, seq, row, seal)
    return this.writer.bytes.subarray(0, this.writer.at)
  }
}

const ONLY_SEAL: JournalRow = { type: "seal" }

const bodyOf = (row: Record<string, unknown> | undefined): Uint8Array => {
  const body = row?.["body"]
  if (!(body instanceof Uint8Array)) throw new RangeError("a row that was stored is not there")
  return body
}

const misfit = (type: Write["type"], number: number, { items, start }: Places): RangeError =>
  new RangeError(`${type} does not fit the log of cell ${number}, from ${start} to ${start + items.length}`)
