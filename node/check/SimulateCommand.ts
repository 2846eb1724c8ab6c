import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { defineCommand } from "../cli/CliCommand.ts"
import { count, text } from "../cli/Value.ts"

export const simulateCommand = defineCommand({
  name: "simulate",
  about:
    "Run whole rings in virtual time with all kinds of faults; exit 0 if every promise held, 1 if one did not, 2 if a ring was not whole again in time",
  kind: "tool",
  flags: {
    peers: {
      kind: "optional",
      metavar: "N",
      about: "Peers of a ring (default 16)",
      read: count(3, 1_024),
      fallback: 16,
    },
    seed: {
      kind: "optional",
      metavar: "S",
      about: "Seed of the first run; the others follow (default: any)",
      read: count(1, 999_999_999),
      fallback: undefined,
    },
    runs: {
      kind: "optional",
      metavar: "N",
      about: "Rings, one after another (default 20)",
      read: count(1, 1_000_000),
      fallback: 20,
    },
    minutes: {
      kind: "optional",
      metavar: "M",
      about: "Virtual minutes with faults; then all must become whole (default 2)",
      read: count(1, 1_000),
      fallback: 2,
    },
    workers: {
      kind: "optional",
      metavar: "N",
      about: "Threads; the outcome is the same for any number (default: one a processor)",
      read: count(1, 64),
      fallback: availableParallelism(),
    },
    mutant: {
      kind: "optional",
      metavar: "NAME",
      about: "Break one rule of the code, and see it found (in a checkout)",
      read: text,
      fallback: undefined,
    },
    trace: {
      kind: "optional",
      metavar: "FILE",
      about: "Write what the peers of the first run would trace, for 'ringstead check trace'",
      read: text,
      fallback: undefined,
    },
  },
  examples: [
    {
      command: "ringstead simulate",
      description: "20 rings of 16 peers, two virtual minutes of faults each",
    },
    { command: "ringstead simulate --peers 128 --runs 4", description: "Larger ones" },
    {
      command: "ringstead simulate --seed 5 --mutant 'acknowledge while sealed'",
      description: "A planted bug",
    },
  ],
  run: Effect.fnUntraced(function* (values) {
    const { runSimulations } = yield* Effect.promise(() => import("./Simulations.ts"))
    return yield* runSimulations(values)
  }),
})
