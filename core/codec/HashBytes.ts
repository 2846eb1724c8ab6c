import { bytesToHex } from "@noble/hashes/utils.js"
import type { Hash } from "../replication/Durable.ts"
import { writeDigits } from "./IdBytes.ts"

/** Bytes of a hash on the wire and on disk. */
export const HASH_BYTES = 32

/** Writes `hash` to `bytes[at]` to `bytes[at + 31]`; there must be room. */
export const writeHashBytes = (bytes: Uint8Array, at: number, hash: Hash): void =>
  writeDigits(bytes, at, hash, HASH_BYTES)

/** The hash whose bytes are `bytes[at]` to `bytes[at + 31]`; they must be there. */
export const readHashBytes = (bytes: Uint8Array, at: number): Hash =>
  bytesToHex(bytes.subarray(at, at + HASH_BYTES)) as Hash
