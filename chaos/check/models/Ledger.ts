import type { Call } from "../../history/Call.ts"
import type { Model } from "./Model.ts"

/** Numbers in the order in which they were appended; all before, and the last. */
export interface LedgerState {
  readonly length: number
  readonly last: unknown
  readonly before: LedgerState | null
  /** Names the whole list. */
  readonly key: string
}

const empty: LedgerState = { length: 0, last: undefined, before: null, key: "" }

/**
 * A list that only grows. An append says how long it is now, a read all that is in it.
 *
 * @param calls of the session: the longest list that any of them shows is what every other state is the beginning of, so
 *   that nobody need guess which appends without an answer happened
 */
export const ledger = (calls: ReadonlyArray<Call>): Model<LedgerState> => {
  const lists = calls.flatMap(({ outcome, invoke, end }) =>
    outcome === "ok" && invoke.f === "read" && Array.isArray(end?.value)
      ? [end.value as ReadonlyArray<unknown>]
      : [],
  )
  const longest = lists.reduce((best, list) => (list.length > best.length ? list : best), [])
  const appended = (state: LedgerState, value: unknown): LedgerState | undefined =>
    state.length < longest.length && longest[state.length] !== value
      ? undefined
      : {
          length: state.length + 1,
          last: value,
          before: state,
          key: `${state.key} ${JSON.stringify(value)}`,
        }
  return {
    initial: empty,
    answer: (state, { invoke, end }) => {
      if (invoke.f === "read") return isList(state, end?.value) ? state : undefined
      return end?.value === state.length + 1 ? appended(state, invoke.value) : undefined
    },
    apply: (state, { invoke }) => (invoke.f === "append" ? appended(state, invoke.value) : state),
    key: ({ key }) => key,
    effect: ({ invoke }) => `${invoke.f} ${JSON.stringify(invoke.value)}`,
    isRead: ({ invoke }) => invoke.f === "read",
  }
}

const isList = (state: LedgerState, value: unknown): boolean => {
  if (!Array.isArray(value) || value.length !== state.length) return false
  let place: LedgerState | null = state
  for (let n = value.length - 1; n >= 0; n--, place = place?.before ?? null) {
    if (place?.last !== value[n]) return false
  }
  return true
}
