import { randomInt } from "node:crypto"
import { writeFileSync } from "node:fs"
import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import { mutants, type Patch } from "../../spec/conformance/mutants/Mutants.ts"
import type { Outcome } from "../../spec/conformance/simulator/Simulate.ts"
import { shellWord } from "../../core/handoff/ShellWord.ts"
import { ExitCode } from "../cli/ExitCode.ts"
import { misconfigured, misused, type Refusal } from "../cli/Refusal.ts"
import { systemReason } from "../log/SystemReason.ts"
import { moduleUrl } from "./Subjects.ts"
import type { FromWorker, SimulationTask, ToWorker } from "./SimulationWorker.ts"

export interface SimulateChoices {
  readonly peers: number
  readonly seed: number | undefined
  readonly runs: number
  readonly minutes: number
  readonly workers: number
  readonly mutant: string | undefined
  readonly trace: string | undefined
}

/** Failed runs that are told in full; of the others only the seeds. */
const TOLD = 3

/** Runs the simulations that are asked for, and tells how they ended. */
export const runSimulations = Effect.fnUntraced(function* (
  choices: SimulateChoices,
): Effect.fn.Return<ExitCode, Refusal> {
  const { minutes, mutant, peers, runs, trace } = choices
  const patches = yield* patchesOf(mutant)
  const seed = choices.seed ?? randomInt(1, 900_000_000)
  const first = writeCommand({ ...choices, seed })
  print(`seeds ${seed} to ${seed + runs - 1}, ${peers} peers, ${minutes} virtual minutes each: ${first}`)
  if (trace !== undefined) yield* emptied(trace)
  const began = performance.now()
  const { cpuMs, outcomes } = yield* Effect.promise((signal) =>
    simulateAll({ ...choices, seed }, { peers, minutes, patches, trace: trace ?? null }, signal),
  )
  const took = { seconds: (performance.now() - began) / 1_000, cpuSeconds: cpuMs / 1_000 }
  const failed = outcomes.filter(({ verdict }) => verdict !== "held")
  for (const { seed: own } of failed.slice(TOLD)) print(`seed ${own} failed too`)
  for (const line of summary(outcomes, took, peers)) print(line)
  if (failed.some(({ verdict }) => verdict === "violated")) return ExitCode.degraded
  return failed.length > 0 ? ExitCode.broken : ExitCode.ok
})

const patchesOf = Effect.fnUntraced(function* (
  mutant: string | undefined,
): Effect.fn.Return<ReadonlyArray<Patch>, Refusal> {
  if (mutant === undefined) return []
  if (!import.meta.url.endsWith(".ts")) return yield* misused("--mutant: only a checkout has mutants")
  const found = mutants.find(({ name }) => name === mutant)
  if (found !== undefined) return found.patches
  const names = mutants.map(({ name }) => name).join(", ")
  return yield* misused(`--mutant: there is none called ${JSON.stringify(mutant)}; there are ${names}`)
})

const emptied = (file: string): Effect.Effect<void, Refusal> =>
  Effect.try({
    try: () => writeFileSync(file, ""),
    catch: (error) =>
      misconfigured(`--trace ${file} cannot be written: ${systemReason(error)}; choose another file`),
  })

/** All runs, shared among workers; outcomes in the order of their seeds. */
const simulateAll = async (
  { runs, seed, workers, ...choices }: SimulateChoices & { readonly seed: number },
  task: SimulationTask,
  signal: AbortSignal,
): Promise<{ readonly outcomes: ReadonlyArray<Outcome>; readonly cpuMs: number }> => {
  const outcomes: Array<Outcome> = []
  let cpuMs = 0
  const show = progress(runs)
  let next = seed
  let told = 0
  const lane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(moduleUrl("node/check/SimulationWorker")), {
        workerData: task,
        // Nearly all that a step makes is soon forgotten: with room for it little of it is ever moved.
        resourceLimits: { maxYoungGenerationSizeMb: 96 },
      })
      const end = (settle: () => void): void => {
        signal.removeEventListener("abort", abort)
        void worker.terminate().then(settle)
      }
      const abort = (): void => end(() => reject(signal.reason))
      const more = (): void => {
        if (next >= seed + runs) return end(resolve)
        // oxlint-disable-next-line require-post-message-target-origin -- a worker of worker_threads has none
        worker.postMessage({ seed: next, isTraced: next === seed } satisfies ToWorker)
        next++
      }
      signal.addEventListener("abort", abort)
      worker.once("error", (error) => end(() => reject(error)))
      worker.on("message", (said: FromWorker) => {
        if (said.type === "ready") return more()
        outcomes.push(said.outcome)
        cpuMs += said.cpuMs
        show(outcomes)
        if (said.outcome.verdict !== "held" && told++ < TOLD) {
          show(undefined)
          for (const line of failure(
            said.outcome,
            writeCommand({ ...choices, workers, runs: 1, seed: said.outcome.seed }),
          ))
            print(line)
        }
        more()
      })
    })
  try {
    await Promise.all(Array.from({ length: Math.min(workers, runs) }, lane))
  } finally {
    show(undefined)
  }
  return { outcomes: outcomes.toSorted((a, b) => a.seed - b.seed), cpuMs }
}

const failure = ({ broken, seed, verdict }: Outcome, again: string): ReadonlyArray<string> => [
  "",
  `seed ${seed}: ${verdict === "violated" ? "VIOLATED" : "not whole in time"}: ${broken?.problem.slice(0, 2_000)}`,
  ...(broken?.tail ?? []).map((line) => `  ${line.slice(0, 240)}`),
  `  again: ${again}`,
  "",
]

const writeCommand = ({
  minutes,
  mutant,
  peers,
  runs,
  seed,
}: SimulateChoices & { readonly seed: number }): string =>
  [
    `ringstead simulate --seed ${seed} --runs ${runs} --peers ${peers} --minutes ${minutes}`,
    ...(mutant === undefined ? [] : [`--mutant ${shellWord(mutant)}`]),
  ].join(" ")

const summary = (
  outcomes: ReadonlyArray<Outcome>,
  { cpuSeconds, seconds }: { readonly seconds: number; readonly cpuSeconds: number },
  peers: number,
): ReadonlyArray<string> => {
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((all, one) => all + of(one), 0)
  const count = (verdict: Outcome["verdict"]): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length
  const virtual = sum(({ virtualMs }) => virtualMs) / 1_000
  return [
    `${outcomes.length} rings of ${peers} peers: ${count("held")} held every promise, ${count("violated")} violated one, ${count("unknown")} not whole in time`,
    `${number(sum(({ messages }) => messages))} messages, ${number(sum(({ answered }) => answered))} answers, ${number(sum(({ committed }) => committed))} entries committed, ${number(sum(({ views }) => views))} changes of view`,
    `${number(virtual)} virtual seconds in ${seconds.toFixed(1)} s: ${times(virtual / seconds)} real time; in ${cpuSeconds.toFixed(1)} s of processor time: ${times(virtual / cpuSeconds)} that`,
    `digest ${digestOf(outcomes)}`,
  ]
}

/** One digest for all runs, in the order of their seeds. */
const digestOf = (outcomes: ReadonlyArray<Outcome>): string => {
  let all = 0n
  for (const { digest } of outcomes) {
    all = BigInt.asUintN(64, all * 0x100000001b3n + BigInt(`0x${digest === "" ? "0" : digest}`))
  }
  return all.toString(16).padStart(16, "0")
}

/** How many have ended, on a terminal; undefined clears it. */
const progress = (runs: number): ((outcomes: ReadonlyArray<Outcome> | undefined) => void) => {
  if (!process.stderr.isTTY) return () => undefined
  const began = performance.now()
  return (outcomes) => {
    const virtual = (outcomes ?? []).reduce((sum, { virtualMs }) => sum + virtualMs, 0)
    const rate = virtual / (performance.now() - began)
    const text =
      outcomes === undefined
        ? ""
        : `${outcomes.length} of ${runs} rings, ${rate.toFixed(0)} times real time, seed ${outcomes.at(-1)?.seed}`
    process.stderr.write(`\r\u001B[K${text}`)
  }
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} times`

const number = (amount: number): string => Math.round(amount).toLocaleString("en-US")

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
