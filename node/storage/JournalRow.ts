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
  /** Nothing but a seal, for a group that added no row; there is one at most, and only as long as it is the last. */
  | { readonly type: "seal" }

/**
 * The seal of a group of writes that were stored together: in the last row that the group added, so that a group of one
 * row is one row. Those of earlier groups mean nothing any more.
 */
export interface Seal {
  /** Counts groups since the journal was made, from 1; 0 is the empty journal. */
  readonly number: number
  /** How many other rows there are, and the sum of their checksums modulo 2^48: no row goes or comes unnoticed. */
  readonly rows: number
  readonly sum: number
}

const Kind = { item: 1, record: 2, start: 3, seal: 4 } as const

/** Added to the kind of a row that says something and bears a seal too. */
const SEALED = 128

const CHECKSUM_BYTES = 4

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** The row's body with its checksum, which holds at the place `seq` only, at the end of what `writer` holds. */
export const writeRow = (writer: Writer, seq: number, row: JournalRow, seal: Seal | null): void => {
  const start = writer.at
  const isBoth = seal !== null && row.type !== "seal"
  writer.byte(Kind[row.type] + (isBoth ? SEALED : 0))
  if (seal !== null) {
    writer.varint(seal.number)
    writer.varint(seal.rows)
    writer.varint(seal.sum)
  }
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
    case "seal":
      break
  }
  const sum = checksum(seq, writer.bytes.subarray(start, writer.at))
  for (let shift = 24; shift >= 0; shift -= 8) writer.byte((sum >>> shift) & 255)
}

export interface ReadRow {
  readonly row: JournalRow
  readonly seal: Seal | null
}

/** What is at the place `seq`, or what is wrong with it. */
export const readRow = (seq: number, body: Uint8Array): ReadRow | { readonly problem: string } => {
  const end = body.length - CHECKSUM_BYTES
  if (end < 1 || checksum(seq, body.subarray(0, end)) !== checksumOf(body)) {
    return { problem: "its checksum does not hold" }
  }
  const reader = new Reader(body, 0, end)
  const kind = reader.byte("kind")
  const seal = kind >= SEALED || kind === Kind.seal ? readSeal(reader) : null
  const row = readContent(reader, kind % SEALED, body.subarray(0, end))
  if (row === null) return { problem: "it is of an unknown kind" }
  const problem = reader.finish()
  return problem === undefined ? { row, seal } : { problem: problem.problem }
}

const readCount = (reader: Reader, field: string): number => reader.varint(field, Number.MAX_SAFE_INTEGER)

const readSeal = (reader: Reader): Seal => ({
  number: readCount(reader, "number"),
  rows: readCount(reader, "rows"),
  sum: readCount(reader, "sum"),
})

/** @param body up to its checksum */
const readContent = (reader: Reader, kind: number, body: Uint8Array): JournalRow | null => {
  switch (kind) {
    case Kind.item: {
      const [cell, index] = [readCount(reader, "cell"), readCount(reader, "index")]
      const [digest, head] = [reader.hash("digest"), reader.hash("head")]
      const bytes = reader.bool("bytes") ? reader.view("bytes", reader.left) : null
      return { type: "item", cell, index, item: { digest, head, bytes } }
    }
    case Kind.record: {
      const text = decoder.decode(body.subarray(reader.here))
      reader.view("record", reader.left)
      return { type: "record", record: JSON.parse(text) as CellRecord }
    }
    case Kind.start:
      return {
        type: "start",
        cell: readCount(reader, "cell"),
        start: { length: readCount(reader, "length"), head: reader.hash("head") },
      }
    case Kind.seal:
      return { type: "seal" }
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
