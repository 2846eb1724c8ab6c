import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ExitCode } from "./ExitCode.ts"
import type { Flags, ValuesOf } from "./Flag.ts"
import type { Refusal } from "./Refusal.ts"
import type { Reader } from "./Value.ts"

/** The one positional argument a command may take. */
export interface Argument {
  readonly name: string
  readonly about: string
  readonly read: Reader<string>
  readonly choices?: ReadonlyArray<string>
  /** Whether it may be left out; it is "" then. */
  readonly optional?: boolean
}

/** What commands of two words have in common: the first word. */
export interface CommandGroup {
  readonly name: string
  /** One line. */
  readonly about: string
}

/** How a command is written. */
export const wordsOf = ({ group, name }: Pick<CliCommand, "group" | "name">): string =>
  group === undefined ? name : `${group.name} ${name}`

/** One subcommand of the binary, as its room exports it. */
export interface CliCommand {
  readonly name: string
  /** Where it belongs when it is written in two words, as `session show`. */
  readonly group?: CommandGroup
  /** One line. */
  readonly about: string
  readonly flags: Flags
  readonly argument?: Argument
  /**
   * A tool ends by itself, and a signal or a reader gone away cuts it short. A daemon serves until it is told to stop,
   * so being stopped is its success, and it does not mind that nobody reads its output any more.
   */
  readonly kind: "tool" | "daemon"
  readonly examples: ReadonlyArray<{ readonly command: string; readonly description: string }>
  /**
   * Runs the command with the values of its flags (and its argument) until it is done, fails, or is interrupted by a
   * signal.
   */
  readonly run: (
    values: Readonly<Record<string, unknown>>,
    argument: string,
  ) => Effect.Effect<ExitCode, Refusal, Scope.Scope>
}

/** Checks `run` against `flags` and forgets the types, so that commands of all shapes fit one list. */
export const defineCommand = <const F extends Flags>(
  command: Omit<CliCommand, "flags" | "run"> & {
    readonly flags: F
    readonly run: (values: ValuesOf<F>, argument: string) => Effect.Effect<ExitCode, Refusal, Scope.Scope>
  },
): CliCommand => ({
  ...command,
  run: (values, argument) => command.run(values as ValuesOf<F>, argument),
})
