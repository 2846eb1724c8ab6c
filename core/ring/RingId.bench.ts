import { readIdBytes } from "../codec/IdBytes.ts"
import { between } from "./Arc.ts"
import { distance, fromBigInt, SIZE, toBigInt } from "./RingId.ts"
import { scatteredIds } from "./RingId.samples.ts"

// The four ways to hold an id that were compared before one was chosen (RingId.ts): the digits it is written with,
// a bigint, five 32-bit words, and its 20 bytes as the characters of a string.

const COUNT = 1024
const digits = scatteredIds(COUNT, 3)
const bigints = digits.map(toBigInt)
const bytes = Uint8Array.from(
  digits.flatMap((id) =>
    Array.from({ length: 20 }, (_, i) => Number.parseInt(id.slice(2 * i, 2 * i + 2), 16)),
  ),
)
const view = new DataView(bytes.buffer)
const readWords = (at: number): Uint32Array => {
  const words = new Uint32Array(5)
  for (let i = 0; i < 5; i++) words[i] = view.getUint32(at + 4 * i)
  return words
}
const words = digits.map((_, i) => readWords(20 * i))
const byteAt = (at: number): number => bytes[at] ?? 0
const readLatin1 = (at: number): string =>
  // oxfmt-ignore
  String.fromCharCode(
    byteAt(at), byteAt(at + 1), byteAt(at + 2), byteAt(at + 3), byteAt(at + 4),
    byteAt(at + 5), byteAt(at + 6), byteAt(at + 7), byteAt(at + 8), byteAt(at + 9),
    byteAt(at + 10), byteAt(at + 11), byteAt(at + 12), byteAt(at + 13), byteAt(at + 14),
    byteAt(at + 15), byteAt(at + 16), byteAt(at + 17), byteAt(at + 18), byteAt(at + 19),
  )
const latin1 = digits.map((_, i) => readLatin1(20 * i))

const noDigits = fromBigInt(0n)
const noWords = new Uint32Array(5)
const digitsAt = (i: number) => digits[i & (COUNT - 1)] ?? noDigits
const bigintAt = (i: number) => bigints[i & (COUNT - 1)] ?? 0n
const wordsAt = (i: number) => words[i & (COUNT - 1)] ?? noWords
const latin1At = (i: number) => latin1[i & (COUNT - 1)] ?? ""
const offsetAt = (i: number) => 20 * (i & (COUNT - 1))

const betweenBigints = (a: bigint, x: bigint, b: bigint): boolean =>
  a < b ? a < x && x < b : a === b ? x !== a : a < x || x < b

const betweenLatin1 = (a: string, x: string, b: string): boolean =>
  a < b ? a < x && x < b : a === b ? x !== a : a < x || x < b

const compareWords = (a: Uint32Array, b: Uint32Array): number => {
  for (let i = 0; i < 5; i++) {
    const [x = 0, y = 0] = [a[i], b[i]]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}

const betweenWords = (a: Uint32Array, x: Uint32Array, b: Uint32Array): boolean => {
  const order = compareWords(a, b)
  if (order === 0) return compareWords(x, a) !== 0
  return order < 0
    ? compareWords(a, x) < 0 && compareWords(x, b) < 0
    : compareWords(a, x) < 0 || compareWords(x, b) < 0
}

const subtractWords = (a: Uint32Array, b: Uint32Array): Uint32Array => {
  const difference = new Uint32Array(5)
  let borrow = 0
  for (let i = 4; i >= 0; i--) {
    const value = (a[i] ?? 0) - (b[i] ?? 0) - borrow
    borrow = value < 0 ? 1 : 0
    difference[i] = value
  }
  return difference
}

const readBigint = (at: number): bigint =>
  (view.getBigUint64(at) << 96n) | (view.getBigUint64(at + 8) << 32n) | BigInt(view.getUint32(at + 16))

const byDigits = new Map(digits.map((id, i) => [id, i]))
const byBigint = new Map(bigints.map((id, i) => [id, i]))
const byLatin1 = new Map(latin1.map((id, i) => [id, i]))

/** Keeps results alive, so that no loop is optimised away. */
let sink = 0

/** What the representation of a ring id was chosen by; the reference is the one chosen. */
export const rows = [
  {
    row: 2,
    title: "ring id: between",
    candidates: [
      {
        name: "40 digits",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += between(digitsAt(i), digitsAt(i + 7), digitsAt(i + 99)) ? 1 : 0
        },
      },
      {
        name: "bigint",
        run: (n: number): void => {
          for (let i = 0; i < n; i++)
            sink += betweenBigints(bigintAt(i), bigintAt(i + 7), bigintAt(i + 99)) ? 1 : 0
        },
      },
      {
        name: "5 words",
        run: (n: number): void => {
          for (let i = 0; i < n; i++)
            sink += betweenWords(wordsAt(i), wordsAt(i + 7), wordsAt(i + 99)) ? 1 : 0
        },
      },
      {
        name: "20 characters",
        run: (n: number): void => {
          for (let i = 0; i < n; i++)
            sink += betweenLatin1(latin1At(i), latin1At(i + 7), latin1At(i + 99)) ? 1 : 0
        },
      },
    ],
  },
  {
    row: 2,
    title: "ring id: look-up in a Map of 1024 (words cannot be its keys)",
    candidates: [
      {
        name: "40 digits",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += byDigits.get(digitsAt(i)) ?? 0
        },
      },
      {
        name: "bigint",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += byBigint.get(bigintAt(i)) ?? 0
        },
      },
      {
        name: "20 characters",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += byLatin1.get(latin1At(i)) ?? 0
        },
      },
    ],
  },
  {
    row: 2,
    title: "ring id: decoded from 20 bytes, then compared once",
    candidates: [
      {
        name: "40 digits",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += readIdBytes(bytes, offsetAt(i)) < digitsAt(i + 1) ? 1 : 0
        },
      },
      {
        name: "bigint",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += readBigint(offsetAt(i)) < bigintAt(i + 1) ? 1 : 0
        },
      },
      {
        name: "5 words",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += compareWords(readWords(offsetAt(i)), wordsAt(i + 1))
        },
      },
      {
        name: "20 characters",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += readLatin1(offsetAt(i)) < latin1At(i + 1) ? 1 : 0
        },
      },
    ],
  },
  {
    row: 2,
    title: "ring id: distance (rare: shares of the ring, the paper's fingers)",
    candidates: [
      {
        name: "40 digits",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += distance(digitsAt(i), digitsAt(i + 7)) > 1n ? 1 : 0
        },
      },
      {
        name: "bigint",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += (bigintAt(i + 7) - bigintAt(i) + SIZE) % SIZE > 1n ? 1 : 0
        },
      },
      {
        name: "5 words",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += subtractWords(wordsAt(i + 7), wordsAt(i))[4] ?? 0
        },
      },
    ],
  },
]

/** Read by nobody; exported so that the sum counts as used. */
export const witness = (): number => sink
