import { type Contact, samePeer } from "../peer/Contact.ts"
import type { Ballot } from "../replication/Ballot.ts"
import { type LogMark, NO_HASH, type Proposal } from "../replication/Durable.ts"
import type { ReplicaMessage, Round, SentItem } from "../replication/ReplicaMessage.ts"
import type { View } from "../replication/View.ts"
import { readPeer, writePeer } from "./ContactCodec.ts"
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

/** The first byte of a message between replicas. */
export const ReplicaTag = {
  Append: 16,
  AppendAck: 17,
  AppendNack: 18,
  Sealed: 19,
  Prepare: 20,
  Promise: 21,
  Refuse: 22,
  Accept: 23,
  Accepted: 24,
  Install: 25,
  Retire: 26,
  Pull: 27,
  Pulled: 28,
  Learn: 29,
  Learned: 30,
  ViewQuery: 31,
} as const satisfies Record<ReplicaMessage["type"], number>

/** Largest number of a cell (core/ring/Cell.ts: Q is at most 2^20). */
const MAX_CELL = 2 ** 20 - 1

/** Most members of a view (core/peer/Genesis.ts: r is at most 9). */
const MAX_MEMBERS = 9

/** Most items in one message. An item read takes some 200 bytes beside its own, so this bounds what a frame takes. */
export const MAX_ITEMS = 2 ** 16

/** Epochs, lengths, rounds, boots. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER

/** Everything of `message` behind its first byte. Throws as `encode` of core/codec/Codec.ts does. */
export const writeReplicaMessage = (writer: Writer, message: ReplicaMessage): void => {
  if (message.cell > MAX_CELL) throw new RangeError(`cannot encode cell ${message.cell}: at most ${MAX_CELL}`)
  writer.varint(message.cell)
  writer.varint(message.epoch)
  switch (message.type) {
    case "Append":
      writeRound(writer, message.round)
      writeMark(writer, message.prev)
      writeItems(writer, message.items)
      return writer.varint(message.commit)
    case "AppendAck":
      writer.bool(message.round !== null)
      if (message.round !== null) writeRound(writer, message.round)
      writer.varint(message.length)
      return writer.bool(message.warm)
    case "AppendNack":
      return writer.varint(message.length)
    case "Sealed":
    case "Prepare":
    case "Refuse":
    case "Accepted":
      return writeBallot(writer, message.ballot)
    case "Promise":
      writeBallot(writer, message.ballot)
      writer.bool(message.accepted !== null)
      if (message.accepted !== null) {
        writeBallot(writer, message.accepted.ballot)
        writeProposal(writer, message.accepted.proposal)
      }
      writeMark(writer, message.log)
      return writer.bool(message.leaving)
    case "Accept":
      writeBallot(writer, message.ballot)
      return writeProposal(writer, message.proposal)
    case "Install":
      return writeProposal(writer, message.proposal)
    case "Retire":
      return writeView(writer, message.view)
    case "Pull":
      return writeMark(writer, message.have)
    case "Pulled":
      writeMark(writer, message.prev)
      writeItems(writer, message.items)
      writer.varint(message.start)
      return writer.varint(message.length)
    case "Learn":
      writeView(writer, message.view)
      return writeMark(writer, message.log)
    case "Learned":
      return writeMark(writer, message.log)
    case "ViewQuery":
      return
  }
}

/** The message with this first byte, which is read already; undefined when no message between replicas has it. */
export const readReplicaMessage = (reader: Reader, tag: number): ReplicaMessage | undefined => {
  if (tag < ReplicaTag.Append || tag > ReplicaTag.ViewQuery) return undefined
  const cell = reader.varint("cell", MAX_CELL)
  const epoch = reader.varint("epoch", MAX_NUMBER)
  switch (tag) {
    case ReplicaTag.Append: {
      const round = readRound(reader)
      const prev = readMark(reader, "prev")
      const items = readItems(reader)
      return { type: "Append", cell, epoch, round, prev, items, commit: readCount(reader, "commit") }
    }
    case ReplicaTag.AppendAck: {
      const round = reader.bool("round") ? readRound(reader) : null
      const length = readCount(reader, "length")
      return { type: "AppendAck", cell, epoch, round, length, warm: reader.bool("warm") }
    }
    case ReplicaTag.AppendNack:
      return { type: "AppendNack", cell, epoch, length: readCount(reader, "length") }
    case ReplicaTag.Sealed:
      return { type: "Sealed", cell, epoch, ballot: readBallot(reader) }
    case ReplicaTag.Prepare:
      return { type: "Prepare", cell, epoch, ballot: readBallot(reader) }
    case ReplicaTag.Promise: {
      const ballot = readBallot(reader)
      const accepted = reader.bool("accepted")
        ? { ballot: readBallot(reader), proposal: readProposal(reader) }
        : null
      const log = readMark(reader, "log")
      return { type: "Promise", cell, epoch, ballot, accepted, log, leaving: reader.bool("leaving") }
    }
    case ReplicaTag.Refuse:
      return { type: "Refuse", cell, epoch, ballot: readBallot(reader) }
    case ReplicaTag.Accept: {
      const ballot = readBallot(reader)
      return { type: "Accept", cell, epoch, ballot, proposal: readProposal(reader) }
    }
    case ReplicaTag.Accepted:
      return { type: "Accepted", cell, epoch, ballot: readBallot(reader) }
    case ReplicaTag.Install:
      return { type: "Install", cell, epoch, proposal: readProposal(reader) }
    case ReplicaTag.Retire:
      return { type: "Retire", cell, epoch, view: readView(reader, "view") }
    case ReplicaTag.Pull:
      return { type: "Pull", cell, epoch, have: readMark(reader, "have") }
    case ReplicaTag.Pulled: {
      const prev = readMark(reader, "prev")
      const items = readItems(reader)
      const start = readCount(reader, "start")
      return { type: "Pulled", cell, epoch, prev, items, start, length: readCount(reader, "length") }
    }
    case ReplicaTag.Learn: {
      const view = readView(reader, "view")
      return { type: "Learn", cell, epoch, view, log: readMark(reader, "log") }
    }
    case ReplicaTag.Learned:
      return { type: "Learned", cell, epoch, log: readMark(reader, "log") }
    default:
      return { type: "ViewQuery", cell, epoch }
  }
}

const readCount = (reader: Reader, field: string): number => reader.varint(field, MAX_NUMBER)

const writeRound = (writer: Writer, round: Round): void => {
  writer.varint(round.boot)
  writer.varint(round.n)
}

const readRound = (reader: Reader): Round => ({
  boot: readCount(reader, "round.boot"),
  n: readCount(reader, "round.n"),
})

const writeBallot = (writer: Writer, ballot: Ballot): void => {
  writer.varint(ballot.counter)
  writer.id(ballot.id)
  writer.varint(ballot.boot)
}

const readBallot = (reader: Reader): Ballot => ({
  counter: readCount(reader, "ballot.counter"),
  id: reader.id("ballot.id"),
  boot: readCount(reader, "ballot.boot"),
})

/** An empty log has no head to write. */
const writeMark = (writer: Writer, mark: LogMark): void => {
  writer.varint(mark.length)
  if (mark.length > 0) return writer.hash(mark.head)
  if (mark.head !== NO_HASH) throw new RangeError(`cannot encode the head ${mark.head} of an empty log`)
}

const readMark = (reader: Reader, field: string): LogMark => {
  const length = reader.varint(field, MAX_NUMBER)
  return { length, head: length > 0 ? reader.hash(field) : NO_HASH }
}

const writeView = (writer: Writer, view: View): void => {
  if (view.length < 1 || view.length > MAX_MEMBERS) {
    throw new RangeError(`cannot encode a view of ${view.length} members: from 1 to ${MAX_MEMBERS}`)
  }
  writer.byte(view.length)
  for (const [i, member] of view.entries()) {
    if (isAmong(member, view, i)) throw new RangeError(`cannot encode a view with ${member.name} in it twice`)
    writePeer(writer, member)
  }
}

/** A member that counted twice would make majorities of too few, so that is refused here already. */
const readView = (reader: Reader, field: string): View => {
  const from = reader.here
  const count = reader.varint(field, MAX_MEMBERS)
  if (count === 0) reader.fail(`${field}: must have a member`, from)
  const view: Array<Contact> = []
  while (view.length < count && !reader.failed) {
    const at = reader.here
    const member = readPeer(reader, field)
    if (isAmong(member, view, view.length)) reader.fail(`${field}: a member twice`, at)
    view.push(member)
  }
  return view
}

const isAmong = (peer: Contact, view: View, count: number): boolean => {
  for (let i = 0; i < count; i++) if (samePeer(view[i] as Contact, peer)) return true
  return false
}

const writeProposal = (writer: Writer, { members, base, old }: Proposal): void => {
  writeView(writer, members)
  writeMark(writer, base)
  writeView(writer, old)
}

const readProposal = (reader: Reader): Proposal => {
  const members = readView(reader, "members")
  const base = readMark(reader, "base")
  return { members, base, old: readView(reader, "old") }
}

/** An item is its length and its bytes; the length 0, which no entry has, says that only the digest follows. */
const writeItems = (writer: Writer, items: ReadonlyArray<SentItem>): void => {
  if (items.length > MAX_ITEMS)
    throw new RangeError(`cannot encode ${items.length} items: at most ${MAX_ITEMS}`)
  writer.varint(items.length)
  for (const item of items) {
    if ("digest" in item) {
      writer.byte(0)
      writer.hash(item.digest)
    } else {
      if (item.bytes.length === 0) throw new RangeError("cannot encode an entry of no bytes")
      writer.varint(item.bytes.length)
      writer.block(item.bytes)
    }
  }
}

const readItems = (reader: Reader): ReadonlyArray<SentItem> => {
  const from = reader.here
  const count = reader.varint("number of items", MAX_ITEMS)
  // An item takes two bytes at least: a count that cannot be true is refused before anything is read for it.
  if (count * 2 > reader.left) reader.fail("number of items: more than the bytes can hold", from)
  const items: Array<SentItem> = []
  while (items.length < count && !reader.failed) {
    const length = reader.varint("item", MAX_NUMBER)
    // A copy, because a log keeps its entries for long, and the frame's buffer is somebody else's. Not by slice, which
    // copies nothing when the frame is a Buffer of Node's.
    items.push(
      length === 0 ? { digest: reader.hash("item") } : { bytes: new Uint8Array(reader.view("item", length)) },
    )
  }
  return items
}
