import type { Entry, Replay } from "../replication/Entry.ts"
import { type DecodeProblem, Reader } from "./Reader.ts"
import { Writer } from "./Writer.ts"

/**
 * Version of the bytes of an entry, their first byte. They are stored, hashed and sent as their first leader wrote
 * them, so a later version must go on reading this one for as long as there are journals of it.
 */
export const ENTRY_VERSION = 1

const Kind = { request: 1, expire: 2 } as const satisfies Record<Entry["type"], number>

/** By the byte that says it. */
const replays: ReadonlyArray<Replay> = ["compare", "run", "skip"]

/** Longest client name, and longest request id, in bytes of UTF-8. */
export const MAX_CLIENT_BYTES = 256
export const MAX_REQUEST_ID_BYTES = 512

/** Where entries are written before they are copied out: its memory is taken once, not for each. */
let scratch = new Writer()

/** A longer one than this is given back. */
const SCRATCH_BYTES = 64 * 1024

/**
 * The bytes of `entry`, the only ones it has.
 *
 * @throws RangeError when client or id is empty or too long, or `at` no whole number: a fault of whoever made it
 */
export const encodeEntry = (entry: Entry): Uint8Array<ArrayBuffer> => {
  const writer = scratch
  writer.at = 0
  if (writer.bytes.length > SCRATCH_BYTES) scratch = new Writer()
  writer.byte(ENTRY_VERSION)
  writer.byte(Kind[entry.type])
  writer.shortText(entry.client, MAX_CLIENT_BYTES)
  writer.varint(entry.at)
  if (entry.type === "request") {
    writer.shortText(entry.id, MAX_REQUEST_ID_BYTES)
    writer.byte(replays.indexOf(entry.replay))
    writer.varint(entry.request.length)
    writer.block(entry.request)
    writer.varint(entry.response.length)
    writer.block(entry.response)
  }
  // Journals are kept for long: no byte more than there is.
  return writer.copy()
}

/**
 * The entry whose bytes these are, or why there is none. Total, and one entry has one encoding, as with messages.
 * `request` and `response` lie in `bytes`: they are not copied.
 */
export const decodeEntry = (bytes: Uint8Array): Entry | DecodeProblem => {
  const reader = new Reader(bytes, 0, bytes.length)
  const entry = readEntry(reader)
  return reader.finish() ?? entry
}

const readEntry = (reader: Reader): Entry => {
  const version = reader.byte("version")
  if (version !== ENTRY_VERSION) reader.fail(`version: must be ${ENTRY_VERSION}, not ${version}`, 0)
  const kind = reader.byte("kind")
  const client = reader.shortText("client", MAX_CLIENT_BYTES)
  const at = reader.varint("at", Number.MAX_SAFE_INTEGER)
  if (kind === Kind.expire) return { type: "expire", client, at }
  if (kind !== Kind.request) reader.fail("kind: must be 1 (request) or 2 (expire)", 1)
  const id = reader.shortText("id", MAX_REQUEST_ID_BYTES)
  const from = reader.here
  const replay = replays[reader.byte("replay")]
  if (replay === undefined) reader.fail("replay: must be 0, 1 or 2", from)
  const request = readBlock(reader, "request")
  const response = readBlock(reader, "response")
  return { type: "request", client, id, at, replay: replay ?? "skip", request, response }
}

const readBlock = (reader: Reader, field: string): Uint8Array =>
  reader.view(field, reader.varint(field, Number.MAX_SAFE_INTEGER))
