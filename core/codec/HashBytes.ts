import type { Hash } from "../replication/Durable.ts"
import { high, low, writeDigits } from "./IdBytes.ts"

/** Bytes of a hash on the wire and on disk. */
export const HASH_BYTES = 32

/** Writes `hash` to `bytes[at]` to `bytes[at + 31]`; there must be room. */
export const writeHashBytes = (bytes: Uint8Array, at: number, hash: Hash): void =>
  writeDigits(bytes, at, hash, HASH_BYTES)

/** The characters of the hash that is being read. */
const codes = Array.from({ length: 2 * HASH_BYTES }, () => 0)

/**
 * The hash whose bytes are `bytes[at]` to `bytes[at + 31]`; they must be there. Its text is made in one piece: putting
 * pairs of digits together takes twice as long.
 */
export const readHashBytes = (bytes: Uint8Array, at: number): Hash => {
  for (let i = 0; i < HASH_BYTES; i++) {
    const byte = bytes[at + i] as number
    codes[2 * i] = high[byte] as number
    codes[2 * i + 1] = low[byte] as number
  }
  return String.fromCharCode(...codes) as Hash
}
