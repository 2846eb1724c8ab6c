import * as Effect from "effect/Effect"
import type { SuiteName } from "../../bench/Suites.ts"
import { defineCommand } from "../CliCommand.ts"
import { count, oneOf, text } from "../Value.ts"

/** Said here as well as in node/bench/Suites.ts, which would load too much for a help text. */
const SUITES: ReadonlyArray<SuiteName> = ["micro", "front", "journal"]

export const benchCommand = defineCommand({
  name: "bench",
  about: "Measure this machine against the project's goals (in a checkout)",
  kind: "tool",
  flags: {
    row: {
      kind: "many",
      metavar: "N",
      about: "Only this row of the table of goals; repeat it for several",
      read: count(1, 99),
    },
    rounds: {
      kind: "optional",
      metavar: "N",
      about: "Samples of each candidate (default 15)",
      read: count(1, 1_000),
      fallback: undefined,
    },
    csv: {
      kind: "optional",
      metavar: "FILE",
      about: "Write the figures there as comma-separated values",
      read: text,
      fallback: undefined,
    },
  },
  argument: {
    name: "suite",
    about:
      "micro: what one operation costs; front: what is seen of whole processes; journal: what it costs that sessions survive",
    read: oneOf(SUITES),
    choices: SUITES,
  },
  examples: [{ command: "ringstead bench micro --csv micro.csv", description: "Hashing, search, codec" }],
  run: Effect.fnUntraced(function* (values, suite) {
    const { bench } = yield* Effect.promise(() => import("./Bench.ts"))
    return yield* bench(oneOf(SUITES)(suite), values)
  }),
})
