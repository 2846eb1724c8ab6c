import * as Argument from "effect/cli/Argument"
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import type { Argument as ArgumentSpec, CliCommand, CommandGroup } from "./CliCommand.ts"
import { EXIT_CODES } from "./ExitCode.ts"
import type { Flag as FlagSpec, Flags } from "./Flag.ts"
import { manifest } from "./PackageRoot.ts"

/** What effect/cli made of a command line. */
export type Reading =
  | {
      readonly type: "run"
      readonly command: CliCommand
      readonly values: Readonly<Record<string, unknown>>
      readonly argument: string
    }
  /** Help, the version or completions were asked for; here they are. */
  | { readonly type: "print"; readonly text: string }
  /** No command was given: the help, but no success. */
  | { readonly type: "nothing"; readonly text: string }
  /** `path` says where, from "ringstead" to the subcommand; `reason` is one line. */
  | { readonly type: "mistake"; readonly path: ReadonlyArray<string>; readonly reason: string }

const ABOUT =
  "Runs a service on a ring of peers behind a team of dispatchers, so that it outlives any of its machines.\n\n" +
  `  Exit codes:\n${EXIT_CODES.map(([code, meaning]) => `    ${String(code).padEnd(3)} ${meaning}`).join("\n")}`

/** Reads `args` against all `commands`; never fails, and prints nothing. */
export const readCommandLine = (
  commands: ReadonlyArray<CliCommand>,
  args: ReadonlyArray<string>,
  colors: boolean,
): Promise<Reading> => {
  let reading: Reading | undefined
  const printed: Array<string> = []
  const formatter = CliOutput.defaultFormatter({ colors, globalFlags: "summary" })
  const presenter: CliOutput.Presenter = {
    present: (event) => Effect.sync(() => (reading = present(event, formatter))),
  }
  const root = Command.make("ringstead").pipe(
    Command.withDescription(ABOUT),
    Command.withSubcommands(
      byGroup(commands).map(({ group, members }) => {
        const subcommands = members.map((command) =>
          toEffect(command, (chosen) => (reading = { type: "run", command, ...chosen })),
        )
        const [alone] = subcommands
        return group === undefined && alone !== undefined
          ? alone
          : Command.make(group?.name ?? "").pipe(
              Command.withDescription(group?.about ?? ""),
              Command.withSubcommands(subcommands),
            )
      }),
    ),
  )
  return Command.runWith(root, { version: manifest().version })(args).pipe(
    Effect.ignore,
    Effect.provideService(CliConfig.CliConfig, {
      builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions],
    }),
    Effect.provideService(CliOutput.Presenter, presenter),
    // Completions go to the console and nowhere else.
    Effect.provideService(
      Console.Console,
      Object.assign(Object.create(console), { log: (text: string) => printed.push(text) }),
    ),
    Effect.provide(nothingOutside),
    Effect.map((): Reading => reading ?? { type: "print", text: printed.join("\n") }),
    Effect.runPromise,
  )
}

/** The commands in their order, those of one group together at the first of them. */
const byGroup = (
  commands: ReadonlyArray<CliCommand>,
): ReadonlyArray<{
  readonly group: CommandGroup | undefined
  readonly members: ReadonlyArray<CliCommand>
}> => {
  const groups = Map.groupBy(commands, ({ group, name }) => group?.name ?? name)
  return [...groups.values()].map((members) => ({ group: members[0]?.group, members }))
}

const present = (event: CliOutput.Presenter.Event, formatter: CliOutput.Formatter): Reading => {
  // oxlint-disable-next-line no-underscore-dangle -- effect's own discriminator
  switch (event._tag) {
    case "Help":
      return {
        type: event.reason === "Requested" ? "print" : "nothing",
        text: formatter.formatHelpDoc(event.helpDoc),
      }
    case "Version":
      return { type: "print", text: event.version }
    case "InvalidInvocation":
      return { type: "mistake", path: event.commandPath, reason: event.errors.map(describe).join("; ") }
  }
}

/** effect/cli asks for the platform because flags can be files and prompts; ours are neither. */
const nothingOutside = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Stdio.layerTest({}),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.succeed(100),
      rows: Effect.succeed(25),
      size: Effect.die("no terminal"),
      readInput: Effect.die("no terminal"),
      readLine: Effect.die("no terminal"),
      display: () => Effect.void,
    }),
  ),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => Effect.die("no child processes")),
  ),
)

const describe = (error: CliError.NonShowHelpErrors): string => {
  // oxlint-disable-next-line no-underscore-dangle -- effect's own discriminator
  switch (error._tag) {
    case "UnknownSubcommand":
      return `no such command: ${JSON.stringify(error.subcommand)}${guess(error.suggestions)}`
    case "UnrecognizedOption":
      return `no such flag: ${error.option}${guess(error.suggestions)}`
    case "MissingOption":
      return `--${error.option} is missing`
    case "MissingArgument":
      return `${error.argument} is missing`
    case "InvalidValue": {
      const where = error.kind === "flag" ? `--${error.option}` : error.option
      if (error.expected.startsWith("at most"))
        return `${where}: expected ${error.expected}, not ${error.value}`
      return error.value === "" && error.kind === "flag"
        ? `${where} needs a value`
        : `${where} ${JSON.stringify(error.value)}: expected ${error.expected}`
    }
    case "UnexpectedArgument":
      return `one argument too many: ${error.arguments.map((argument) => JSON.stringify(argument)).join(" ")}`
    case "DuplicateOption":
    case "ValidationError":
    case "UserError":
      return error.message.split("\n")[0] ?? error.message
  }
}

const guess = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

type Chosen = { readonly values: Readonly<Record<string, unknown>>; readonly argument: string }

const toEffect = (command: CliCommand, choose: (chosen: Chosen) => void) =>
  Command.make(
    command.name,
    { flags: flagsOf(command.flags), ...(command.argument && { argument: argumentOf(command.argument) }) },
    (config: { readonly flags: Readonly<Record<string, unknown>>; readonly argument?: string }) =>
      Effect.sync(() => choose({ values: config.flags, argument: config.argument ?? "" })),
  ).pipe(Command.withDescription(command.about), Command.withExamples(command.examples))

const flagsOf = (flags: Flags): Record<string, Flag.Flag<unknown>> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flagOf(name, flag)]))

const flagOf = (name: string, flag: FlagSpec): Flag.Flag<unknown> => {
  const dress = <A>(bare: Flag.Flag<A>): Flag.Flag<A> => {
    const described = Flag.withDescription(bare, flag.about)
    const named = flag.alias === undefined ? described : Flag.withAlias(described, flag.alias)
    return flag.hidden === true ? Flag.withHidden(named) : named
  }
  if (flag.kind === "switch") return dress(Flag.withDefault(Flag.withoutNegation(Flag.Boolean(name)), false))
  const bare = flag.choices === undefined ? Flag.String(name) : Flag.Literals(name, flag.choices)
  const read = Flag.mapTryCatch(dress(Flag.withMetavar(bare, flag.metavar)), flag.read, expectation)
  switch (flag.kind) {
    case "required":
      return read
    case "optional":
      return Flag.map(
        Flag.optional(read),
        Option.getOrElse(() => flag.fallback),
      )
    case "many":
      return Flag.atLeast(read, 0)
  }
}

const argumentOf = (argument: ArgumentSpec): Argument.Argument<string> => {
  const bare =
    argument.choices === undefined
      ? Argument.String(argument.name)
      : Argument.Literals(argument.name, argument.choices)
  const read = Argument.mapTryCatch(
    Argument.withDescription(bare, argument.about),
    argument.read,
    expectation,
  )
  return argument.optional === true ? Argument.withDefault(read, "") : read
}

const expectation = (error: unknown): string => (error instanceof Error ? error.message : String(error))
