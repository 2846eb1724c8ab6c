import * as Effect from "effect/Effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { misconfigured, misused, type Refusal } from "../../node/cli/Refusal.ts"
import { text as ledgerText } from "../ledger/Ledger.ts"
import { mutantTasks, type Outcome, prove, type Task, tasksOf, verdictOf } from "../Prove.ts"
import type { Mutant } from "../smt/Obligation.ts"
import { isQuick, mutants, obligations } from "../Systems.ts"

export interface ProveChoices {
  readonly only: string | undefined
  readonly quick: boolean
  readonly mutants: boolean
  readonly emit: string | undefined
  readonly ledger: boolean
}

/** Solvers side by side: as many as processors on the machine that the limits were measured on. */
const WIDTH = 2

/** Asks what was chosen, and prints a line for each obligation, or for each mutant. */
export const proving = Effect.fnUntraced(function* (
  choices: ProveChoices,
): Effect.fn.Return<ExitCode, Refusal> {
  const tasks = yield* chosen(choices)
  if (choices.emit !== undefined) return yield* emitted(tasks, choices.emit)
  const outcomes = yield* Effect.tryPromise({
    try: (signal) =>
      prove(tasks, {
        width: WIDTH,
        signal,
        ...(process.stderr.isTTY && {
          onOutcome: (outcome: Outcome, done: number) =>
            process.stderr.write(progress(outcome, done, tasks.length)),
        }),
      }),
    catch: (error) => misconfigured(error instanceof Error ? error.message : String(error)),
  }).pipe(Effect.ensuring(Effect.sync(() => process.stderr.isTTY && process.stderr.write("\r\u001B[K"))))
  const lines = choices.mutants ? mutantLines(outcomes) : obligationLines(outcomes)
  process.stdout.write(`${[...lines, summary(outcomes, choices)].join("\n")}\n`)
  const verdicts = outcomes.map(verdictOf)
  if (verdicts.includes("refuted")) return ExitCode.degraded
  if (verdicts.includes("unknown")) return ExitCode.broken
  if (choices.ledger)
    writeFileSync(new URL("../LEDGER.md", import.meta.url), ledgerText(obligations, mutants))
  return ExitCode.ok
})

const chosen = ({
  only = "",
  quick,
  mutants: isMutants,
  ledger,
}: ProveChoices): Effect.Effect<ReadonlyArray<Task>, Refusal> => {
  if (ledger && !import.meta.url.endsWith(".ts"))
    return Effect.fail(misused("--ledger: only a checkout has a ledger to write; leave it out"))
  if (ledger && (quick || isMutants || only !== ""))
    return Effect.fail(misused("--ledger tells of all obligations: leave out --only, --quick and --mutants"))
  const tasks = isMutants
    ? mutantTasks(mutants.filter((mutant) => groupOf(mutant).startsWith(only) || mutant.name === only))
    : tasksOf(obligations.filter((one) => one.name.startsWith(only) && (!quick || isQuick(one))))
  return tasks.length > 0
    ? Effect.succeed(tasks)
    : Effect.fail(
        misused(
          `--only "${only}": no ${isMutants ? "mutant" : "obligation"} begins so; 'ringstead prove' lists all`,
        ),
      )
}

const groupOf = ({ obligation }: Mutant): string => obligation.name

const emitted = (tasks: ReadonlyArray<Task>, directory: string): Effect.Effect<ExitCode, Refusal> =>
  Effect.try({
    try: () => {
      for (const { name, text, expect } of tasks) {
        const path = join(directory, `${name}.${expect}.smt2`)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, text)
      }
      process.stdout.write(
        `${tasks.length} questions written to ${directory}; the answer to expect is in each name\n`,
      )
      return ExitCode.ok
    },
    catch: (error) =>
      misconfigured(
        `--emit ${directory}: ${error instanceof Error ? error.message : String(error)}; name a directory that can be written`,
      ),
  })

/** One line that the next one writes over; what has gone wrong stays. */
const progress = (outcome: Outcome, done: number, of: number): string => {
  const verdict = verdictOf(outcome)
  const { name } = outcome.task
  const lasting = verdict === "ok" ? "" : `${verdict}: ${name}\n`
  const line = `${done} of ${of}: ${name}`.slice(0, (process.stderr.columns ?? 80) - 1)
  return `\r\u001B[K${lasting}${line}`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const worst = (outcomes: ReadonlyArray<Outcome>): "ok" | "refuted" | "unknown" => {
  const verdicts = outcomes.map(verdictOf)
  return verdicts.find((one) => one === "refuted") ?? verdicts.find((one) => one === "unknown") ?? "ok"
}

const obligationLines = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> =>
  [...Map.groupBy(outcomes, ({ task }) => task.about)].flatMap(([name, all]) => {
    const verdict = worst(all)
    const took = all.reduce((sum, one) => sum + one.took, 0)
    return [
      `${verdict === "ok" ? "proved" : verdict}  ${name}  ${seconds(took)}`,
      ...all
        .filter((one) => verdictOf(one) !== "ok")
        .map(({ task, answer }) =>
          answer.verdict === "unknown"
            ? `    ${task.name}: ${answer.why}`
            : `    ${task.name}: ${answer.verdict}, not ${task.expect}`,
        ),
    ]
  })

const mutantLines = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> =>
  outcomes.map((outcome) => {
    const { task, answer } = outcome
    const verdict = verdictOf(outcome)
    const told =
      answer.verdict === "sat"
        ? answer.values
            .filter(([, value]) => /^#b[01]+$/.test(value))
            .map(([name, value]) => `${name} = ${parseInt(value.slice(2), 2)}`)
            .toSorted()
            .join(", ")
        : ""
    const word = { ok: "refuted", refuted: "SURVIVES", unknown: "unknown" }[verdict]
    return `${word}  ${task.name.split("/")[1]}: ${task.about}  ${seconds(outcome.took)}${told && `\n    ${told}`}`
  })

const summary = (outcomes: ReadonlyArray<Outcome>, { mutants: isMutants }: ProveChoices): string => {
  const count = (verdict: string) => outcomes.filter((one) => verdictOf(one) === verdict).length
  const about = new Set(outcomes.map(({ task }) => task.about)).size
  const missed = `${count("refuted")} the other way, ${count("unknown")} unknown`
  return isMutants
    ? `${about} mutants: ${count("ok")} refuted, ${count("refuted")} survive, ${count("unknown")} unknown`
    : `${about} obligations, ${outcomes.length} questions: ${count("ok")} as expected, ${missed}`
}
