import {
  type CellRecord,
  type DurableCell,
  type LogItem,
  type LogMark,
  NO_HASH,
  type Write,
} from "../../core/replication/Durable.ts"

/** A cell as it lies on a disk; changed in place. */
export interface StoredCell {
  record: CellRecord | null
  start: LogMark
  items: Array<LogItem>
}

/** The writes of one `persist` command. */
interface Persist {
  readonly number: number
  readonly writes: ReadonlyArray<Write>
}

export const endOf = ({ start, items }: StoredCell): LogMark => ({
  length: start.length + items.length,
  head: items.at(-1)?.head ?? start.head,
})

/** The items in [from, to) of a stored log. */
const slice = (cell: StoredCell, from: number, to?: number): Array<LogItem> =>
  cell.items.slice(from - cell.start.length, to === undefined ? undefined : to - cell.start.length)

/**
 * The effect of one write, read off the words of core/replication/Durable.ts.
 *
 * @throws Error for a write that does not fit what is stored: a real store could not carry it out either
 */
export const applyWrite = (cells: Map<number, StoredCell>, write: Write): void => {
  if (write.type === "record") {
    cellOf(cells, write.record.cell).record = write.record
    return
  }
  const cell = cellOf(cells, write.cell)
  const end = endOf(cell).length
  const isWithin = (length: number): boolean => length >= cell.start.length && length <= end
  const refuse = (what: string): never => {
    throw new Error(`${what}, but the stored log of cell ${write.cell} has [${cell.start.length}, ${end})`)
  }
  switch (write.type) {
    case "append":
      if (write.from !== end) refuse(`an append from ${write.from}`)
      cell.items.push(...write.items)
      return
    case "cut":
      if (!isWithin(write.length)) refuse(`a cut to ${write.length}`)
      cell.items = slice(cell, cell.start.length, write.length)
      return
    case "replace":
      cell.start = write.log.start
      cell.items = [...write.log.items]
      return
    case "fade":
      for (const index of write.indices) {
        const item = cell.items[index - cell.start.length]
        if (item === undefined) refuse(`a fade of ${index}`)
        else cell.items[index - cell.start.length] = { ...item, bytes: null }
      }
      return
    case "trim":
      if (!isWithin(write.start.length)) refuse(`a trim to ${write.start.length}`)
      cell.items = slice(cell, write.start.length)
      cell.start = write.start
  }
}

const cellOf = (cells: Map<number, StoredCell>, number: number): StoredCell => {
  const known = cells.get(number)
  if (known !== undefined) return known
  const fresh: StoredCell = { record: null, start: { length: 0, head: NO_HASH }, items: [] }
  cells.set(number, fresh)
  return fresh
}

/** A peer's disk: what is on it, and what is on its way. It outlives the peer's processes. */
export class VirtualDisk {
  readonly cells = new Map<number, StoredCell>()
  /** Starts of the peer on this disk. */
  boots = 0
  /** Nothing more reaches the disk. */
  failed = false
  /** Called when the writes of a command are on the disk. */
  onFlush: (writes: ReadonlyArray<Write>) => void = () => {}
  #outstanding: Array<Persist> = []

  write(persist: Persist): void {
    this.#outstanding.push(persist)
  }

  /** Carries out what is outstanding up to the command with that number. */
  flush(upTo: number): void {
    while (!this.failed && this.#outstanding[0] !== undefined && this.#outstanding[0].number <= upTo) {
      const { writes } = this.#outstanding[0]
      this.#outstanding.shift()
      for (const write of writes) applyWrite(this.cells, write)
      this.onFlush(writes)
    }
  }

  /**
   * The machine stopped. What was outstanding is lost, but for as many of its first commands as the disk happened to
   * have done.
   *
   * @param survives picks how many of so many commands are kept
   */
  crash(survives: (outstanding: number) => number): void {
    const kept = this.#outstanding[survives(this.#outstanding.length) - 1]
    if (kept !== undefined) this.flush(kept.number)
    this.#outstanding = []
  }

  /** What a process that starts now is handed. */
  recovered(): ReadonlyArray<DurableCell> {
    return [...this.cells.values()].map(({ record, start, items }) => {
      if (record === null) throw new Error("a log was stored without the record of its cell")
      return { record, log: { start, items: [...items] } }
    })
  }
}
