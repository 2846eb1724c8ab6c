import { describe, expect, test } from "vitest"
import { wordsOf } from "./CliCommand.ts"
import { allCommands } from "./Commands.ts"
import { readCommandLine } from "./CommandTree.ts"

const commands = await allCommands()
const read = (...args: ReadonlyArray<string>) => readCommandLine(commands, args, false)

describe("a mistake is one line that names it", () => {
  test.each([
    [["genesi"], /^no such command: "genesi"; did you mean genesis\?$/],
    [["up", "--peesr", "3"], /^no such flag: --peesr; did you mean --peers\?$/],
    [["up", "--peers", "0"], /^--peers "0": expected a whole number from 1 to 512$/],
    [["up", "--peers"], /^--peers needs a value$/],
    [["up", "--peers", "1", "--peers", "2"], /^--peers: expected at most 1 value/],
    [["up", "--mode", "store"], /^--mode "store": expected .*replay.*stateless/],
    [["genesis", "--mode", "none"], /^--mode "none": expected .*replay.*stateless/],
    [["dispatch", "--mode", "replay"], /^no such flag: --mode/],
    [["up", "--durability", "tape"], /^--durability "tape": expected .*disk.*memory/],
    [["up", "--standby", "hot"], /^--standby "hot": expected .*warm.*cold/],
    [["up", "--session-state", "disk"], /^--session-state "disk": expected .*any.*cookie/],
    [["up", "--session-entries", "0"], /^--session-entries "0": expected a whole number from 1 to 1000000$/],
    [["up", "--session-bytes", "many"], /^--session-bytes "many": expected a size such as/],
    [["up", "--session-idle", "never"], /^--session-idle "never": expected a duration/],
    [["up", "--read-only", "assets"], /^--read-only "assets": expected a route; a path begins with \/, for/],
    [
      ["up", "--ignore", "/a~2"],
      /^--ignore "\/a~2": expected a JSON .*; in a JSON pointer ~ must be written ~0/,
    ],
    [
      ["up", "--ignore", "(pid"],
      /^--ignore "\(pid": expected a JSON .*; it is no regular expression \(.*\); put/,
    ],
    [["up", "--restart-after", "soon"], /^--restart-after "soon": expected a duration .* or never$/],
    [["up", "--client", "cookies"], /^--client "cookies": expected header:NAME, cookie, basic or address/],
    [["up", "stray"], /^one argument too many: "stray"$/],
    [["peer", "--name", "a"], /^--genesis is missing$/],
    [["genesis", "--founder", "a"], /^--founder "a": expected NAME=RINGHOST:PORT,HTTPHOST:PORT/],
    [["lookup"], /^client is missing$/],
    [["session", "show"], /^client is missing$/],
    [["session", "reset", "alice", "--no"], /^no such flag: --no/],
    [["session", "forget", "alice"], /^no such command: "forget"/],
    [["check", "--peers", "3"], /^no such flag: --peers/],
    [["check", "ring", "--peers", "9"], /^--peers "9": expected a whole number from 1 to 8$/],
    [["check", "ring", "--rules", "mine"], /^--rules "mine": expected .*ours.*original/],
    [["check", "scenario"], /^file is missing$/],
    [["explain", "it"], /^one argument too many: "it"$/],
    [["completions"], /^shell is missing$/],
    [["completions", "tcsh"], /^shell "tcsh": expected .*bash.*zsh.*fish/],
    [["status", "-o", "xml"], /^--output "xml": expected .*table.*json/],
  ])("%j", async (args, reason) => {
    const reading = await read(...args)
    expect(reading.type).toBe("mistake")
    expect("reason" in reading ? reading.reason : "").toMatch(reason)
    expect("reason" in reading ? reading.reason : "").not.toContain("\n")
  })
})

test("help of the binary lists every command and every exit code, that of a command its flags", async () => {
  const help = await read("--help")
  expect(help.type).toBe("print")
  const text = "text" in help ? help.text : ""
  for (const command of commands) {
    const { about, name } = command.group ?? command
    expect(text).toMatch(new RegExp(`${name}\\s+${about.slice(0, 20)}`))
  }
  for (const code of [0, 1, 2, 64, 69, 70, 78]) expect(text).toMatch(new RegExp(`^ +${code} +\\w`, "m"))
  for (const command of commands) {
    // oxlint-disable-next-line no-await-in-loop -- a dozen of them
    const own = await read(...wordsOf(command).split(" "), "--help")
    for (const [name, flag] of Object.entries(command.flags)) {
      expect("text" in own && own.text.includes(`--${name}`)).toBe(flag.hidden !== true)
    }
  }
})

test("no command at all shows the help, and is no success", async () => {
  expect(await read()).toMatchObject({ type: "nothing", text: expect.stringContaining("SUBCOMMANDS") })
})

test.each(["bash", "zsh", "fish"])("completions for %s know every command", async (shell) => {
  const reading = await read("--completions", shell)
  expect(reading.type).toBe("print")
  for (const { group, name } of commands) {
    for (const word of [name, ...(group === undefined ? [] : [group.name])])
      expect("text" in reading ? reading.text : "").toContain(word)
  }
})

test("the version is the package's", async () => {
  expect(await read("--version")).toMatchObject({
    type: "print",
    text: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  })
})
