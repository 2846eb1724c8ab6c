import * as Effect from "effect/Effect"
import { defineCommand } from "../CliCommand.ts"
import { ringFlags, outputFlag } from "./RingFlags.ts"

export const statusCommand = defineCommand({
  name: "status",
  about: "Show every peer of a ring; exit 0 all fine, 1 degraded, 2 broken",
  kind: "tool",
  flags: { ...ringFlags, output: outputFlag },
  examples: [
    { command: "ringstead status", description: "The ring that 'ringstead up' runs here" },
    { command: "ringstead status --genesis genesis.json -o json", description: "Any ring, for a script" },
  ],
  run: Effect.fnUntraced(function* (values) {
    const { showStatus } = yield* Effect.promise(() => import("./Status.ts"))
    return yield* showStatus(values, values.output)
  }),
})
