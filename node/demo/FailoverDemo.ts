/**
 * `npm run demo:failover [-- --scenario NAME --only WAY --warm-up 30 --seconds 25 --clients 100 --rate 10 --seed N]`:
 * kills the peer that serves most clients of the sample shop, and tells what became of their sessions; once in a
 * stateless ring, once with cold backups and once with warm ones. Other scenarios do other things to the ring. Exit
 * code 1 when a promise is not kept.
 */
import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"
import { table } from "../cli/look/Table.ts"
import { Screen } from "../cli/up/Screen.ts"
import { brokenPromises, failover, type FailoverResult, promisedGapMs, type Way, WAYS } from "./Failover.ts"
import { SCENARIO_NAMES, type ScenarioName, SCENARIOS } from "./Scenario.ts"

const { values } = parseArgs({
  options: {
    scenario: { type: "string", multiple: true, default: ["kill"] },
    only: { type: "string", multiple: true },
    "warm-up": { type: "string", default: "30" },
    seconds: { type: "string", default: "25" },
    clients: { type: "string", default: "100" },
    rate: { type: "string", default: "10" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
  },
})

const misused = (problem: string): never => {
  process.stderr.write(`${problem}; correct it\n`)
  process.exit(64)
}

const whole = (flag: "warm-up" | "seconds" | "clients" | "rate" | "seed", least: number): number => {
  const value = Number(values[flag])
  return Number.isInteger(value) && value >= least
    ? value
    : misused(`--${flag} ${values[flag]} is not a whole number from ${least}`)
}

/** Those of `known` that were named, in their order. */
const named = <A extends string>(flag: string, words: ReadonlyArray<string>, known: ReadonlyArray<A>) => {
  const unknown = words.filter((word) => !known.some((one) => one === word))
  return unknown.length === 0
    ? known.filter((one) => words.includes(one))
    : misused(`--${flag} ${unknown.join(" ")} is none of ${known.join(", ")}`)
}

const warmUpSeconds = whole("warm-up", 0)
const seconds = whole("seconds", 5)
const clients = whole("clients", 1)
const rate = whole("rate", 1)
const seed = whole("seed", 0)
const scenarios = values.scenario.includes("all")
  ? SCENARIO_NAMES
  : named("scenario", values.scenario, [...SCENARIO_NAMES, "all" as const]).filter((one) => one !== "all")
const only = values.only === undefined ? undefined : named("only", values.only, WAYS)

/** A kill is told beside what it costs without a journal, and with cold backups; the rest with what is the default. */
const waysOf = (scenario: ScenarioName): ReadonlyArray<Way> => only ?? (scenario === "kill" ? WAYS : ["warm"])

const screen = new Screen(process.stdout)

const ms = (value: number | undefined): string => (value === undefined ? "-" : `${Math.round(value)} ms`)

type Column = readonly [Way, FailoverResult]

/** What became of one scenario, a column for each way. */
const resultsOf = (scenario: ScenarioName, columns: ReadonlyArray<Column>): string => {
  const row = (title: string, of: (result: FailoverResult, way: Way) => string | number) => [
    title,
    ...columns.map(([way, result]) => String(of(result, way))),
  ]
  const phases = columns[0]?.[1].gaps ?? []
  return table(
    [
      ["", ...columns.map(([way]) => way)],
      row("requests answered", ({ answered }) => answered),
      row("clients that lost state", ({ clientsThatLostState }) => clientsThatLostState),
      row("acknowledged updates lost", ({ updatesLost }) => updatesLost),
      row("updates applied twice", ({ appliedTwice }) => appliedTwice),
      row("visible errors", ({ errors }) => errors.length),
      row("longest gap of a client", ({ longestGapMs }) => ms(longestGapMs)),
      ...phases.map((_, i) => row(`- ${i + 1}`, ({ gaps }) => `${gaps[i]?.what}: ${ms(gaps[i]?.ms)}`)),
      row("the same before", ({ gapBeforeMs }) => ms(gapBeforeMs)),
      row("promised at most", (_, way) => (way === "stateless" ? "-" : ms(promisedGapMs(scenario, way)))),
      row("answers of whoever came back", ({ answeredAgain }) => answeredAgain),
    ],
    new Set(columns.map((_, i) => i + 1)),
  )
}

screen.say(
  `five peers around a shop that keeps its sessions in memory; ${clients} clients, ${rate} requests a second each;\n` +
    `the clock starts after ${warmUpSeconds} s of warming up with others\n` +
    `seed ${seed}; the same again: npm run demo:failover -- ${scenarios.map((name) => `--scenario ${name} `).join("")}` +
    `${(only ?? []).map((way) => `--only ${way} `).join("")}--warm-up ${warmUpSeconds} --seconds ${seconds} --clients ${clients} --rate ${rate} --seed ${seed}`,
)
const broken: Array<string> = []
for (const scenario of scenarios) {
  screen.say(`\n${scenario}: ${SCENARIOS[scenario].about(seconds)}\n`)
  const columns: Array<Column> = []
  for (const way of waysOf(scenario)) {
    const progress = (text: string): void => screen.progress(`${way}: ${text}`)
    const result = await failover({ scenario, way, clients, rate, warmUpSeconds, seconds, seed, progress })
    screen.progress("")
    columns.push([way, result])
    broken.push(...brokenPromises({ scenario, way }, result))
  }
  if (columns.length > 0) screen.say(resultsOf(scenario, columns))
}
screen.say(broken.length === 0 ? "\nevery promise was kept" : `\nnot kept:\n  ${broken.join("\n  ")}`)
process.exitCode = broken.length === 0 ? 0 : 1
