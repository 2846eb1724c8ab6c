import { type Contact, isPlaceholder, placeholder, sameContact } from "../peer/Contact.ts"
import { first12Bits } from "./IdBytes.ts"
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

/** Largest incarnation (core/peer/Genesis.ts). */
export const MAX_INCARNATION = 2 ** 32 - 1

/**
 * Contacts lately written, and lately read, with their bytes, in the place that the first 12 bits of their id say.
 *
 * A ring says the same few contacts over and over, and most of a message is contacts: finding one here costs a fifth
 * of writing or reading it anew. It also gives every mention of a peer the same object. These are memos and no state:
 * what comes out is the same when they are empty, and each holds at most {@link PLACES} contacts. They are two
 * because what is read was checked and what is written was not.
 */
const written: Array<Known | undefined> = []
const read: Array<Known | undefined> = []
const PLACES = 1 << 12
for (let place = 0; place < PLACES; place++) {
  written.push(undefined)
  read.push(undefined)
}

interface Known {
  readonly contact: Contact
  readonly bytes: Uint8Array
}

/**
 * A contact: id, incarnation, and unless the incarnation is 0 (a placeholder, which has none of these) the name and
 * both addresses. Those are written as they are: whoever made the contact has checked them.
 */
export const writeContact = (writer: Writer, contact: Contact): void => {
  const place = first12Bits(contact.id)
  const known = written[place]
  if (known !== undefined && sameContact(known.contact, contact)) {
    writer.raw(known.bytes)
    return
  }
  const start = writer.at
  writer.id(contact.id)
  writer.varint(contact.incarnation)
  if (isPlaceholder(contact)) return
  writer.text(contact.name)
  writer.text(contact.ring)
  writer.text(contact.http)
  written[place] = { contact, bytes: writer.bytes.slice(start, writer.at) }
}

/**
 * A contact where only a peer makes sense.
 *
 * @throws RangeError for a placeholder
 */
export const writePeer = (writer: Writer, contact: Contact): void => {
  if (isPlaceholder(contact)) {
    throw new RangeError(`cannot encode a placeholder (${contact.id}) where a peer is meant`)
  }
  writeContact(writer, contact)
}

export const readContact = (reader: Reader): Contact => {
  const place = reader.peek12()
  const known = read[place]
  if (known !== undefined && reader.skip(known.bytes)) return known.contact
  const start = reader.left
  const id = reader.id("contact.id")
  const incarnation = reader.varint("contact.incarnation", MAX_INCARNATION)
  if (incarnation === 0) return placeholder(id)
  const name = reader.name("contact.name")
  const ring = reader.address("contact.ring")
  const http = reader.address("contact.http")
  const contact = { id, incarnation, name, ring, http }
  if (!reader.failed) read[place] = { contact, bytes: reader.copyOfLast(start - reader.left) }
  return contact
}

/** A contact where only a peer makes sense; `field` says where, for the problem. */
export const readPeer = (reader: Reader, field: string): Contact => {
  const from = reader.here
  const contact = readContact(reader)
  if (isPlaceholder(contact)) reader.fail(`${field}: a placeholder where a peer is meant`, from)
  return contact
}
