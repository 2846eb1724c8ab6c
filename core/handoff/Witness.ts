import { bytesToHex } from "@noble/hashes/utils.js"
import { commonEnds, commonHead } from "./CommonEnds.ts"
import type { Difference } from "./Reply.ts"
import { firstJsonDifference, parseJson } from "./JsonWitness.ts"
import { type Noise, withoutNoise } from "./Noise.ts"
import { patternFor } from "./NoisePattern.ts"
import { shellWord } from "./ShellWord.ts"
import { shortened } from "./Shortened.ts"

/** What a service's answer is compared by. Fields like Date, ETag and Expires have no part in it. */
export interface Witnessed {
  readonly status: number
  /** Names of the cookies it sets, in any order; twice is once. */
  readonly cookies: ReadonlyArray<string>
  /** Without transfer and content coding. */
  readonly body: Uint8Array
}

/**
 * The first difference between the journaled answer to a request and the one given when it was replayed, null if
 * there is none beyond the noise. Declaring its flag as noise too makes that difference none.
 */
export const compare = (journaled: Witnessed, replayed: Witnessed, noise: Noise): Difference | null => {
  if (journaled.status !== replayed.status) {
    return plain("status", String(journaled.status), String(replayed.status))
  }
  const names = namesOf(journaled.cookies)
  const others = namesOf(replayed.cookies)
  if (names !== others) return plain("cookies", names || "none", others || "none")
  return isSame(journaled.body, replayed.body) ? null : compareBodies(journaled.body, replayed.body, noise)
}

const plain = (where: string, journaled: string, replayed: string): Difference => ({
  where,
  ...shortened(journaled, replayed),
  flag: null,
})

const namesOf = (cookies: ReadonlyArray<string>): string => [...new Set(cookies)].toSorted().join(", ")

/** A plain loop: the callbacks of `every` take 30 ms for a mebibyte, and every answer that is replayed comes by here. */
const isSame = (one: Uint8Array, other: Uint8Array): boolean => {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

const compareBodies = (one: Uint8Array, other: Uint8Array, noise: Noise): Difference | null => {
  const journaled = textOf(one)
  const replayed = textOf(other)
  if (journaled === null || replayed === null) {
    const at = one.findIndex((byte, i) => byte !== other[i])
    const from = at < 0 ? one.length : at
    return plain(`byte ${from + 1}`, hex(one, from), hex(other, from))
  }
  const tree = parseJson(journaled)
  const otherTree = tree === undefined ? undefined : parseJson(replayed)
  if (tree !== undefined && otherTree !== undefined) return firstJsonDifference(tree, otherTree, noise)
  return compareTexts(journaled, replayed, noise)
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** null for what is no text. */
const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const hex = (bytes: Uint8Array, from: number): string =>
  bytes.length === from ? "(its end)" : bytesToHex(bytes.subarray(from, from + 16))

/** Lines are counted in what is left when the noise is taken out. */
const compareTexts = (one: string, other: string, noise: Noise): Difference | null => {
  const lines = withoutNoise(one, noise).split("\n")
  const others = withoutNoise(other, noise).split("\n")
  const at = firstDifference(lines, others)
  if (at === null) return null
  const [line, otherLine] = [lines[at], others[at]]
  const shown = shortened(line ?? "(its end)", otherLine ?? "(its end)")
  const where = `line ${at + 1}`
  if (line === undefined || otherLine === undefined) return { where, ...shown, flag: null }
  const flag = flagFor(line, otherLine, one.length + other.length > SEARCHED ? null : [one, other], noise)
  return { where, ...shown, flag }
}

/** A pattern may take the square of what it is tried on: texts up to this size, in characters, are searched whole. */
const SEARCHED = 16_384
/** Of longer lines so much is looked at around the place where they part. */
const WINDOW = 1_024

/** @param texts what the pattern is tried on; null: the two lines alone */
const flagFor = (
  one: string,
  other: string,
  texts: readonly [string, string] | null,
  noise: Noise,
): string | null => {
  const parting = commonHead(one, other)
  const from = Math.max(0, parting - WINDOW)
  const line = texts === null ? one.slice(from, parting + WINDOW) : one
  const otherLine = texts === null ? other.slice(from, parting + WINDOW) : other
  const [text, otherText] = texts ?? [line, otherLine]
  const left = (more: Noise): number =>
    unlike(withoutNoise(text, more).split("\n"), withoutNoise(otherText, more).split("\n"))
  const before = left(noise)
  const pattern = patternFor(line, otherLine, (source) => {
    // Its end now stands at a line's beginning, say: to be told the same flag again helps nobody.
    const more = new RegExp(source, "gmu")
    if (noise.patterns.some((known) => known.source === more.source)) return true
    const patterns = [...noise.patterns, more]
    return left({ ...noise, patterns }) >= before
  })
  return pattern === null ? null : `--ignore ${shellWord(pattern)}`
}

const firstDifference = (lines: ReadonlyArray<string>, others: ReadonlyArray<string>): number | null => {
  for (let i = 0; i < Math.max(lines.length, others.length); i++) if (lines[i] !== others[i]) return i
  return null
}

/** How many characters of two texts stand between what each pair of lines has in common at either end. */
const unlike = (lines: ReadonlyArray<string>, others: ReadonlyArray<string>): number => {
  let sum = 0
  for (let i = 0; i < Math.max(lines.length, others.length); i++) {
    const line = lines[i] ?? ""
    const other = others[i] ?? ""
    if (line === other) continue
    const { head, tail } = commonEnds(line, other)
    sum += line.length + other.length - 2 * (head + tail)
  }
  return sum
}
