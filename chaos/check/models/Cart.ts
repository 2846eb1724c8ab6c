import type { Call } from "../../history/Call.ts"
import type { Model } from "./Model.ts"

/** How many there are of each item that is in the cart; in the order of their names. */
export type CartState = ReadonlyArray<readonly [item: string, count: number]>

/** A cart: an item more, all of an item gone. */
export const cart: Model<CartState> = {
  initial: [],
  answer: (state, call) => {
    const after = applied(state, call)
    return keyOf(after) === keyOf(shown(call.end?.value)) ? after : undefined
  },
  apply: (state, call) => applied(state, call),
  key: (state) => keyOf(state),
  effect: ({ invoke }) => `${invoke.f} ${String(invoke.value)}`,
  isRead: ({ invoke }) => invoke.f === "read",
}

const applied = (state: CartState, { invoke }: Call): CartState => {
  const item = String(invoke.value)
  if (invoke.f === "read") return state
  const count = state.find(([name]) => name === item)?.[1] ?? 0
  const others = state.filter(([name]) => name !== item)
  return invoke.f === "remove" ? others : ordered([...others, [item, count + 1]])
}

/** The cart that an answer tells of; undefined if it tells of none. */
const shown = (value: unknown): CartState | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? ordered(Object.entries(value).map(([item, count]) => [item, Number(count)] as const))
    : undefined

const ordered = (lines: CartState): CartState => lines.toSorted(([a], [b]) => (a < b ? -1 : 1))

const keyOf = (state: CartState | undefined): string => JSON.stringify(state ?? null)
