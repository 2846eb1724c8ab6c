import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { chaosGroup, codeOf, findRun, orRefused, runArgument, storeFlag } from "./StoreFlag.ts"

export const checkCommand = defineCommand({
  name: "check",
  group: chaosGroup,
  about: "Judge a run again; exit 0 valid, 1 invalid, 2 unknown",
  kind: "tool",
  flags: { store: storeFlag },
  argument: runArgument,
  examples: [
    { command: "ringstead chaos check latest", description: "The last run, by what it left behind" },
  ],
  run: Effect.fnUntraced(function* ({ store }, name) {
    const { judge } = yield* Effect.promise(() => import("../check/Judge.ts"))
    const { resultsText } = yield* Effect.promise(() => import("./ResultsText.ts"))
    const results = yield* orRefused(() => judge(findRun(store, name)))
    process.stdout.write(`${resultsText(results)}\n`)
    return codeOf(results.outcome)
  }),
})
