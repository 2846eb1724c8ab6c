import type { CellRecord, DurableCell, DurableLog, Write } from "../../../core/replication/Durable.ts"
import { NO_HASH } from "../../../core/replication/Durable.ts"

/** What a journal store must hold, by the plain words of `Write`: what the real one is compared with. */
export class PlainJournal {
  private readonly records = new Map<number, CellRecord>()
  private readonly logs = new Map<number, DurableLog>()

  apply(writes: ReadonlyArray<Write>): void {
    for (const write of writes) {
      if (write.type === "record") this.records.set(write.record.cell, write.record)
      else this.logs.set(write.cell, changed(this.log(write.cell), write))
    }
  }

  log(cell: number): DurableLog {
    return this.logs.get(cell) ?? { start: { length: 0, head: NO_HASH }, items: [] }
  }

  cells(): ReadonlyArray<DurableCell> {
    return [...this.records.values()]
      .toSorted((a, b) => a.cell - b.cell)
      .map((record) => ({ record, log: this.log(record.cell) }))
  }

  /** What a peer that starts again does not remember: logs of cells without a record. */
  restart(): void {
    for (const cell of this.logs.keys()) if (!this.records.has(cell)) this.logs.delete(cell)
  }
}

const changed = (log: DurableLog, write: Exclude<Write, { readonly type: "record" }>): DurableLog => {
  const { items, start } = log
  switch (write.type) {
    case "append":
      return { start, items: [...items, ...write.items] }
    case "cut":
      return { start, items: items.slice(0, write.length - start.length) }
    case "replace":
      return write.log
    case "fade":
      return {
        start,
        items: items.map((item, i) =>
          write.indices.includes(start.length + i) ? { ...item, bytes: null } : item,
        ),
      }
    case "trim":
      return { start: write.start, items: items.slice(write.start.length - start.length) }
  }
}
