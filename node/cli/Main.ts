import { type CliCommand, wordsOf } from "./CliCommand.ts"
import { allCommands, COMMANDS } from "./Commands.ts"
import { ExitCode } from "./ExitCode.ts"
import { readPlainArgs } from "./PlainArgs.ts"
import { runProcess } from "./RunProcess.ts"

/** The `ringstead` binary: reads the command line `args` (without node and script) and becomes that command. */
export const main = async (args: ReadonlyArray<string>): Promise<void> => {
  const entry = COMMANDS.find(({ name }) => name === args[0])
  if (entry !== undefined) {
    const command = await entry.load()
    const isPlain = command.group === undefined && command.argument === undefined
    const values = isPlain ? readPlainArgs(command.flags, args.slice(1)) : undefined
    if (values !== undefined) return start(command, values, "")
  }
  const { readCommandLine } = await import("./CommandTree.ts")
  const reading = await readCommandLine(await allCommands(), rephrase(args), process.stdout.isTTY)
  switch (reading.type) {
    case "run":
      return start(reading.command, reading.values, reading.argument)
    case "print":
      process.stdout.write(`${reading.text}\n`)
      return
    case "nothing":
      process.stdout.write(`${reading.text}\n`)
      process.exitCode = ExitCode.usage
      return
    case "mistake": {
      const where = reading.path.join(" ")
      process.stderr.write(
        `${where}: ${reading.reason}${reading.reason.endsWith("?") ? "" : `; see '${where} --help'`}\n`,
      )
      process.exitCode = ExitCode.usage
    }
  }
}

const start = (command: CliCommand, values: Readonly<Record<string, unknown>>, argument: string): void =>
  runProcess(wordsOf(command), command.run(values, argument), command.kind)

/** `help up` is the flag `--help` in the order people say it. */
const rephrase = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, second, ...rest] = args
  if (first === "help") return second === undefined ? ["--help"] : [second, "--help", ...rest]
  return args
}
