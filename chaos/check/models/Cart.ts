import type { Model } from "./Model.ts"

/** How many there are of each item that is in the cart; in the order of their names. */
export type CartState = ReadonlyArray<readonly [item: string, count: number]>

/** A cart: an item more, all of an item gone. */
export const cart: Model<CartState> = {
  initial: [],
  answered: (state, { invoke, end }) => {
    const after = shown(end?.value)
    if (after === undefined) return undefined
    const own = invoke.f === "read" ? undefined : String(invoke.value)
    const counts = new Map(state)
    const wanted = new Map(after)
    if (invoke.f === "add" && !wanted.has(String(own))) return undefined
    if (invoke.f === "remove" && wanted.has(String(own))) return undefined
    const needs: Array<readonly [string, number]> = []
    for (const item of new Set([...counts.keys(), ...wanted.keys()])) {
      // How many there were of what it takes out is nobody's business.
      if (invoke.f === "remove" && item === own) continue
      let count = counts.get(item) ?? 0
      const before = (wanted.get(item) ?? 0) - (invoke.f === "add" && item === own ? 1 : 0)
      if (count > before) {
        needs.push([`remove ${item}`, 1])
        count = 0
      }
      if (before > count) needs.push([`add ${item}`, before - count])
    }
    return { needs, after }
  },
  key: (state) => JSON.stringify(state),
  effect: ({ invoke }) => `${invoke.f} ${String(invoke.value)}`,
  isRead: ({ invoke }) => invoke.f === "read",
}

/** The cart that an answer tells of; undefined if it tells of none. */
const shown = (value: unknown): CartState | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const lines = Object.entries(value).map(([item, count]) => [item, Number(count)] as const)
  return lines.every(([, count]) => Number.isSafeInteger(count) && count > 0)
    ? lines.toSorted(([a], [b]) => (a < b ? -1 : 1))
    : undefined
}
