import * as Effect from "effect/Effect"
import type { runBench } from "../../bench/RunBench.ts"
import type { loadSuite, SuiteName } from "../../bench/Suites.ts"
import { ExitCode } from "../ExitCode.ts"
import { misconfigured, misused, type Refusal, unavailable } from "../Refusal.ts"

export interface BenchChoices {
  /** Rows to measure; all of them when empty. */
  readonly row: ReadonlyArray<number>
  readonly rounds: number | undefined
  readonly csv: string | undefined
}

/** Measures a suite and prints it; interruption ends it after the sample being taken. */
export const bench = Effect.fnUntraced(function* (
  suite: SuiteName,
  choices: BenchChoices,
): Effect.fn.Return<ExitCode, Refusal> {
  const harness = yield* loadBench
  const all = yield* Effect.promise(() => harness.loadSuite(suite))
  const rows = choices.row.length === 0 ? all : all.filter(({ row }) => choices.row.includes(row))
  if (rows.length === 0) {
    const known = [...new Set(all.map(({ row }) => row))].join(", ")
    return yield* misused(`bench ${suite} has no row ${choices.row.join(", ")}; it has ${known}`)
  }
  const report = yield* Effect.tryPromise({
    try: (signal) =>
      harness.runBench(rows, {
        signal,
        ...(choices.rounds !== undefined && { rounds: choices.rounds }),
        ...(choices.csv !== undefined && { csv: choices.csv }),
        ...(process.stderr.isTTY && { progress }),
      }),
    catch: (error) => unavailable(error instanceof Error ? error.message : String(error)),
  })
  return report.rows.every(({ problem, verdict }) => problem === undefined && verdict?.isMet !== false)
    ? ExitCode.ok
    : ExitCode.degraded
})

const progress = (text: string): void => {
  process.stderr.write(text === "" ? "\r\u001B[K" : `\r\u001B[K${text}`)
}

/**
 * The harness and what it measures are for development, with what they compare against: they stay out of the bundle,
 * which a literal name would pull them into, and out of the published package.
 */
const loadBench = Effect.tryPromise({
  try: async () => {
    const [suites, runner] = await Promise.all([
      import(locate("Suites")) as Promise<{ readonly loadSuite: typeof loadSuite }>,
      import(locate("RunBench")) as Promise<{ readonly runBench: typeof runBench }>,
    ])
    return { loadSuite: suites.loadSuite, runBench: runner.runBench }
  },
  catch: (error) =>
    misconfigured(
      `the benchmarks cannot be loaded (${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}); ` +
        "run them in a checkout, after 'npm ci'",
    ),
})

const locate = (module: string): string => new URL(`../../bench/${module}.ts`, import.meta.url).href
