import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js"
import { HASH_BYTES, readHashBytes, writeHashBytes } from "../codec/HashBytes.ts"
import type { Hash, LogItem } from "./Durable.ts"
import type { SentItem } from "./ReplicaMessage.ts"

/**
 * SHA-256 of bytes as 64 lower-case hexadecimal digits. A pure function; it must not keep the bytes, which may change
 * once it has returned.
 */
export type Sha256 = (bytes: Uint8Array) => Hash

/** The core's own, without anything of the platform; a native one takes a seventh of its time (Chain.bench.ts). */
export const sha256: Sha256 = (bytes) => readHashBytes(nobleSha256(bytes), 0)

/** The digest of an encoded entry. */
export const digestOf = (bytes: Uint8Array, hash: Sha256 = sha256): Hash => hash(bytes)

const pair = new Uint8Array(2 * HASH_BYTES)

/** The head behind an entry with that digest, in a log whose head before it was `head` (journal.md, State). */
export const headAfter = (head: Hash, digest: Hash, hash: Sha256 = sha256): Hash => {
  writeHashBytes(pair, 0, head)
  writeHashBytes(pair, HASH_BYTES, digest)
  return hash(pair)
}

/** Items as they were sent, as they stand in a log behind the one whose head is `head`. */
export const chain = (
  head: Hash,
  items: ReadonlyArray<SentItem>,
  hash: Sha256 = sha256,
): ReadonlyArray<LogItem> => {
  let last = head
  return items.map((item) => {
    const bytes = "bytes" in item ? item.bytes : null
    const digest = "bytes" in item ? digestOf(item.bytes, hash) : item.digest
    last = headAfter(last, digest, hash)
    return { digest, head: last, bytes }
  })
}
