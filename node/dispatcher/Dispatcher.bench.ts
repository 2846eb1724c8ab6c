import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { HAPROXY, startHaproxy } from "../testing/rivals/Haproxy.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { httpLoad } from "./HttpLoad.ts"

const CONNECTIONS = 64
const SECONDS = 1
/** Rounds at the most: each takes a second for each candidate. */
const ROUNDS = 9
const WARM_UP_SECONDS = 2

const NODE = "node:http"
const DISPATCHER = "dispatcher"

/** A process that takes requests. */
interface Front {
  readonly name: string
  readonly child: ChildProcess
  readonly address: string
}

const script = fileURLToPath(new URL("FrontProcess.ts", import.meta.url))

const startNode = async (name: string, ...args: ReadonlyArray<string>): Promise<Front> => {
  const child = fork(script, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] })
  const [address] = (await once(child, "message")) as [string]
  return { name, child, address }
}

/** Processor time that a process has used with all its threads, in microseconds; counted in ticks of 10 ms. */
const cpuOf = ({ child }: Front): number => {
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** What was measured of one front in one second. */
interface Second {
  readonly rate: number
  readonly cpu: number
}

const measureAll = async ({
  progress,
  rounds,
  signal,
}: MeasureContext): Promise<ReadonlyMap<string, ReadonlyArray<Second>>> => {
  await using scratch = await scratchDirectory()
  const load = await httpLoad()
  const running: Array<Front> = []
  const seconds = new Map<string, Array<Second>>()
  try {
    const upstream = await startNode("upstream", "upstream")
    running.push(upstream)
    const fronts = [
      { name: HAPROXY, ...(await startHaproxy(scratch.path, upstream.address)) },
      await startNode(NODE, "node", upstream.address),
      await startNode(DISPATCHER, "dispatcher", upstream.address),
    ]
    running.push(...fronts)
    for (const front of fronts) {
      progress(`${front.name} warms up`)
      await load(front.address, CONNECTIONS, WARM_UP_SECONDS)
      seconds.set(front.name, [])
    }
    for (let round = 0; round < Math.min(rounds, ROUNDS); round++) {
      for (const front of round % 2 === 0 ? fronts : fronts.toReversed()) {
        signal.throwIfAborted()
        progress(`round ${round + 1}: ${front.name}`)
        const before = cpuOf(front)
        const answered = await load(front.address, CONNECTIONS, SECONDS)
        seconds.get(front.name)?.push({ rate: answered / SECONDS, cpu: (cpuOf(front) - before) / answered })
      }
    }
    return seconds
  } finally {
    for (const { child } of running) child.kill("SIGKILL")
  }
}

/** Both rows are of the same seconds: the run for the first is kept for the second. */
let last: Promise<ReadonlyMap<string, ReadonlyArray<Second>>> | undefined

const samplesOf = (
  measured: ReadonlyMap<string, ReadonlyArray<Second>>,
  figure: keyof Second,
): ReadonlyArray<Samples> =>
  [...measured].map(([candidate, seconds]) => ({
    candidate,
    values: seconds.map((second) => second[figure]),
  }))

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 8,
    title: `the dispatcher alone, ${CONNECTIONS} connections`,
    unit: "req/s",
    goal: { of: DISPATCHER, against: HAPROXY, atLeast: 0.85 },
    measure: async (context) => {
      last = measureAll(context)
      return samplesOf(await last, "rate")
    },
  },
  {
    row: 8,
    title: "processor time of one request in the same seconds",
    unit: "us",
    measure: async (context) => samplesOf(await (last ?? measureAll(context)), "cpu"),
  },
]
