import type { System } from "../../explorer/System.ts"
import type { CoreAction, CoreOptions, CoreState } from "../explored/CoreState.ts"
import { system as refined } from "./RefinedCore.ts"

/**
 * What befalls three peers and one cell, message by message, for scenarios: each line happens to the shipped step, and in
 * the same breath to the journal's model, which must be able to follow. `deliver Append p2 p0` is one of
 * several such messages, always the same; `kill p2 1` lets the first of the writes under way reach the disk and tears the others off.
 */
export const system = (options: CoreOptions): System<CoreState, CoreAction> => {
  const core = refined(options)
  return {
    ...core,
    name: "events, core and the journal's model",
    describe: (action) =>
      core
        .describe(action)
        .replace(/^crash /, "kill ")
        .replace(/^(deliver .*) [0-9a-f]{4}$/, "$1"),
  }
}
