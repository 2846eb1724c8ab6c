import { WIRE_VERSION } from "../../core/codec/Codec.ts"
import { MAX_INCARNATION, readPeer, writePeer } from "../../core/codec/ContactCodec.ts"
import { type DecodeProblem, Reader } from "../../core/codec/Reader.ts"
import { Writer } from "../../core/codec/Writer.ts"
import type { Contact } from "../../core/peer/Contact.ts"

/**
 * The first frame in each direction of every connection. Whoever dialled says who it is and whom it means to reach;
 * the other side answers with who it is, or with why it refuses. Only then anything else may be said.
 *
 * Layout: "RINGSTEAD", the version as two bytes, a byte for the kind of frame. So much, and a refusal whole, is the
 * same in every version, so that two versions can always tell each other what is the matter.
 */
export type Greeting = Hello | Refusal

/** Who speaks. */
export interface Hello {
  readonly type: "Hello"
  readonly cluster: string
  /** The peer that speaks, with its boot number; null for a client. */
  readonly peer: Introduction | null
  /** Whom the dialler means to reach; null when whoever listens there will do, and in answers. */
  readonly expected: Identity | null
}

export interface Introduction {
  readonly contact: Contact
  /** Starts of the peer on its data directory, from 1. */
  readonly boot: number
  /** 32 hexadecimal digits, drawn when this incarnation got its data directory: another one has not its memory. */
  readonly disk: string
}

/** What makes a peer that very peer. */
export type Identity = Pick<Contact, "id" | "incarnation">

/** Why a connection is refused. */
export interface Refusal {
  readonly type: "Refusal"
  readonly code: RefusalCode
  /** One line for people: what is wrong and what to do. */
  readonly text: string
}

const codes = {
  /** The greeting is none. */
  Malformed: 1,
  WrongVersion: 2,
  WrongCluster: 3,
  /** Another peer, or another incarnation, than the dialler expects. */
  NotExpected: 4,
  /** Too many connections. */
  TooMany: 5,
  /** The dialler has reached itself. */
  Self: 6,
  /** The dialler's process has been followed by a newer one of the same peer. */
  StaleBoot: 7,
  /** The greeting did not come in time. */
  Late: 8,
  /** The dialler's incarnation is known with another disk: it has lost what it must not forget. */
  OtherDisk: 9,
  /** Any other reason, of this version or a later one. */
  Other: 255,
} as const

export type RefusalCode = keyof typeof codes

/** Longest greeting, in bytes. */
export const GREETING_LIMIT = 4096

/** Most bytes of a refusal's text that are said or read. */
const TEXT_LIMIT = 1_000

const DISK_BYTES = 16

const MAGIC = new TextEncoder().encode("RINGSTEAD")

const Kind = { Hello: 1, Refusal: 2 } as const
const Role = { Peer: 1, Client: 2 } as const

/** The bytes of a greeting, without frame header. */
export const encodeGreeting = (greeting: Greeting, version = WIRE_VERSION): Uint8Array => {
  const writer = new Writer()
  writer.raw(MAGIC)
  writer.byte(version >> 8)
  writer.byte(version & 255)
  writer.byte(Kind[greeting.type])
  if (greeting.type === "Refusal") {
    writer.byte(codes[greeting.code])
    writer.text(greeting.text.slice(0, TEXT_LIMIT / 4))
    return writer.copy()
  }
  writer.byte(greeting.peer === null ? Role.Client : Role.Peer)
  writer.text(greeting.cluster)
  if (greeting.peer !== null) {
    writePeer(writer, greeting.peer.contact)
    writer.varint(greeting.peer.boot)
    writer.raw(Buffer.from(greeting.peer.disk, "hex"))
  }
  writer.bool(greeting.expected !== null)
  if (greeting.expected !== null) {
    writer.id(greeting.expected.id)
    writer.varint(greeting.expected.incarnation)
  }
  return writer.copy()
}

/** A hello of another version, of which nothing else can be known. */
export interface OtherVersion {
  readonly type: "OtherVersion"
  readonly version: number
}

/** The greeting whose bytes are `bytes[start]` to `bytes[end - 1]`, or why there is none. Total. */
export const decodeGreeting = (
  bytes: Uint8Array,
  start: number,
  end: number,
): Greeting | OtherVersion | DecodeProblem => {
  const reader = new Reader(bytes, start, end)
  if (!reader.skip(MAGIC)) reader.fail('it does not begin with "RINGSTEAD"')
  const version = reader.byte("version") * 256 + reader.byte("version")
  const kind = reader.byte("kind")
  if (kind !== Kind.Hello && kind !== Kind.Refusal) reader.fail("kind: must be 1 or 2", reader.here - 1)
  if (kind === Kind.Hello && version !== WIRE_VERSION && !reader.failed) {
    return { type: "OtherVersion", version }
  }
  const greeting = kind === Kind.Refusal ? readRefusal(reader) : readHello(reader)
  return reader.finish() ?? greeting
}

const readRefusal = (reader: Reader): Refusal => {
  const code = reader.byte("code")
  const name = (Object.keys(codes) as Array<RefusalCode>).find((one) => codes[one] === code)
  return { type: "Refusal", code: name ?? "Other", text: reader.text("text") }
}

const readHello = (reader: Reader): Hello => {
  const role = reader.byte("role")
  if (role !== Role.Peer && role !== Role.Client) reader.fail("role: must be 1 or 2", reader.here - 1)
  const cluster = reader.name("cluster")
  const peer =
    role === Role.Peer
      ? {
          contact: readPeer(reader, "contact"),
          boot: reader.varint("boot", Number.MAX_SAFE_INTEGER),
          disk: Buffer.from(reader.view("disk", DISK_BYTES)).toString("hex"),
        }
      : null
  const expected = reader.bool("expected")
    ? { id: reader.id("expected.id"), incarnation: reader.varint("expected.incarnation", MAX_INCARNATION) }
    : null
  return { type: "Hello", cluster, peer, expected }
}
