import * as Effect from "effect/Effect"
import { type CliCommand, defineCommand } from "./CliCommand.ts"
import { ExitCode } from "./ExitCode.ts"
import { oneOf } from "./Value.ts"

const SHELLS = ["bash", "zsh", "fish"] as const

/** @param all every command of the binary, this one included. */
export const completionsCommand = (all: () => Promise<ReadonlyArray<CliCommand>>): CliCommand =>
  defineCommand({
    name: "completions",
    about: "Print a completion script for a shell, which completes the word ringstead",
    kind: "tool",
    flags: {},
    argument: { name: "shell", about: "bash, zsh or fish", read: oneOf(SHELLS), choices: SHELLS },
    examples: [
      { command: "source <(ringstead completions bash)", description: "For this shell, from now on" },
    ],
    run: Effect.fnUntraced(function* (_values, shell) {
      const { readCommandLine } = yield* Effect.promise(() => import("./CommandTree.ts"))
      const commands = yield* Effect.promise(all)
      const reading = yield* Effect.promise(() => readCommandLine(commands, ["--completions", shell], false))
      if (reading.type === "print") process.stdout.write(`${reading.text}\n`)
      return ExitCode.ok
    }),
  })
