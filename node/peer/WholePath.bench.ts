import { execFile, fork } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { HAPROXY, startHaproxy } from "../testing/rivals/Haproxy.ts"
import { findProgram } from "../testing/rivals/Processes.ts"
import { startRing } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"

const PEERS = 3
const CONNECTIONS = 64
const ROUNDS = 7
const RINGSTEAD = "ringstead"

/** As many clients as connections; each request is of the next. */
const CLIENTS = `
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/", { ["x-client"] = "client-" .. n % ${CONNECTIONS} })
end
`

const script = fileURLToPath(new URL("../dispatcher/FrontProcess.ts", import.meta.url))

/** What wrk says of one second. */
interface Second {
  /** The median, in microseconds. */
  readonly p50: number
  /** Answers in a second. */
  readonly rate: number
}

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6 }

/** One second of load by `connections`, each of which sends again when it has its answer. */
const load = async (lua: string, url: string, connections: number): Promise<Second> => {
  const options = ["-t1", `-c${connections}`, "-d1s", "--timeout=10s", "--latency", "-s", lua, url]
  const { stdout } = await promisify(execFile)("wrk", options)
  const [, p50, unit = ""] = / 50% +([0-9.]+)(us|ms|s)/.exec(stdout) ?? []
  const rate = /Requests\/sec: +([0-9.]+)/.exec(stdout)?.[1]
  const scale = MICROSECONDS[unit]
  if (
    p50 === undefined ||
    rate === undefined ||
    scale === undefined ||
    /Socket errors|Non-2xx/.test(stdout)
  ) {
    throw new Error(`wrk against ${url} did not go well: ${stdout.replaceAll(/\s+/g, " ")}`)
  }
  return { p50: Number(p50) * scale, rate: Number(rate) }
}

interface Measured {
  readonly alone: ReadonlyArray<Samples>
  readonly many: ReadonlyArray<Samples>
}

const measureAll = async ({ progress, rounds, signal }: MeasureContext): Promise<Measured> => {
  findProgram("wrk", "apt-get install wrk")
  await using scratch = await scratchDirectory()
  const lua = join(scratch.path, "clients.lua")
  await writeFile(lua, CLIENTS)
  await using stack = new AsyncDisposableStack()
  const upstream = fork(script, ["upstream"], { stdio: ["ignore", "ignore", "inherit", "ipc"] })
  stack.defer(() => void upstream.kill("SIGKILL"))
  const [address] = (await once(upstream, "message")) as [string]
  const haproxy = await startHaproxy(scratch.path, address)
  stack.defer(() => void haproxy.child.kill("SIGKILL"))
  progress("the ring starts")
  const ring = stack.use(
    await startRing(
      [
        "--peers",
        String(PEERS),
        "--dispatchers",
        "1",
        "--client",
        "header:x-client",
        "--service",
        `${process.execPath} ${script} upstream`,
        "--session-entries",
        "1000000",
        "--session-bytes",
        "1GiB",
      ],
      { data: join(scratch.path, "ring") },
    ),
  )
  const [dispatcher] = (await ring.file()).dispatchers
  if (dispatcher === undefined) throw new Error("the ring has no dispatcher")
  const ways = [
    { name: HAPROXY, url: `http://${haproxy.address}/` },
    { name: RINGSTEAD, url: `${dispatcher.url}/` },
  ]
  const seconds = ways.map(() => ({ alone: new Array<number>(), many: new Array<number>() }))
  for (let round = -2; round < Math.min(rounds, ROUNDS); round++) {
    for (const [i, { name, url }] of ways.entries()) {
      signal.throwIfAborted()
      progress(round < 0 ? `${name} warms up` : `round ${round + 1}: ${name}`)
      const alone = await load(lua, url, 1)
      const many = await load(lua, url, CONNECTIONS)
      if (round < 0) continue
      seconds[i]?.alone.push(alone.p50)
      seconds[i]?.many.push(many.rate)
    }
  }
  const samples = (figure: "alone" | "many"): ReadonlyArray<Samples> =>
    ways.map(({ name }, i) => ({ candidate: name, values: seconds[i]?.[figure] ?? [] }))
  return { alone: samples("alone"), many: samples("many") }
}

/** Both rows are of the same seconds: the run for the first is kept for the second. */
let last: Promise<Measured> | undefined

const measured = async (figure: keyof Measured, context: MeasureContext): Promise<ReadonlyArray<Samples>> => {
  last ??= measureAll(context)
  return (await last)[figure]
}

const PATH = `dispatcher, peer, service, journal flushed at ${PEERS}`

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 9,
    title: `${PATH}: median answer, 1 connection`,
    unit: "us",
    goal: { of: RINGSTEAD, against: HAPROXY, atMost: 3 },
    measure: (context) => measured("alone", context),
  },
  {
    row: 9,
    title: `${PATH}: ${CONNECTIONS} connections`,
    unit: "req/s",
    goal: { of: RINGSTEAD, against: HAPROXY, atLeast: 0.3 },
    measure: (context) => measured("many", context),
  },
]
