import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { text } from "../../node/cli/Value.ts"

const optional = { kind: "optional", fallback: undefined, read: text } as const

export const proveCommand = defineCommand({
  name: "prove",
  about:
    "Prove the protocol's claims anew with an SMT solver (z3-solver); exit 0 proved, 1 refuted, 2 unknown",
  kind: "tool",
  flags: {
    only: {
      ...optional,
      metavar: "NAME",
      about: "Only obligations whose names begin so, such as ring/L2 or journal",
    },
    quick: { kind: "switch", about: "Leave out lists of 3 and 4 successors, and 160-bit vectors" },
    mutants: { kind: "switch", about: "Weaken every rule in turn, and see it refuted" },
    emit: {
      ...optional,
      metavar: "DIR",
      about: "Write every question there as SMT-LIB, for another solver, and ask none",
    },
    ledger: { kind: "switch", about: "Write proofs/LEDGER.md, once everything is proved (in a checkout)" },
  },
  examples: [
    {
      command: "ringstead prove --only journal",
      description: "The journal, for any number of members and ballots",
    },
    { command: "ringstead prove --emit smt", description: "Files for z3 or cvc5" },
  ],
  run: Effect.fnUntraced(function* (values) {
    const { proving } = yield* Effect.promise(() => import("./Proving.ts"))
    return yield* proving(values)
  }),
})
