import type { RingId } from "../ring/RingId.ts"

/** Bytes of an id on the wire: the number, most significant byte first. */
export const ID_BYTES = 20

const digits = "0123456789abcdef"

/** Character codes of the two digits of a byte. */
export const high = Uint8Array.from({ length: 256 }, (_, byte) => digits.charCodeAt(byte >> 4))
export const low = Uint8Array.from({ length: 256 }, (_, byte) => digits.charCodeAt(byte & 15))

/** Value of a digit, by its character code. */
const valueOf = new Uint8Array(128)
for (let value = 0; value < 16; value++) valueOf[digits.charCodeAt(value)] = value

/** Writes `id` to `bytes[at]` to `bytes[at + 19]`; there must be room. */
export const writeIdBytes = (bytes: Uint8Array, at: number, id: RingId): void =>
  writeDigits(bytes, at, id, ID_BYTES)

/** Writes the `count` bytes whose lower-case hexadecimal digits are `text`; there must be room. */
export const writeDigits = (bytes: Uint8Array, at: number, text: string, count: number): void => {
  for (let i = 0; i < count; i++) {
    bytes[at + i] =
      ((valueOf[text.charCodeAt(2 * i)] as number) << 4) | (valueOf[text.charCodeAt(2 * i + 1)] as number)
  }
}

/** The number that the first three digits of `id` write. */
export const first12Bits = (id: RingId): number =>
  ((valueOf[id.charCodeAt(0)] as number) << 8) |
  ((valueOf[id.charCodeAt(1)] as number) << 4) |
  (valueOf[id.charCodeAt(2)] as number)

/**
 * The id whose bytes are `bytes[at]` to `bytes[at + 19]`; they must be there.
 *
 * One call with forty numbers makes the string at once. Measured against a table of digit pairs put together (twice
 * the time, and a rope that is flattened at the first comparison) and `TextDecoder` (twice).
 */
export const readIdBytes = (bytes: Uint8Array, at: number): RingId => {
  const a = bytes[at] as number
  const b = bytes[at + 1] as number
  const c = bytes[at + 2] as number
  const d = bytes[at + 3] as number
  const e = bytes[at + 4] as number
  const f = bytes[at + 5] as number
  const g = bytes[at + 6] as number
  const h = bytes[at + 7] as number
  const i = bytes[at + 8] as number
  const j = bytes[at + 9] as number
  const k = bytes[at + 10] as number
  const l = bytes[at + 11] as number
  const m = bytes[at + 12] as number
  const n = bytes[at + 13] as number
  const o = bytes[at + 14] as number
  const p = bytes[at + 15] as number
  const q = bytes[at + 16] as number
  const r = bytes[at + 17] as number
  const s = bytes[at + 18] as number
  const t = bytes[at + 19] as number
  // oxfmt-ignore
  return String.fromCharCode(
    high[a] as number, low[a] as number, high[b] as number, low[b] as number,
    high[c] as number, low[c] as number, high[d] as number, low[d] as number,
    high[e] as number, low[e] as number, high[f] as number, low[f] as number,
    high[g] as number, low[g] as number, high[h] as number, low[h] as number,
    high[i] as number, low[i] as number, high[j] as number, low[j] as number,
    high[k] as number, low[k] as number, high[l] as number, low[l] as number,
    high[m] as number, low[m] as number, high[n] as number, low[n] as number,
    high[o] as number, low[o] as number, high[p] as number, low[p] as number,
    high[q] as number, low[q] as number, high[r] as number, low[r] as number,
    high[s] as number, low[s] as number, high[t] as number, low[t] as number,
  ) as RingId
}
