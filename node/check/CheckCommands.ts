import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { type CommandGroup, defineCommand } from "../cli/CliCommand.ts"
import { count, oneOf, text } from "../cli/Value.ts"

export const CHECK: CommandGroup = {
  name: "check",
  about:
    "Explore what the specification allows; exit 0 if all holds, 1 if it is violated, 2 if not all was seen",
}

const optional = { kind: "optional", fallback: undefined } as const

export const exploreFlags = {
  depth: {
    ...optional,
    metavar: "N",
    about: "Go no further than so many actions from the start (default: to the end)",
    read: count(0, 100_000),
  },
  states: {
    ...optional,
    metavar: "N",
    about: "Stop after so many distinct states (default: at the end)",
    read: count(1, 999_999_999),
  },
  mutant: { ...optional, metavar: "NAME", about: "Break one rule, and see it found", read: text },
  mutants: { kind: "switch", about: "Break every rule in turn; exit 0 if each is found" },
  save: {
    kind: "optional",
    metavar: "DIR",
    about: "Where counterexamples go, as scenarios (default .ringstead/check)",
    read: text,
    fallback: ".ringstead/check",
  },
  workers: {
    kind: "optional",
    metavar: "N",
    about: "Threads; what is found is the same for any number (default: one a processor)",
    read: count(1, 64),
    fallback: availableParallelism(),
  },
} as const

const peers = {
  ...optional,
  metavar: "N",
  about: "Peers, or nodes (default: what is explored to the end in a minute)",
  read: count(1, 8),
} as const

/** The command that explores a subject (Subjects.ts) which has nothing to choose but sizes and mutants. */
export const subjectCommand = (name: string, about: string) =>
  defineCommand({
    group: CHECK,
    name,
    about,
    kind: "tool",
    flags: { peers, ...exploreFlags },
    examples: [
      { command: `ringstead check ${name}`, description: "Every scope, exhaustively" },
      { command: `ringstead check ${name} --mutants`, description: "Every rule broken in turn" },
    ],
    run: Effect.fnUntraced(function* (values) {
      const { check } = yield* Effect.promise(() => import("./Check.ts"))
      return yield* check(name, values)
    }),
  })

export const checkRingCommand = defineCommand({
  group: CHECK,
  name: "ring",
  about: "Explore the rules by which peers join, stabilize and fail",
  kind: "tool",
  flags: {
    peers,
    rules: {
      kind: "optional",
      metavar: "RULES",
      about: "ours, or original: Chord as it was published, whose defects are found (default ours)",
      read: oneOf(["ours", "original"]),
      choices: ["ours", "original"],
      fallback: "ours",
    },
    ...exploreFlags,
  },
  examples: [
    { command: "ringstead check ring", description: "Four peers, exhaustively" },
    {
      command: "ringstead check ring --rules original",
      description: "What was wrong with Chord as published",
    },
    { command: "ringstead check ring --mutants", description: "Every rule broken in turn" },
  ],
  run: Effect.fnUntraced(function* (values) {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    return yield* check("ring", values)
  }),
})

export const checkJournalCommand = subjectCommand(
  "journal",
  "Explore the journal of one cell: requests, changes of view, crashes, and what must hold all the while",
)

export const checkSessionCommand = subjectCommand(
  "session",
  "Explore one client's session: instances that run and replay its requests, takeovers, duplicates",
)

export const checkSystemCommand = defineCommand({
  group: CHECK,
  name: "system",
  about: "Explore a protocol of your own",
  kind: "tool",
  flags: { peers, ...exploreFlags },
  argument: { name: "module", about: "A file that exports system, as README's example does", read: text },
  examples: [
    {
      command: "ringstead check system spec/examples/TwoPhaseCommit.ts",
      description: "Two-phase commit, and what comes of impatience",
    },
  ],
  run: Effect.fnUntraced(function* (values, module) {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    return yield* check(module, values)
  }),
})

export const checkScenarioCommand = defineCommand({
  group: CHECK,
  name: "scenario",
  about: "Play a scenario, a counterexample for instance, and see whether it ends as it says",
  kind: "tool",
  flags: {},
  argument: { name: "file", about: "The scenario, a small text file", read: text },
  examples: [
    {
      command: "ringstead check scenario spec/scenarios/ordered-merges.txt",
      description: "A defect of Chord as published, on the model and on the real core",
    },
  ],
  run: Effect.fnUntraced(function* (_, file) {
    const { checkScenario } = yield* Effect.promise(() => import("./CheckScenario.ts"))
    return yield* checkScenario(file)
  }),
})

const { mutant: _, mutants: __, ...searchFlags } = exploreFlags

/** The code's mutants are changes of its text: `simulate --mutant` runs them, and tests explore them. */
export const checkCoreCommand = defineCommand({
  group: CHECK,
  name: "core",
  about: "Explore the very code that peers run: three of them, one cell, a client, a crash and a restart",
  kind: "tool",
  flags: { peers, ...searchFlags },
  examples: [{ command: "ringstead check core", description: "Every scope, exhaustively: some minutes" }],
  run: Effect.fnUntraced(function* (values) {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    return yield* check("core", { ...values, mutant: undefined, mutants: false })
  }),
})

export const checkRefinementCommand = subjectCommand(
  "refinement",
  "Explore the very code, and hold each of its steps against the journal's model: one of its actions, or a few",
)

export const checkTraceCommand = defineCommand({
  group: CHECK,
  name: "trace",
  about: "Hold what peers have traced against the protocol; exit 2 if traces are missing",
  kind: "tool",
  flags: {
    and: {
      kind: "many",
      metavar: "FILE",
      about: "Another trace, or directory of them; repeatable",
      read: text,
    },
  },
  argument: { name: "file", about: "A trace, or a directory of traces (*.jsonl)", read: text },
  examples: [
    {
      command: "ringstead check trace traces",
      description: "What 'ringstead up --trace traces' wrote",
    },
  ],
  run: Effect.fnUntraced(function* ({ and }, file) {
    const { checkTrace } = yield* Effect.promise(() => import("./CheckTrace.ts"))
    return yield* checkTrace([file, ...and])
  }),
})
