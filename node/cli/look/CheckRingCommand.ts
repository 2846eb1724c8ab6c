import * as Effect from "effect/Effect"
import { defineCommand } from "../CliCommand.ts"
import { duration } from "../Value.ts"
import { outputFlag, ringFlags } from "./RingFlags.ts"

export const checkRingCommand = defineCommand({
  name: "check-ring",
  about: "Check the ring and the copies of every journal; exit 0 if ideal, 1 if not yet, 2 if there is none",
  kind: "tool",
  flags: {
    ...ringFlags,
    output: outputFlag,
    wait: {
      kind: "optional",
      metavar: "DURATION",
      about: "Ask again until it is ideal, for this long (default once)",
      read: duration,
      fallback: 0,
    },
  },
  examples: [
    {
      command: "ringstead check-ring --wait 10s",
      description: "After a change, until the ring is right again",
    },
  ],
  run: Effect.fnUntraced(function* (values) {
    const { checkRing } = yield* Effect.promise(() => import("./CheckRing.ts"))
    return yield* checkRing(values, values.wait, values.output)
  }),
})
