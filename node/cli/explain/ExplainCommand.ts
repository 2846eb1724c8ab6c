import * as Effect from "effect/Effect"
import { defineCommand } from "../CliCommand.ts"
import { outputFlag, ringFlags } from "../look/RingFlags.ts"

export const explainCommand = defineCommand({
  name: "explain",
  about: "Say what a service is promised in each mode, what it must be, and the limits in force",
  kind: "tool",
  flags: { ...ringFlags, output: outputFlag },
  examples: [{ command: "ringstead explain", description: "The contract, and the limits of the ring here" }],
  run: Effect.fnUntraced(function* (values) {
    const { explain } = yield* Effect.promise(() => import("./Explain.ts"))
    return yield* explain(values, values.output)
  }),
})
