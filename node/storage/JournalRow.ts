import { crc32 } from "node:zlib"
import { Reader } from "../../core/codec/Reader.ts"
import type { Writer } from "../../core/codec/Writer.ts"
import type { CellRecord, LogItem, LogMark } from "../../core/replication/Durable.ts"

/**
 * What one row of the journal's table says. Rows are only added at the end of the table and deleted, so that a group
 * of writes, whatever cells it concerns, touches few pages; only fading shortens a row where it is.
 */
export type JournalRow =
  | { readonly type: "item"; readonly cell: number; readonly index: number; readonly item: LogItem }
  | { readonly type: "record"; readonly record: CellRecord }
  /** Where the cell's log begins; without such a row it begins at its first item. */
  | { readonly type: "start"; readonly cell: number; readonly start: LogMark }
  | { readonly type: "batch"; readonly batch: Batch }

/** The seal of a group of writes that were stored together; there is one such row, that of the last group. */
export interface Batch {
  /** Counts groups since the journal was made, from 1; 0 is the empty journal. */
  readonly number: number
  /** How many other rows there are, and the sum of their checksums modulo 2^48: no row goes or comes unnoticed. */
  readonly rows: number
  readonly sum: number
}

const Kind = { item: 1, record: 2, start: 3, batch: 4 } as const

const CHECKSUM_BYTES = 4

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** The row's body with its checksum, which holds at the place `seq` only, at the end of what `writer` holds. */
export const writeRow = (writer: Writer, seq: number, row: JournalRow): void => {
  const start = writer.at
  writer.byte(Kind[row.type])
  switch (row.type) {
    case "item": {
      const { bytes, digest, head } = row.item
      writer.varint(row.cell)
      writer.varint(row.index)
      writer.hash(digest)
      writer.hash(head)
      writer.bool(bytes !== null)
      if (bytes !== null) writer.block(bytes)
      break
    }
    case "record":
      // Records change with views only: readable counts for more than small.
      writer.block(encoder.encode(JSON.stringify(row.record)))
      break
    case "start":
      writer.varint(row.cell)
      writer.varint(row.start.length)
      writer.hash(row.start.head)
      break
    case "batch":
      writer.varint(row.batch.number)
      writer.varint(row.batch.rows)
      writer.varint(row.batch.sum)
      break
  }
  const sum = checksum(seq, writer.bytes.subarray(start, writer.at))
  for (let shift = 24; shift >= 0; shift -= 8) writer.byte((sum >>> shift) & 255)
}

/** The row at the place `seq`, or what is wrong with it. */
export const readRow = (seq: number, body: Uint8Array): JournalRow | { readonly problem: string } => {
  const end = body.length - CHECKSUM_BYTES
  if (end < 1 || checksum(seq, body.subarray(0, end)) !== checksumOf(body)) {
    return { problem: "its checksum does not hold" }
  }
  const reader = new Reader(body, 0, end)
  const row = readBody(reader, body, end)
  if (row === null) return { problem: "it is of an unknown kind" }
  const problem = reader.finish()
  return problem === undefined ? row : { problem: problem.problem }
}

const readBody = (reader: Reader, body: Uint8Array, end: number): JournalRow | null => {
  const count = (field: string): number => reader.varint(field, Number.MAX_SAFE_INTEGER)
  switch (reader.byte("kind")) {
    case Kind.item: {
      const [cell, index] = [count("cell"), count("index")]
      const [digest, head] = [reader.hash("digest"), reader.hash("head")]
      const bytes = reader.bool("bytes") ? reader.view("bytes", end - reader.here) : null
      return { type: "item", cell, index, item: { digest, head, bytes } }
    }
    case Kind.record: {
      const text = decoder.decode(body.subarray(1, end))
      reader.view("record", end - 1)
      return { type: "record", record: JSON.parse(text) as CellRecord }
    }
    case Kind.start:
      return {
        type: "start",
        cell: count("cell"),
        start: { length: count("length"), head: reader.hash("head") },
      }
    case Kind.batch:
      return {
        type: "batch",
        batch: { number: count("number"), rows: count("rows"), sum: count("sum") },
      }
    default:
      return null
  }
}

/** The checksum that a row's body ends with. */
export const checksumOf = (body: Uint8Array): number => {
  let sum = 0
  for (const byte of body.subarray(-CHECKSUM_BYTES)) sum = sum * 256 + byte
  return sum
}

/** Seeded with the place, so that a row cannot stand in for another. */
const checksum = (seq: number, bytes: Uint8Array): number => crc32(bytes, seq % 2 ** 32)
