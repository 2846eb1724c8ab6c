import fc from "fast-check"
import { expect, test } from "vitest"
import type { CliCommand } from "./CliCommand.ts"
import { allCommands } from "./Commands.ts"
import { readCommandLine } from "./CommandTree.ts"
import type { Flag, Switch } from "./Flag.ts"
import { readPlainArgs } from "./PlainArgs.ts"

/** Those that the plain reader reads at all. */
const commands = (await allCommands()).filter(
  ({ argument, group }) => argument === undefined && group === undefined,
)

/** Texts that some flag reads, and some that none does. */
const TEXTS = (
  "a|x.json|8|3|300ms|never|1MiB|header:x,cookie|basic|127.0.0.1:7000|json|text|a=127.0.0.1:1|8f|stateless|memory|cold|any|/assets/*|" +
  "a=127.0.0.1:1,127.0.0.1:2@8|sha1,md5|two words||=|-|-1"
).split("|")

const reads = (flag: Exclude<Flag, Switch>, text: string): boolean => {
  try {
    flag.read(text)
    return true
  } catch {
    return false
  }
}

const written = (name: string, flag: Flag): fc.Arbitrary<ReadonlyArray<string>> => {
  if (flag.kind === "switch")
    return fc.constantFrom([`--${name}`], [`--${name}=true`], [`--${name}`, "false"])
  const good = TEXTS.filter((text) => reads(flag, text))
  const text = fc.oneof(
    { arbitrary: fc.constantFrom(...good), weight: 8 },
    { arbitrary: fc.constantFrom(...TEXTS), weight: 1 },
  )
  return text.chain((chosen) => fc.constantFrom([`--${name}`, chosen], [`--${name}=${chosen}`]))
}

const noise = fc.constantFrom(
  ...Array.from({ length: 12 }, () => []),
  ["--help"],
  ["stray"],
  ["--"],
  ["--nothing", "x"],
  ["-o", "json"],
)

const argsOf = (command: CliCommand): fc.Arbitrary<ReadonlyArray<string>> => {
  const flags = Object.entries(command.flags)
  const required = flags
    .filter(([, flag]) => flag.kind === "required")
    .map(([name, flag]) => written(name, flag))
  const chosen = fc.array(
    fc.constantFrom(...flags).chain(([name, flag]) => written(name, flag)),
    { maxLength: 3 },
  )
  return fc.tuple(fc.tuple(...required), chosen, noise).map((parts) => parts.flat(2))
}

test("what the plain reader reads, effect/cli reads to the same values", async () => {
  const line = fc
    .constantFrom(...commands)
    .chain((command) => fc.tuple(fc.constant(command), argsOf(command)))
  let plain = 0
  await fc.assert(
    fc.asyncProperty(line, async ([command, args]) => {
      const values = readPlainArgs(command.flags, args)
      if (values === undefined) return
      plain++
      const reading = await readCommandLine([command], [command.name, ...args], false)
      expect(reading).toMatchObject({ type: "run" })
      expect("values" in reading ? reading.values : undefined).toEqual(values)
    }),
    { numRuns: 300 },
  )
  // Otherwise the property would hold of a reader that reads nothing.
  expect(plain).toBeGreaterThan(50)
})

test("a command line with anything to say about it is left to effect/cli", () => {
  const flags = commands.find(({ name }) => name === "genesis")?.flags ?? {}
  for (const args of [
    ["--help"],
    ["stray"],
    ["--clustre", "x"],
    ["--cluster"],
    ["--cluster", "two words"],
    ["--cluster", "a", "--cluster", "b"],
    ["--", "x"],
  ]) {
    expect(readPlainArgs(flags, args)).toBeUndefined()
  }
})
