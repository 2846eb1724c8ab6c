import { copyFile, mkdir, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePorts } from "../ports/FreePorts.ts"
import { ringstead } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { ExitCode } from "./ExitCode.ts"

/** Every mistake below is made at the real binary; each must end with its code and one line that says what to do. */
const scratch = await scratchDirectory()
const file = (name: string): string => join(scratch.path, name)

/** Holds one port for as long as the tests run. */
const squatter = createServer()
let ports: ReadonlyArray<number> = []

const port = (i: number): number => ports[i] ?? 0
const genesisArgs = (): ReadonlyArray<string> =>
  ["a", "b", "c"].flatMap((name, i) => [
    "--founder",
    `${name}=127.0.0.1:${port(2 * i)},127.0.0.1:${port(2 * i + 1)}`,
  ])

beforeAll(async () => {
  ports = await Effect.runPromise(Effect.scoped(freePorts(8)))
  await new Promise<void>((resolve) => {
    squatter.listen(port(7), "127.0.0.1", resolve)
  })
  await ringstead(["genesis", ...genesisArgs(), "--out", file("genesis.json")])
  await ringstead(["genesis", ...genesisArgs(), "--mode", "stateless", "--out", file("stateless.json")])
  await mkdir(file("replay-data"))
  await copyFile(file("genesis.json"), file("replay-data/genesis.json"))
  await writeFile(file("malformed.json"), '{"version":1,"cluster":"x","cells":100}')
  await writeFile(file("nonsense.json"), "not JSON at all")
  await writeFile(file("plain-file"), "")
  await mkdir(file("of-b"))
  await writeFile(
    file("of-b/identity.json"),
    JSON.stringify({
      version: 2,
      cluster: "ringstead",
      name: "b",
      id: "0".repeat(40),
      incarnation: 1,
      boot: 1,
      disk: "0".repeat(32),
      durability: "disk",
    }),
  )
  await mkdir(file("of-another-cluster"))
  await writeFile(
    file("of-another-cluster/identity.json"),
    JSON.stringify({
      version: 2,
      cluster: "elsewhere",
      name: "a",
      id: "0".repeat(40),
      incarnation: 1,
      boot: 1,
      disk: "0".repeat(32),
      durability: "disk",
    }),
  )
})
afterAll(async () => {
  squatter.close()
  await scratch[Symbol.asyncDispose]()
})

const peer = (changes: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const flags = {
    genesis: file("genesis.json"),
    name: "a",
    data: file("a"),
    service: "sleep 100",
    ...changes,
  }
  return ["peer", ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])]
}
const dispatch = (changes: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const flags = { genesis: file("genesis.json"), listen: `127.0.0.1:${port(6)}`, ...changes }
  return ["dispatch", ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])]
}

const mistakes: ReadonlyArray<{
  readonly what: string
  readonly args: () => ReadonlyArray<string>
  readonly code: number
  readonly says: RegExp
}> = [
  {
    what: "a service that is no command",
    args: () => peer({ service: "no-such-command --at all", data: file("s1") }),
    code: ExitCode.unavailable,
    says: /no-such-command/,
  },
  {
    what: "a service that exits at once",
    args: () => peer({ service: "echo out of coffee >&2; exit 3", data: file("s2") }),
    code: ExitCode.unavailable,
    says: /3.*out of coffee|out of coffee.*3/,
  },
  {
    what: "a service that is never ready",
    args: () => peer({ service: "sleep 100", "service-ready": "300ms", data: file("s3") }),
    code: ExitCode.unavailable,
    says: /PORT/,
  },
  {
    what: "a genesis file that is missing",
    args: () => peer({ genesis: file("nowhere.json") }),
    code: ExitCode.config,
    says: /nowhere\.json.*genesis/,
  },
  {
    what: "a genesis file that is no JSON",
    args: () => peer({ genesis: file("nonsense.json") }),
    code: ExitCode.config,
    says: /nonsense\.json.*JSON/,
  },
  {
    what: "a malformed genesis file",
    args: () => peer({ genesis: file("malformed.json") }),
    code: ExitCode.config,
    says: /malformed\.json.*cells.*power of two/,
  },
  {
    what: "a genesis file that does not name the peer",
    args: () => peer({ name: "zoe", data: file("zoe") }),
    code: ExitCode.config,
    says: /zoe/,
  },
  {
    what: "the data directory of another peer",
    args: () => peer({ data: file("of-b") }),
    code: ExitCode.config,
    says: /of-b.*peer b/,
  },
  {
    what: "the data directory of another cluster",
    args: () => peer({ data: file("of-another-cluster") }),
    code: ExitCode.config,
    says: /elsewhere/,
  },
  {
    what: "a data directory that is a file",
    args: () => peer({ data: file("plain-file") }),
    code: ExitCode.config,
    says: /plain-file/,
  },
  {
    what: "a data directory where there can be none",
    args: () => ["up", "--data", process.platform === "linux" ? "/proc/ringstead" : file("plain-file")],
    code: ExitCode.config,
    says: /choose another --data/,
  },
  {
    what: "a dispatcher's port that is taken",
    args: () => dispatch({ listen: `127.0.0.1:${port(7)}` }),
    code: ExitCode.unavailable,
    says: /taken|in use|another process/,
  },
  {
    what: "a port of up that is taken",
    args: () => ["up", "--data", file("up-1"), "--port", String(port(7))],
    code: ExitCode.unavailable,
    says: /taken|in use|another process/,
  },
  {
    what: "a client source that is none",
    args: () => dispatch({ client: "telepathy" }),
    code: ExitCode.usage,
    says: /telepathy.*cookie, basic or address/,
  },
  {
    what: "a mode that is none",
    args: () => ["genesis", ...genesisArgs(), "--mode", "store", "--out", file("store.json")],
    code: ExitCode.usage,
    says: /--mode "store": expected .*replay.*stateless/,
  },
  {
    what: "another mode than the ring in the data directory has",
    args: () => ["up", "--data", file("replay-data"), "--mode", "stateless"],
    code: ExitCode.config,
    says: /--mode contradicts .*genesis\.json, which says replay for ever; leave it out, or begin anew/,
  },
  {
    what: "a read-only route that is none",
    args: () => [...peer({ data: file("a") }), "--read-only", "assets"],
    code: ExitCode.usage,
    says: /--read-only "assets": expected a route; a path begins with \//,
  },
  {
    what: "noise that is no regular expression",
    args: () => ["up", "--data", file("up-2"), "--ignore", "(pid"],
    code: ExitCode.usage,
    says: /--ignore "\(pid": expected a JSON pointer or a regular expression; it is no regular expression/,
  },
  {
    what: "a durability that is none",
    args: () => peer({ durability: "tape" }),
    code: ExitCode.usage,
    says: /--durability "tape": expected .*disk.*memory/,
  },
  {
    what: "a session that may have no entry",
    args: () => peer({ "session-entries": "0" }),
    code: ExitCode.usage,
    says: /--session-entries "0": expected a whole number/,
  },
  {
    what: "a session of no ring",
    args: () => ["session", "show", "alice", "--data", file("empty")],
    code: ExitCode.config,
    says: /ringstead up/,
  },
  {
    what: "a session of a cluster that journals none",
    args: () => ["session", "reset", "alice", "--yes", "--genesis", file("stateless.json")],
    code: ExitCode.config,
    says: /the mode of ringstead is stateless, in which no session is journaled; see 'ringstead explain'/,
  },
  {
    what: "a session of nobody",
    args: () => ["session", "show", "", "--genesis", file("genesis.json")],
    code: ExitCode.usage,
    says: /client "": expected a client's name of 1 to 256 bytes/,
  },
  {
    what: "a session of a ring that is not running",
    args: () => ["session", "show", "alice", "--genesis", file("genesis.json")],
    code: ExitCode.broken,
    says: /"alice": nobody answers; see 'ringstead status'/,
  },
  {
    what: "an explanation of a ring that is not there",
    args: () => ["explain", "--genesis", file("nowhere.json")],
    code: ExitCode.config,
    says: /nowhere\.json.*genesis/,
  },
  {
    what: "a status of no ring",
    args: () => ["status", "--data", file("empty")],
    code: ExitCode.config,
    says: /ringstead up/,
  },
  {
    what: "a status of a ring that is not running",
    args: () => ["status", "--genesis", file("genesis.json")],
    code: ExitCode.broken,
    says: /nobody answers; is the ring running/,
  },
]

test.for(mistakes)("$what ends with its code and one line", async ({ args, code, says }) => {
  const { exitCode, stdout, stderr } = await ringstead(args())
  const said = stderr.trim() || stdout.trim()
  expect(said).toMatch(says)
  expect(said).not.toMatch(/\n\s+at /)
  // A verdict is the command's output; a refusal is one line on standard error.
  expect(code === ExitCode.broken || /(^|\n)ringstead [a-z -]+: \S[^\n]*$/.test(stderr.trimEnd())).toBe(true)
  expect(exitCode).toBe(code)
})

test("completions for no shell at all: the shell is missing", async () => {
  const { exitCode, stderr } = await ringstead(["completions"])
  expect(stderr).toMatch(/^ringstead completions: shell is missing; see 'ringstead completions --help'$/)
  expect(exitCode).toBe(ExitCode.usage)
})
