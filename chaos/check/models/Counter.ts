import type { Model } from "./Model.ts"

/** A count that goes up by one. */
export const counter: Model<number> = {
  initial: 0,
  answered: (state, { invoke, end }) => {
    const after = end?.value
    if (typeof after !== "number" || !Number.isSafeInteger(after)) return undefined
    const missing = after - state - (invoke.f === "increment" ? 1 : 0)
    if (missing < 0) return undefined
    return { needs: missing === 0 ? [] : [["increment", missing]], after }
  },
  key: (state) => state,
  effect: ({ invoke }) => invoke.f,
  isRead: ({ invoke }) => invoke.f === "read",
}
