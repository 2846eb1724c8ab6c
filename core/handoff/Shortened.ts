import { commonHead } from "./CommonEnds.ts"

/** About so many characters of a value are shown. */
const SHOWN = 80
/** So many of them stand before the place where two values part. */
const BEFORE = 30

/** Two values as a person is shown them: on one line, and long ones only around the place where they part. */
export const shortened = (
  journaled: string,
  replayed: string,
): { readonly journaled: string; readonly replayed: string } => {
  const from = Math.max(0, commonHead(journaled, replayed) - BEFORE)
  return { journaled: excerpt(journaled, from), replayed: excerpt(replayed, from) }
}

const excerpt = (text: string, from: number): string => {
  if (text.length <= SHOWN) return onOneLine(text)
  const start = Math.max(0, Math.min(from, text.length - SHOWN))
  const piece = onOneLine(text.slice(start, start + SHOWN))
  return `${start > 0 ? "..." : ""}${piece}${start + SHOWN < text.length ? "..." : ""}`
}

const onOneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
