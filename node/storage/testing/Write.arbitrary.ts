import * as fc from "fast-check"
import { chain } from "../../../core/replication/Chain.ts"
import type { CellRecord, DurableLog, LogItem, LogMark, Write } from "../../../core/replication/Durable.ts"
import { fromHex } from "../../../core/ring/RingId.ts"
import type { PlainJournal } from "./PlainJournal.ts"

/** A write that is yet to be fitted to what is stored. */
export interface WriteIdea {
  readonly type: Write["type"]
  readonly cell: number
  /** Sizes of entries; what is not needed is left. */
  readonly sizes: ReadonlyArray<number>
  /** Where in the log, from its start (0) to its end (1). */
  readonly place: number
}

/** A few cells, so that writes meet; entries from nothing to more than a page. */
export const writeIdea: fc.Arbitrary<WriteIdea> = fc.record({
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constant("append" as const) },
    {
      weight: 5,
      arbitrary: fc.constantFrom<Write["type"]>("record", "cut", "replace", "fade", "trim"),
    },
  ),
  cell: fc.integer({ min: 0, max: 3 }),
  sizes: fc.array(fc.oneof(fc.nat(300), fc.nat(6_000)), { minLength: 1, maxLength: 4 }),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
})

/** The write that the idea comes to with what `journal` holds. */
export const fitted = ({ cell, place, sizes, type }: WriteIdea, journal: PlainJournal): Write => {
  const log = journal.log(cell)
  const mark = markAt(log, Math.round(place * log.items.length))
  const end = markAt(log, log.items.length)
  switch (type) {
    case "record":
      return { type, record: recordOf(cell, sizes.length, log.start) }
    case "append":
      return { type, cell, from: end.length, items: items(end, sizes) }
    case "cut":
      return { type, cell, length: mark.length }
    case "replace":
      return { type, cell, log: { start: mark, items: items(mark, sizes) } }
    case "fade":
      return {
        type,
        cell,
        indices: log.items.map((_, i) => log.start.length + i).slice(0, mark.length - log.start.length),
      }
    case "trim":
      return { type, cell, start: mark }
  }
}

const markAt = ({ items: held, start }: DurableLog, count: number): LogMark =>
  count === 0 ? start : { length: start.length + count, head: held[count - 1]?.head ?? start.head }

/** Entries of these sizes, behind `mark`. */
export const items = (mark: LogMark, sizes: ReadonlyArray<number>): ReadonlyArray<LogItem> =>
  chain(
    mark.head,
    sizes.map((size, i) => ({ bytes: new Uint8Array(size).fill((size + i + mark.length) % 251) })),
  )

const contact = {
  id: fromHex("1".repeat(40)),
  incarnation: 1,
  name: "ash",
  ring: "127.0.0.1:20001",
  http: "127.0.0.1:20002",
}

/** A record of a cell whose log passes through `base`. */
export const recordOf = (cell: number, epoch: number, base: LogMark): CellRecord => ({
  cell,
  role: "member",
  epoch,
  view: [contact],
  base,
  ballot: epoch % 2 === 0 ? null : { counter: epoch, id: contact.id, boot: 1 },
  accepted: null,
  next: null,
})
