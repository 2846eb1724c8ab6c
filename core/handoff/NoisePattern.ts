import { commonEnds } from "./CommonEnds.ts"

/** Characters of a line that stand together: a number, a word, an identifier. */
const WORD = "[\\p{L}\\p{N}_]+"
const words = new RegExp(WORD, "gu")
/** Between words they may hold parts of one value together: 12:03:44, 550e8400-e29b, 1.2.3. */
const JOINT = /^[-.:/+=]$/

/** At most so many characters of a line are quoted in a pattern on either side of what differs. */
const CONTEXT = 20

/** A line as words and what stands between them: `between[i]` comes before `words[i]`, the last one ends the line. */
interface Line {
  readonly words: ReadonlyArray<string>
  readonly between: ReadonlyArray<string>
}

/**
 * A regular expression (flags `gmu`) that takes out of both lines what differs first between them, told by what
 * surrounds it, and as little else as possible: `pid [0-9]+`.
 *
 * @param stays whether a pattern leaves a difference; the first one that does not is taken.
 * @returns its source, or null when nothing around says what differs.
 */
export const patternFor = (one: string, other: string, stays: (source: string) => boolean): string | null => {
  for (const source of [byWords(one, other), ...byEdges(one, other)]) {
    if (source !== null && !stays(source)) return source.startsWith("/") ? `[/]${source.slice(1)}` : source
  }
  return null
}

const lineOf = (text: string): Line => {
  const found: Array<string> = []
  const between: Array<string> = []
  let at = 0
  for (const match of text.matchAll(words)) {
    found.push(match[0])
    between.push(text.slice(at, match.index))
    at = match.index + match[0].length
  }
  between.push(text.slice(at))
  return { words: found, between }
}

/** For lines of one shape: the first word that differs, with what is joined to it and a plain word beside it. */
const byWords = (one: string, other: string): string | null => {
  const left = lineOf(one)
  const right = lineOf(other)
  if (left.words.length !== right.words.length) return null
  if (left.between.some((text, i) => text !== right.between[i])) return null
  const at = left.words.findIndex((word, i) => word !== right.words[i])
  if (at < 0) return null
  const wordAt = (i: number): string => left.words[i] ?? ""
  const gapAt = (i: number): string => left.between[i] ?? ""
  const varies = (i: number): boolean => wordAt(i) !== right.words[i] || !isPlain(wordAt(i))

  let source = kindOf(wordAt(at), right.words[at] ?? "")
  // Backwards to a plain word, or to the line's beginning: numbers before it belong to it, and vary as well.
  let told = false
  for (let i = at; !told; i--) {
    const gap = gapAt(i)
    source = quote(gap.slice(-CONTEXT)) + source
    if (gap.length > CONTEXT) break
    if (i === 0) {
      source = `^${source}`
      break
    }
    told = !varies(i - 1)
    const word = wordAt(i - 1)
    source = (told ? quote(word.slice(-CONTEXT)) : kindOf(word, right.words[i - 1] ?? "")) + source
  }
  let last = at
  for (; last + 1 < left.words.length && JOINT.test(gapAt(last + 1)) && varies(last + 1); last++) {
    source += quote(gapAt(last + 1)) + kindOf(wordAt(last + 1), right.words[last + 1] ?? "")
  }
  if (told) return source
  const gap = gapAt(last + 1)
  if (last + 1 === left.words.length) return gap.length <= CONTEXT ? `${source}${quote(gap)}$` : source
  return (
    source +
    quote(gap.slice(0, CONTEXT)) +
    (varies(last + 1) || gap.length > CONTEXT ? "" : quote(wordAt(last + 1)))
  )
}

/** Letters alone: such a word tells a place and does not vary by itself. */
const isPlain = (word: string): boolean => /^[\p{L}_]{2,}$/u.test(word)

const kindOf = (one: string, other: string): string => {
  const both = one + other
  if (/^[0-9]+$/.test(both)) return "[0-9]+"
  if (/^[0-9a-f]+$/.test(both) && /[0-9]/.test(one) && /[0-9]/.test(other)) return "[0-9a-f]+"
  return /^\w+$/.test(both) ? "\\w+" : WORD
}

/** For any lines: what stands between the longest beginning and the longest end that both have. */
const byEdges = (one: string, other: string): ReadonlyArray<string> => {
  let { head, tail } = commonEnds(one, other)
  // Not between the halves of a character.
  if (isSurrogate(one.charCodeAt(head - 1))) head--
  if (tail > 0 && isSurrogate(one.charCodeAt(one.length - tail))) tail--
  // A pattern that tells nothing of the place would take out everything.
  if (head === 0 && tail === 0) return []
  const before = (head <= CONTEXT ? "^" : "") + quote(cut(one.slice(Math.max(0, head - CONTEXT), head)))
  const after =
    quote(cut(one.slice(one.length - tail, one.length - tail + CONTEXT))) + (tail <= CONTEXT ? "$" : "")
  return [`${before}\\S*?${after}`, `${before}.*?${after}`, `${before}.*${after}`]
}

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** Without halves of characters at its ends. */
const cut = (text: string): string => text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "")

/** The pattern of just this text. */
const quote = (text: string): string =>
  cut(text)
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
