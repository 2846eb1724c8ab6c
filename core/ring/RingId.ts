declare const RingIdBrand: unique symbol

/**
 * A place on the ring: an integer mod 2^160, clockwise = increasing.
 *
 * Represented as exactly 40 lower-case hexadecimal digits. Strings of one length compare in the order of the
 * numbers they write, so `<`, `===`, `Map` keys and JSON all work on an id as it is, and traces can be read. Chosen by
 * measurement against bigint, five 32-bit words and a string of the 20 bytes (RingId.bench.ts): comparing costs the
 * same in all four, a `Map` look-up 0.6 times bigint's, decoding from the wire about as much as a bigint (the other
 * two take half of that, and cannot be read or be keys). Arithmetic costs three times bigint's, is rare, and goes
 * through {@link toBigInt}.
 */
export type RingId = string & { readonly [RingIdBrand]: true }

/** Width of the identifier space in bits (SHA-1's, as in the paper). */
export const BITS = 160

/** Number of ids on the ring, 2^160. */
export const SIZE: bigint = 1n << BigInt(BITS)

/** Hexadecimal digits of an id. */
export const DIGITS = BITS / 4

const pattern = /^[0-9a-f]{40}$/

/** Whether `text` is a ring id: 40 lower-case hexadecimal digits. */
export const isRingId = (text: unknown): text is RingId => typeof text === "string" && pattern.test(text)

/**
 * The id written by `text`.
 *
 * @throws RangeError unless `text` is 40 lower-case hexadecimal digits.
 */
export const fromHex = (text: string): RingId => {
  if (!isRingId(text)) {
    throw new RangeError(`not a ring id: ${JSON.stringify(text)}; expected 40 lower-case hexadecimal digits`)
  }
  return text
}

/** The id of `value` mod 2^160; negative values wrap too. */
export const fromBigInt = (value: bigint): RingId =>
  BigInt.asUintN(BITS, value).toString(16).padStart(DIGITS, "0") as RingId

/** The id as a number in [0, 2^160). */
export const toBigInt = (id: RingId): bigint => BigInt(`0x${id}`)

/** The upper 32 bits of the id, in [0, 2^32): enough to order nearly all ids, and to find the cell of any. */
export const upper32 = (id: RingId): number => {
  let value = 0
  for (let at = 0; at < 8; at++) {
    const code = id.charCodeAt(at)
    // The low bits of "0" to "9" are the digit's value, those of "a" to "f" lack nine. `parseInt` takes five times as long.
    value = (value << 4) | ((code & 15) + 9 * (code >>> 6))
  }
  return value >>> 0
}

/** `id + offset` mod 2^160. */
export const add = (id: RingId, offset: bigint): RingId => fromBigInt(toBigInt(id) + offset)

/** The id directly after `id`, clockwise. */
export const next = (id: RingId): RingId => add(id, 1n)

/** How far it is from `from` clockwise to `to`, in [0, 2^160); 0 when they are the same. */
export const distance = (from: RingId, to: RingId): bigint =>
  BigInt.asUintN(BITS, toBigInt(to) - toBigInt(from))

/** -1, 0 or 1 as `a` is before, at or after `b` when counting from 0. The ring itself has no such order. */
export const compare = (a: RingId, b: RingId): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0)
