import type { Call } from "../../history/Call.ts"
import type { Model } from "./Model.ts"

/**
 * A list that only grows; no number is appended twice. An append says how long it is now, a read all that is in it.
 *
 * @param calls of the session: the longest list that any of them shows is what every other state is the beginning of, or what
 *   it begins with. So the length alone is a state, and beyond that list nobody ever sees which number is where.
 */
export const ledger = (calls: ReadonlyArray<Call>): Model<number> => {
  const lists = calls.flatMap(({ outcome, invoke, end }) =>
    outcome === "ok" && invoke.f === "read" && Array.isArray(end?.value)
      ? [end.value as ReadonlyArray<unknown>]
      : [],
  )
  const longest = lists.reduce((best, list) => (list.length > best.length ? list : best), [])
  const seen = new Set(longest)
  // No list has a number twice, so none gets so far.
  const twice = longest.findIndex((value, n) => longest.indexOf(value) < n)
  const limit = twice < 0 ? Infinity : twice
  const effectOf = (value: unknown): string => (seen.has(value) ? `append ${JSON.stringify(value)}` : UNSEEN)
  const between = (from: number, to: number): ReadonlyArray<readonly [string, number]> => {
    const beyond = to - Math.max(from, longest.length)
    return [
      ...longest.slice(from, to).map((value) => [effectOf(value), 1] as const),
      ...(beyond > 0 ? [[UNSEEN, beyond] as const] : []),
    ]
  }
  return {
    initial: 0,
    answered: (state, { invoke, end }) => {
      const value: unknown = end?.value
      if (invoke.f === "read") {
        if (!Array.isArray(value) || value.length < state) return undefined
        const isBeginning = value.length <= limit && value.every((one, n) => one === longest[n])
        return isBeginning ? { needs: between(state, value.length), after: value.length } : undefined
      }
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return undefined
      if (value <= state || value > limit) return undefined
      // Where its number is seen to be, or else where nobody sees it.
      const isThere = value <= longest.length ? longest[value - 1] === invoke.value : !seen.has(invoke.value)
      return isThere ? { needs: between(state, value - 1), after: value } : undefined
    },
    key: (state) => state,
    effect: ({ invoke }) => effectOf(invoke.value),
    isRead: ({ invoke }) => invoke.f === "read",
  }
}

const UNSEEN = "append"
