import type { Model } from "./Model.ts"

/** A count that goes up by one. */
export const counter: Model<number> = {
  initial: 0,
  answer: (state, { invoke, end }) => {
    const after = invoke.f === "increment" ? state + 1 : state
    return end?.value === after ? after : undefined
  },
  apply: (state, { invoke }) => (invoke.f === "increment" ? state + 1 : state),
  key: (state) => state,
  effect: ({ invoke }) => invoke.f,
  isRead: ({ invoke }) => invoke.f === "read",
}
