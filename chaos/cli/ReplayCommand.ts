import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { oneOf } from "../../node/cli/Value.ts"
import { chaosGroup, codeOf, findPlan, orRefused, planArgument, storeFlag } from "./StoreFlag.ts"

/** Mutants have names of several words, which would take long to load: they are looked up when one is asked for. */
export const mutantFlag = {
  kind: "optional",
  about: "Put a known fault into the code first, which the run is to find",
  metavar: "NAME",
  read: (written: string) => written,
  fallback: null,
} as const

export const replayCommand = defineCommand({
  name: "replay",
  group: chaosGroup,
  about: "Play a saved plan, on a simulated ring or on real processes; exit 0 valid, 1 invalid, 2 unknown",
  kind: "tool",
  flags: {
    store: storeFlag,
    on: {
      kind: "optional",
      about: "Where it is played (default: simulator)",
      metavar: "WHERE",
      read: oneOf(["simulator", "processes"]),
      choices: ["simulator", "processes"],
      fallback: "simulator",
    },
    mutant: mutantFlag,
  },
  argument: planArgument,
  examples: [
    { command: "ringstead chaos replay latest", description: "The last run's plan, in virtual time" },
    {
      command: "ringstead chaos replay plan.json --mutant no-barrier",
      description: "With a fault in the code",
    },
  ],
  run: Effect.fnUntraced(function* ({ store, on, mutant }, name) {
    const plan = yield* orRefused(() => findPlan(store, name))
    if (on === "simulator") {
      const { replayOnSimulator } = yield* Effect.promise(() => import("./Replay.ts"))
      return codeOf(yield* replayOnSimulator(plan, store, mutant))
    }
    const { tellOnProcesses } = yield* Effect.promise(() => import("./OnProcesses.ts"))
    const command = `ringstead chaos replay ${name} --on processes${mutant === null ? "" : ` --mutant ${mutant}`}`
    return codeOf(yield* tellOnProcesses(plan, store, mutant, command))
  }),
})
