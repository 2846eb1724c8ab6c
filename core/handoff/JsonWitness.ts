import type { Difference } from "./Reply.ts"
import { type Noise, withoutNoise } from "./Noise.ts"
import { shellWord } from "./ShellWord.ts"
import { shortened } from "./Shortened.ts"

/** A number whose text says more than the number of JavaScript it is read as: 2^53 + 1, 1e400, 1.0. */
class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): string {
    return this.text
  }
}

/** Only what JSON.parse calls it with: `source` is the text of a number, string or literal. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const exact: Reviver = (_, value, { source }) =>
  typeof value === "number" && source !== undefined && String(value) !== source
    ? new ExactNumber(source)
    : value

/**
 * The object or array that `text` spells; undefined for anything else. A bare number or word is compared as text: no
 * pointer leads to a part of it.
 */
export const parseJson = (text: string): object | undefined => {
  if (!/^[ \t\r\n]*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as object
  } catch {
    // No JSON, or nested more deeply than the parser goes.
    return undefined
  }
}

const ABSENT = Symbol("absent")

/** The first difference in document order, found by the journaled one; the order of an object's members is none. */
export const firstJsonDifference = (journaled: object, replayed: object, noise: Noise): Difference | null => {
  // A list and not recursion: a megabyte can be nested more deeply than the stack is.
  const open: Array<readonly [pointer: string, one: unknown, other: unknown]> = [["", journaled, replayed]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [pointer, one, other] = next
    if (one === other || noise.pointers.has(pointer)) continue
    if (isTree(one) && isTree(other) && Array.isArray(one) === Array.isArray(other)) {
      for (const key of [...new Set([...Object.keys(one), ...Object.keys(other)])].toReversed()) {
        open.push([`${pointer}/${escaped(key)}`, member(one, key), member(other, key)])
      }
    } else if (!isEqual(one, other, noise)) {
      return {
        where: pointer === "" ? "the whole body" : shortened(pointer, "").journaled,
        ...shortened(shown(one), shown(other)),
        flag: pointer === "" ? null : flagOf(pointer),
      }
    }
  }
  return null
}

const isTree = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber)

const member = (tree: object, key: string): unknown =>
  Object.hasOwn(tree, key) ? (tree as Readonly<Record<string, unknown>>)[key] : ABSENT

const isEqual = (one: unknown, other: unknown, noise: Noise): boolean => {
  if (typeof one === "string" && typeof other === "string") {
    return withoutNoise(one, noise) === withoutNoise(other, noise)
  }
  return one instanceof ExactNumber && other instanceof ExactNumber && one.text === other.text
}

const escaped = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1")

const shown = (value: unknown): string => {
  if (value === ABSENT) return "(absent)"
  if (value instanceof ExactNumber) return value.text
  try {
    return JSON.stringify(value)
  } catch {
    return "(deeply nested)"
  }
}

/** As to be typed; null for a name that cannot be typed on one line. */
const flagOf = (pointer: string): string | null => {
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(pointer)) return null
  return `--ignore ${shellWord(pointer)}`
}
