import * as Effect from "effect/Effect"
import { defineCommand } from "../CliCommand.ts"
import { text } from "../Value.ts"
import { outputFlag, ringFlags } from "./RingFlags.ts"

export const lookupCommand = defineCommand({
  name: "lookup",
  about: "Show which peer leads a client's cell; exit 0 if ids agree, 1 if not, 2 without an answer",
  kind: "tool",
  flags: {
    ...ringFlags,
    output: outputFlag,
    trace: { kind: "switch", about: "Name the peers on the way" },
  },
  argument: { name: "client", about: "The client's name", read: text },
  examples: [
    { command: "ringstead lookup alice --trace", description: "Where alice is served, and the way there" },
  ],
  run: Effect.fnUntraced(function* (values, client) {
    const { lookup } = yield* Effect.promise(() => import("./Lookup.ts"))
    return yield* lookup(values, client, { trace: values.trace, output: values.output })
  }),
})
