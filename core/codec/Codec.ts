import type { Contact } from "../peer/Contact.ts"
import type { ClientMessage, LookupMessage, Message, RingMessage } from "../peer/Message.ts"
import { readContact, readPeer, writeContact, writePeer } from "./ContactCodec.ts"
import { type DecodeProblem, Reader } from "./Reader.ts"
import { readReplicaMessage, ReplicaTag, writeReplicaMessage } from "./ReplicaCodec.ts"
import { Writer } from "./Writer.ts"

/**
 * Version of everything peers and clients say to one another; the handshake settles it once per connection. A change
 * of any byte that {@link encode} makes is another version (core/codec/golden.json).
 */
export const WIRE_VERSION = 2

/** The first byte of a message. 0 is left to the transport. */
const Tag = {
  Ping: 1,
  Pong: 2,
  Join: 3,
  JoinReply: 4,
  StateQuery: 5,
  StateReply: 6,
  Notify: 7,
  FingerQuery: 8,
  FingerReply: 9,
  Lookup: 10,
  LookupReply: 11,
  Leaving: 12,
  ...ReplicaTag,
  Find: 64,
  Found: 65,
  Inspect: 66,
  Inspected: 67,
  Leave: 68,
  Session: 69,
  SessionShown: 70,
} as const satisfies Record<Message["type"], number>

/** Longest successor list (core/peer/Genesis.ts: L is at most 16). */
const MAX_SUCCESSORS = 16

/** Longest client name in bytes of UTF-8 (core/replication/Entry.ts). */
const MAX_CLIENT_BYTES = 256

/** Largest number of hops, hop budget and finger index. */
const MAX_COUNT = 2 ** 32 - 1

/** Largest token and operation number. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER

/**
 * The bytes of `message`.
 *
 * @throws RangeError where a field is out of the range that {@link decode} allows: a fault of whoever made it
 */
export const encode = (message: Message): Uint8Array<ArrayBuffer> => {
  const writer = new Writer()
  encodeTo(writer, message)
  return writer.copy()
}

/**
 * {@link encode} at the end of what `writer` holds already. Making a byte array costs more than filling it, so
 * whoever sends much keeps one writer. After an error the bytes from where it began mean nothing.
 */
export const encodeTo = (writer: Writer, message: Message): void => {
  writer.byte(Tag[message.type])
  switch (message.type) {
    case "Ping":
    case "Pong":
    case "Notify":
    case "Leaving":
      return
    case "Join":
      writePeer(writer, message.joiner)
      writer.varint(message.hops)
      return writer.varint(message.budget)
    case "JoinReply":
      return writeSuccessors(writer, message.successors)
    case "StateQuery":
      return writer.varint(message.op)
    case "StateReply":
      writer.varint(message.op)
      writer.bool(message.member)
      writeSuccessors(writer, message.successors)
      return writeContact(writer, message.predecessor)
    case "FingerQuery":
      return writer.varint(message.index)
    case "FingerReply":
      writer.varint(message.index)
      return writeOptionalPeer(writer, message.finger)
    case "Lookup":
      return writeLookup(writer, message)
    case "LookupReply":
      writer.varint(message.token)
      writePeer(writer, message.owner)
      writer.varint(message.hops)
      return writePath(writer, message.path)
    case "Find":
      writer.varint(message.token)
      writer.id(message.key)
      return writer.bool(message.trace)
    case "Found":
      writer.varint(message.token)
      writeOptionalPeer(writer, message.owner)
      writer.varint(message.hops)
      return writePath(writer, message.path)
    case "Inspected":
    case "SessionShown":
      writer.varint(message.token)
      return writer.text(message.json)
    case "Inspect":
    case "Leave":
      return writer.varint(message.token)
    case "Session":
      writer.varint(message.token)
      writer.shortText(message.client, MAX_CLIENT_BYTES)
      return writer.bool(message.action === "reset")
    default:
      return writeReplicaMessage(writer, message)
  }
}

/**
 * The message whose bytes are `bytes[start]` to `bytes[end - 1]`, or why there is none. Total: any bytes give one or
 * the other, and never more memory is taken than a small multiple of their number.
 *
 * Each message has exactly one encoding; any other bytes are refused.
 */
export const decode = (bytes: Uint8Array, start = 0, end = bytes.length): Message | DecodeProblem => {
  const reader = new Reader(bytes, start, end)
  const message = readMessage(reader)
  return reader.finish() ?? message
}

/** Whether `message` is one that peers say to one another, rather than to clients. */
export const isRingMessage = (message: Message): message is RingMessage => Tag[message.type] < Tag.Find

/** Whether `message` is one that goes between a client and a peer. */
export const isClientMessage = (message: Message): message is ClientMessage => !isRingMessage(message)

const readMessage = (reader: Reader): Message => {
  const tag = reader.byte("type")
  switch (tag) {
    case Tag.Ping:
      return { type: "Ping" }
    case Tag.Pong:
      return { type: "Pong" }
    case Tag.Join:
      return {
        type: "Join",
        joiner: readPeer(reader, "joiner"),
        hops: readHops(reader),
        budget: reader.varint("budget", MAX_COUNT),
      }
    case Tag.JoinReply:
      return { type: "JoinReply", successors: readSuccessors(reader) }
    case Tag.StateQuery:
      return { type: "StateQuery", op: reader.varint("op", MAX_NUMBER) }
    case Tag.StateReply:
      return readStateReply(reader)
    case Tag.Notify:
      return { type: "Notify" }
    case Tag.FingerQuery:
      return { type: "FingerQuery", index: reader.varint("index", MAX_COUNT) }
    case Tag.FingerReply:
      return {
        type: "FingerReply",
        index: reader.varint("index", MAX_COUNT),
        finger: readOptionalPeer(reader, "finger"),
      }
    case Tag.Lookup:
      return readLookup(reader)
    case Tag.LookupReply:
      return {
        type: "LookupReply",
        token: reader.varint("token", MAX_NUMBER),
        owner: readPeer(reader, "owner"),
        hops: reader.varint("hops", MAX_COUNT),
        path: readPath(reader),
      }
    case Tag.Leaving:
      return { type: "Leaving" }
    default:
      return readReplicaMessage(reader, tag) ?? readClientMessage(reader, tag)
  }
}

const readClientMessage = (reader: Reader, tag: number): Message => {
  if (tag < Tag.Find || tag > Tag.SessionShown) {
    reader.fail("type: no message has this first byte", reader.here - 1)
    return { type: "Ping" }
  }
  const token = reader.varint("token", MAX_NUMBER)
  switch (tag) {
    case Tag.Find:
      return { type: "Find", token, key: reader.id("key"), trace: reader.bool("trace") }
    case Tag.Found: {
      const owner = readOptionalPeer(reader, "owner")
      const hops = reader.varint("hops", MAX_COUNT)
      return { type: "Found", token, owner, hops, path: readPath(reader) }
    }
    case Tag.Inspect:
      return { type: "Inspect", token }
    case Tag.Inspected:
      return { type: "Inspected", token, json: reader.text("json") }
    case Tag.Leave:
      return { type: "Leave", token }
    case Tag.Session: {
      const client = reader.shortText("client", MAX_CLIENT_BYTES)
      return { type: "Session", token, client, action: reader.bool("action") ? "reset" : "show" }
    }
    default:
      return { type: "SessionShown", token, json: reader.text("json") }
  }
}

const readStateReply = (reader: Reader): Message => {
  const op = reader.varint("op", MAX_NUMBER)
  const member = reader.bool("member")
  const successors = readSuccessors(reader)
  // Of one that is no member nothing counts, so it may know of nobody before it.
  const predecessor = member ? readPeer(reader, "predecessor") : readContact(reader)
  return { type: "StateReply", op, member, successors, predecessor }
}

const writeLookup = (writer: Writer, lookup: LookupMessage): void => {
  writer.varint(lookup.token)
  writePeer(writer, lookup.asker)
  writer.id(lookup.key)
  writer.varint(lookup.hops)
  writer.varint(lookup.budget)
  writer.bool(lookup.final)
  writer.bool(lookup.trace)
  writePath(writer, lookup.path)
}

const readLookup = (reader: Reader): Message => {
  const token = reader.varint("token", MAX_NUMBER)
  const asker = readPeer(reader, "asker")
  const key = reader.id("key")
  const hops = readHops(reader)
  const budget = reader.varint("budget", MAX_COUNT)
  const final = reader.bool("final")
  const trace = reader.bool("trace")
  const path = readPath(reader)
  return { type: "Lookup", token, asker, key, hops, budget, final, path, trace }
}

/** Hops of a message under way: it counts itself, so from 1. */
const readHops = (reader: Reader): number => {
  const from = reader.here
  const hops = reader.varint("hops", MAX_COUNT)
  if (hops === 0) reader.fail("hops: must be 1 or more", from)
  return hops
}

const writeSuccessors = (writer: Writer, successors: ReadonlyArray<Contact>): void => {
  if (successors.length > MAX_SUCCESSORS) {
    throw new RangeError(`cannot encode ${successors.length} successors: at most ${MAX_SUCCESSORS}`)
  }
  writer.byte(successors.length)
  for (const contact of successors) writeContact(writer, contact)
}

const readSuccessors = (reader: Reader): ReadonlyArray<Contact> => {
  const count = reader.varint("number of successors", MAX_SUCCESSORS)
  const successors: Array<Contact> = []
  while (successors.length < count && !reader.failed) successors.push(readContact(reader))
  return successors
}

const writeOptionalPeer = (writer: Writer, contact: Contact | null): void => {
  writer.bool(contact !== null)
  if (contact !== null) writePeer(writer, contact)
}

const readOptionalPeer = (reader: Reader, field: string): Contact | null =>
  reader.bool(field) ? readPeer(reader, field) : null

const writePath = (writer: Writer, path: ReadonlyArray<string>): void => {
  writer.varint(path.length)
  for (const name of path) writer.text(name)
}

const readPath = (reader: Reader): ReadonlyArray<string> => {
  const count = reader.varint("number of names in path", MAX_COUNT)
  // A name takes two bytes at least: a count that cannot be true is refused before anything is read for it.
  if (count * 2 > reader.left) reader.fail("number of names in path: more than the bytes can hold")
  const path: Array<string> = []
  while (path.length < count && !reader.failed) path.push(reader.name("path"))
  return path
}
