import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { collisionOdds } from "../../spec/explorer/Fingerprint.ts"
import { type Finding, type Report, verdictOf } from "../../spec/explorer/Report.ts"
import { behaviour, retell } from "../../spec/explorer/Retell.ts"
import type { Scope, Sizes, Subject } from "../../spec/explorer/Subject.ts"
import { scenarioText } from "../../spec/scenario/Scenario.ts"
import { ExitCode } from "../cli/ExitCode.ts"
import { misconfigured, misused, type Refusal } from "../cli/Refusal.ts"
import { makeDirectory } from "../storage/MakeDirectory.ts"
import { search } from "./Search.ts"
import { loadSubject, subjectUrl } from "./Subjects.ts"

export interface CheckChoices {
  readonly peers?: number | undefined
  readonly rules?: string | undefined
  readonly depth: number | undefined
  readonly states: number | undefined
  readonly mutant: string | undefined
  readonly mutants: boolean
  readonly save: string
  /** Threads. */
  readonly workers: number
}

/** Explores what `name` stands for, and prints what it found. */
export const check = Effect.fnUntraced(function* (
  name: string,
  choices: CheckChoices,
): Effect.fn.Return<ExitCode, Refusal> {
  const subject = yield* Effect.tryPromise({ try: () => loadSubject(name), catch: asMisuse })
  const run = { name, subject, choices }
  if (choices.mutants) return yield* killAll(run)
  const scopes = yield* Effect.try({ try: () => scopesOf(run), catch: asMisuse })
  let worst: ExitCode = ExitCode.ok
  for (const scope of scopes) {
    const found = yield* explored(run, scope)
    const { report } = found
    for (const line of reportLines(scope, found)) print(line)
    for (const finding of report.findings) yield* tell(run, scope, finding)
    const verdict = verdictOf(report)
    if (verdict === "violated") worst = VIOLATED
    else if (verdict === "incomplete" && worst === ExitCode.ok) worst = INCOMPLETE
  }
  return worst
})

const VIOLATED = ExitCode.degraded
const INCOMPLETE = ExitCode.broken

interface Run {
  readonly name: string
  readonly subject: Subject<unknown>
  readonly choices: CheckChoices
}

const asMisuse = (error: unknown): Refusal => misused(error instanceof Error ? error.message : String(error))

const scopesOf = ({ name, subject, choices }: Run): ReadonlyArray<Scope<unknown>> => {
  const { mutant, peers, rules } = choices
  if (mutant === undefined) {
    const sizes: Sizes = { ...(peers !== undefined && { peers }), ...(rules !== undefined && { rules }) }
    return subject.scopes(sizes)
  }
  const found = subject.mutants.filter((one) => one.name === mutant)
  if (found.length === 0) {
    const known = subject.mutants.map((one) => one.name).join(", ")
    throw new RangeError(`${name} has no mutant "${mutant}"; it has ${known || "none"}`)
  }
  return found
}

const explored = ({ name, choices }: Run, { options }: Scope<unknown>) =>
  Effect.gen(function* () {
    const { depth, states, rules, workers } = choices
    const began = performance.now()
    const used = process.cpuUsage()
    const report = yield* Effect.promise((signal) =>
      search(
        { module: subjectUrl(name), options },
        {
          ...(depth !== undefined && { depth }),
          ...(states !== undefined && { states }),
          ...(rules === "original" && { stopAt: "all" as const }),
        },
        workers,
        signal,
      ),
    )
    const { system, user } = process.cpuUsage(used)
    return {
      report,
      seconds: (performance.now() - began) / 1_000,
      cpuSeconds: (system + user) / 1_000_000,
    } satisfies Explored
  })

/** What an exploration found and took; processor time is that of all threads together. */
interface Explored {
  readonly report: Report
  readonly seconds: number
  readonly cpuSeconds: number
}

const reportLines = (
  { name }: Scope<unknown>,
  { cpuSeconds, report, seconds }: Explored,
): ReadonlyArray<string> => {
  const { distinct, transitions, depth, isComplete, unseen } = report
  const rate = (amount: number, time: number): string => number(Math.round(amount / time))
  return [
    name,
    `  ${number(distinct)} states and ${number(transitions)} transitions, ${depth} actions deep, ` +
      `in ${seconds.toFixed(1)} s: ${rate(distinct, seconds)} states a second`,
    `  in ${cpuSeconds.toFixed(1)} s of processor time: ` +
      `${rate(distinct, cpuSeconds)} states and ${rate(transitions, cpuSeconds)} transitions a second of it`,
    {
      holds: "  holds: every reachable state was explored, and all properties hold in all of them",
      violated: "  VIOLATED",
      incomplete: "  not all was explored: nothing was found wrong so far, which says nothing about the rest",
    }[verdictOf(report)],
    ...(isComplete && unseen.length > 0
      ? [`  never seen, though the scope should show it: ${unseen.join(", ")}`]
      : []),
    `  two states were taken for one with a probability below ${collisionOdds(distinct).toExponential(0)}`,
  ]
}

/** The finding with its trace, and where it is kept. */
const tell = ({ name, subject, choices }: Run, { options, name: about }: Scope<unknown>, finding: Finding) =>
  Effect.gen(function* () {
    const system = subject.system(options)
    const { steps } = behaviour(system, finding.way)
    const claim = `${finding.name}: ${finding.problem}`
    print(`\n${claim}; ${steps.length} actions, and no fewer lead there`)
    for (const line of retell(system, finding.way)) print(`  ${line}`)
    if (finding.way[0] !== 0) return
    const file = join(choices.save, `${`${name}-${finding.name}`.replaceAll(/[^\w.-]/g, "_")}.txt`)
    const actions = steps.map(({ action }) => system.describe(action))
    const expected = `${finding.kind === "goal" ? "unreachable" : "broken"} ${finding.name}`
    const scenario = scenarioText([claim, about], { name, options }, actions, expected)
    yield* Effect.try({
      try: () => {
        makeDirectory(choices.save)
        writeFileSync(file, scenario)
      },
      catch: (error) =>
        misconfigured(`--save ${choices.save}: ${error instanceof Error ? error.message : String(error)}`),
    })
    print(`  again: ringstead check scenario ${file}`)
  })

/** Every mutant in turn, a row each: what found it, and what that cost. */
const killAll = (run: Run) =>
  Effect.gen(function* () {
    const { mutants } = run.subject
    const rows = [["mutant", "killed by", "states", "actions", "seconds"]]
    const survivors: Array<string> = []
    for (const mutant of mutants) {
      const { report, seconds } = yield* explored(run, mutant)
      const [finding] = report.findings
      if (finding === undefined) survivors.push(mutant.name)
      const kind = finding?.kind === "goal" ? ", never again" : ""
      rows.push([
        mutant.name,
        finding === undefined ? "SURVIVED" : `${finding.name}${kind}`,
        number(report.distinct),
        finding === undefined ? "-" : String(finding.way.length - 1),
        seconds.toFixed(1),
      ])
    }
    for (const line of columns(rows)) print(line)
    print("")
    for (const { name, about } of mutants) print(`${name}: ${about}`)
    print(`\n${mutants.length - survivors.length} of ${mutants.length} mutants are killed`)
    return survivors.length === 0 ? ExitCode.ok : VIOLATED
  })

const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  )
}

const number = (amount: number): string => amount.toLocaleString("en-US")

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
