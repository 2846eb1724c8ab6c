import { hash as nodeHash } from "node:crypto"
import { digestOf, headAfter, type Sha256 } from "../../core/replication/Chain.ts"
import {
  type CellRecord,
  type DurableCell,
  type Hash,
  type LogItem,
  type LogMark,
  NO_HASH,
} from "../../core/replication/Durable.ts"
import { checksumOf, readRow, type Seal } from "./JournalRow.ts"

/** What the rows of a journal's table hold, and where. */
export interface JournalContent {
  /** The number of the last group of writes, 0 in an empty table. */
  readonly batch: number
  /** The place of the row that is nothing but a seal; 0 if there is none. */
  readonly sealSeq: number
  /** How many rows there are, and the sum of their checksums. */
  readonly rows: number
  readonly sum: number
  /** The highest place in use, 0 in an empty table. */
  readonly lastSeq: number
  /** Bytes in all rows. */
  readonly bytes: number
  readonly cells: ReadonlyMap<number, StoredCell>
}

/** A cell with the places of its rows; those of its items in the order of the log. */
export interface StoredCell {
  readonly record: { readonly seq: number; readonly record: CellRecord } | null
  readonly start: { readonly seq: number; readonly mark: LogMark } | null
  readonly items: ReadonlyArray<{ readonly seq: number; readonly item: LogItem }>
}

/** Where the content of a table is not what was written, and what is wrong there. */
export class ContentProblem extends Error {}

/** Sums of checksums are kept modulo this. */
export const SUM_MODULUS = 2 ** 48

const sha256: Sha256 = (bytes) => nodeHash("sha256", bytes, "hex") as Hash

interface Building {
  record: StoredCell["record"]
  start: StoredCell["start"]
  readonly items: Map<number, { readonly seq: number; readonly item: LogItem }>
}

/**
 * Puts the rows together: every one whole, none missing, none too many, the items of each log without a gap and
 * chained by their hashes.
 *
 * @throws ContentProblem
 */
export const contentOf = (rows: Iterable<readonly [seq: unknown, body: unknown]>): JournalContent => {
  const cells = new Map<number, Building>()
  let last: { readonly seq: number; readonly seal: Seal; readonly own: number } | undefined
  let [count, sum, bytes, lastSeq, sealSeq] = [0, 0, 0, 0, 0]
  for (const [seq, body] of rows) {
    if (typeof seq !== "number" || !(body instanceof Uint8Array)) {
      throw new ContentProblem(`row ${String(seq)}: it is of another type`)
    }
    const read = readRow(seq, body)
    if ("problem" in read) throw new ContentProblem(`row ${seq}: ${read.problem}`)
    const { row, seal } = read
    const own = checksumOf(body)
    count++
    sum = (sum + own) % SUM_MODULUS
    bytes += body.length
    if (seal !== null && seq > (last?.seq ?? 0)) last = { seq, seal, own }
    lastSeq = Math.max(lastSeq, seq)
    if (row.type === "seal") {
      if (sealSeq !== 0) throw new ContentProblem(`row ${seq}: a second seal, after row ${sealSeq}`)
      sealSeq = seq
      continue
    }
    const cell = buildingOf(cells, row.type === "record" ? row.record.cell : row.cell)
    if (row.type === "record") cell.record = { seq, record: row.record }
    else if (row.type === "start") cell.start = { seq, mark: row.start }
    else cell.items.set(row.index, { seq, item: row.item })
  }
  const sealed = last?.seal ?? { number: 0, rows: 0, sum: 0 }
  const others = last === undefined ? count : count - 1
  const sumOfOthers = (sum - (last?.own ?? 0) + SUM_MODULUS) % SUM_MODULUS
  if (sealed.rows !== others || sealed.sum !== sumOfOthers) {
    throw new ContentProblem(
      `row ${last?.seq ?? 0}: it seals ${sealed.rows} other rows with sum ${sealed.sum}; there are ${others} with ${sumOfOthers}`,
    )
  }
  const stored = new Map([...cells].map(([number, cell]) => [number, storedOf(number, cell)]))
  return { batch: sealed.number, sealSeq, rows: count, sum, lastSeq, bytes, cells: stored }
}

const buildingOf = (cells: Map<number, Building>, number: number): Building => {
  const known = cells.get(number)
  if (known !== undefined) return known
  const made: Building = { record: null, start: null, items: new Map() }
  cells.set(number, made)
  return made
}

/** Follows the cell's log from its start. */
const storedOf = (number: number, { record, start, items }: Building): StoredCell => {
  const { base, role } = record?.record ?? { base: undefined, role: undefined }
  let { head, length } = start?.mark ?? { length: 0, head: NO_HASH }
  const ordered: Array<{ readonly seq: number; readonly item: LogItem }> = []
  for (;;) {
    if (base !== undefined && role !== "tombstone" && length === base.length && head !== base.head) {
      throw new ContentProblem(
        `cell ${number}: its log is not that of epoch ${record?.record.epoch} at index ${length}`,
      )
    }
    const next = items.get(length)
    if (next === undefined) break
    const { bytes, digest } = next.item
    const where = `row ${next.seq} (cell ${number}, index ${length})`
    if (bytes !== null && digestOf(bytes, sha256) !== digest) {
      throw new ContentProblem(`${where}: its bytes do not have its digest`)
    }
    head = headAfter(head, digest, sha256)
    if (head !== next.item.head) throw new ContentProblem(`${where}: it does not follow the one before it`)
    ordered.push(next)
    length++
  }
  if (ordered.length !== items.size)
    throw new ContentProblem(`cell ${number}: its log has a gap at index ${length}`)
  return { record, start, items: ordered }
}

/** What a peer is told of the cells that it has a record of, in order. */
export const durableCells = (content: JournalContent): ReadonlyArray<DurableCell> =>
  [...content.cells.values()]
    .flatMap(({ items, record, start }) =>
      record === null
        ? []
        : [
            {
              record: record.record,
              log: {
                start: start?.mark ?? { length: 0, head: NO_HASH },
                items: items.map(({ item }) => item),
              },
            },
          ],
    )
    .toSorted((a, b) => a.record.cell - b.record.cell)
