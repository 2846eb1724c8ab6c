/**
 * `npm run demo:failover [-- --scenario NAME|all --warm-up 10 --seconds 25 --clients 100 --rate 10 --seed N --only WAY]`: what
 * becomes of the sessions of a sample shop when something goes wrong. The scenario `kill` is told three times: in a
 * stateless ring, with cold backups and with warm ones; the others with warm ones, unless `--only` says otherwise. Exit
 * code 1 when a promise is not kept.
 */
import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"
import { table } from "../cli/look/Table.ts"
import { Screen } from "../cli/up/Screen.ts"
import { brokenPromises, failover, type FailoverResult, gapOf, type Way, WAYS } from "./Failover.ts"
import { type Scenario, SCENARIOS } from "./Scenario.ts"

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "kill" },
    "warm-up": { type: "string", default: "10" },
    seconds: { type: "string", default: "25" },
    clients: { type: "string", default: "100" },
    rate: { type: "string", default: "10" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    only: { type: "string", multiple: true },
  },
})

const misused = (text: string): never => {
  process.stderr.write(`${text}; correct it\n`)
  process.exit(64)
}

const whole = (flag: "warm-up" | "seconds" | "clients" | "rate" | "seed", least: number): number => {
  const value = Number(values[flag])
  return Number.isInteger(value) && value >= least
    ? value
    : misused(`--${flag} ${values[flag]} is not a whole number from ${least}`)
}

const warmUpSeconds = whole("warm-up", 0)
const seconds = whole("seconds", 5)
const clients = whole("clients", 1)
const rate = whole("rate", 1)
const seed = whole("seed", 0)
const scenarios = SCENARIOS.filter(({ name }) => values.scenario === "all" || values.scenario === name)
if (scenarios.length === 0) {
  misused(`--scenario ${values.scenario} is none of ${SCENARIOS.map(({ name }) => name).join(", ")}, all`)
}
const { only } = values
const unknown = (only ?? []).filter((one) => !WAYS.some((way) => way === one))
if (unknown.length > 0) misused(`--only ${unknown.join(" ")} is none of ${WAYS.join(", ")}`)

const waysOf = ({ name }: Scenario): ReadonlyArray<Way> => {
  if (only !== undefined) return WAYS.filter((way) => only.includes(way))
  return name === "kill" ? WAYS : ["warm"]
}

const screen = new Screen(process.stdout)
screen.say(
  `five peers around a shop that keeps its sessions in memory; ${clients} clients, ${rate} requests a second each, for ${seconds} s;\n` +
    `others have asked as much for ${warmUpSeconds} s before. What goes wrong goes wrong after ${seconds / 5} s, what is mended is mended after ${(seconds * 3) / 5}\n` +
    `seed ${seed}; the same again: npm run demo:failover -- --scenario ${values.scenario} --warm-up ${warmUpSeconds} --seconds ${seconds} --clients ${clients} --rate ${rate} --seed ${seed}`,
)

const ms = (value: number): string => `${Math.round(value)} ms`
const ROWS: ReadonlyArray<
  readonly [title: string, of: (result: FailoverResult, scenario: Scenario, way: Way) => string]
> = [
  ["hit", ({ victims }) => victims.join(", ")],
  ["requests answered", ({ answered }) => String(answered)],
  ["clients that lost state", ({ clientsThatLostState }) => String(clientsThatLostState)],
  ["acknowledged updates lost", ({ updatesLost }) => String(updatesLost)],
  ["updates applied twice", ({ appliedTwice }) => String(appliedTwice)],
  ["visible errors", ({ errors }) => String(errors.length)],
  ["longest gap of a client", ({ longestGapMs }) => ms(longestGapMs)],
  ["the same before", ({ gapBeforeMs }) => ms(gapBeforeMs)],
  ["promised at most", (_, scenario, way) => (way === "stateless" ? "-" : ms(gapOf(scenario, way)))],
]

const broken: Array<string> = []
for (const scenario of scenarios) {
  const ways = waysOf(scenario)
  const results: Array<FailoverResult> = []
  for (const way of ways) {
    const progress = (text: string): void => screen.progress(`${scenario.name}, ${way}: ${text}`)
    const result = await failover({ scenario, way, clients, rate, warmUpSeconds, seconds, seed, progress })
    screen.progress("")
    results.push(result)
    broken.push(...brokenPromises({ scenario, way }, result))
  }
  screen.say(`\n${scenario.name}: ${scenario.about}\n`)
  screen.say(
    table(
      [
        ["", ...ways],
        ...ROWS.map(([title, of]) => [
          title,
          ...results.map((result, i) => of(result, scenario, ways[i] ?? "warm")),
        ]),
      ],
      new Set(ways.map((_, i) => i + 1)),
    ),
  )
}
screen.say(broken.length === 0 ? "\nevery promise was kept" : `\nnot kept:\n  ${broken.join("\n  ")}`)
process.exitCode = broken.length === 0 ? 0 : 1
