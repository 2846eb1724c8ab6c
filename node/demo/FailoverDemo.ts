/**
 * `npm run demo:failover [-- --warm-up 10 --seconds 25 --clients 100 --rate 10 --seed N --only WAY]`: kills the peer that serves
 * most clients of the sample shop, and tells what became of their sessions; once in a stateless ring, once with cold
 * backups and once with warm ones. Exit code 1 when a promise is not kept.
 */
import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"
import { table } from "../cli/look/Table.ts"
import { Screen } from "../cli/up/Screen.ts"
import { brokenPromises, failover, type FailoverResult, GAP_MS, type Way, WAYS } from "./Failover.ts"

const { values } = parseArgs({
  options: {
    "warm-up": { type: "string", default: "10" },
    seconds: { type: "string", default: "25" },
    clients: { type: "string", default: "100" },
    rate: { type: "string", default: "10" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    only: { type: "string", multiple: true },
  },
})

const whole = (flag: "warm-up" | "seconds" | "clients" | "rate" | "seed", least: number): number => {
  const value = Number(values[flag])
  if (Number.isInteger(value) && value >= least) return value
  process.stderr.write(`--${flag} ${values[flag]} is not a whole number from ${least}; correct it\n`)
  process.exit(64)
}

const warmUpSeconds = whole("warm-up", 0)
const seconds = whole("seconds", 5)
const clients = whole("clients", 1)
const rate = whole("rate", 1)
const seed = whole("seed", 0)
const unknown = (values.only ?? []).filter((one) => !WAYS.some((way) => way === one))
if (unknown.length > 0) {
  process.stderr.write(`--only ${unknown.join(" ")} is none of ${WAYS.join(", ")}; correct it\n`)
  process.exit(64)
}
const ways = WAYS.filter((way) => values.only === undefined || values.only.includes(way))

const screen = new Screen(process.stdout)
const results: Array<readonly [Way, FailoverResult]> = []
screen.say(
  `five peers around a shop that keeps its sessions in memory; ${clients} clients, ${rate} requests a second each;\n` +
    `after ${warmUpSeconds} s of warming up the clock starts; ${seconds / 5} s later the peer that serves most of them is killed (kill -9), at ${(seconds * 3) / 5} s it is back\n` +
    `seed ${seed}; the same again: npm run demo:failover -- --warm-up ${warmUpSeconds} --seconds ${seconds} --clients ${clients} --rate ${rate} --seed ${seed}`,
)
for (const way of ways) {
  const result = await failover({
    way,
    clients,
    rate,
    warmUpSeconds,
    seconds,
    seed,
    progress: (text) => screen.progress(`${way}: ${text}`),
  })
  screen.progress("")
  results.push([way, result])
}

const row = (title: string, of: (result: FailoverResult, way: Way) => string): ReadonlyArray<string> => [
  title,
  ...results.map(([way, result]) => of(result, way)),
]
const count = (of: (result: FailoverResult) => number) => (result: FailoverResult) => String(of(result))
screen.say("")
screen.say(
  table(
    [
      ["", ...results.map(([way]) => way)],
      row(
        "requests answered",
        count(({ answered }) => answered),
      ),
      row(
        "clients that lost state",
        count(({ clientsThatLostState }) => clientsThatLostState),
      ),
      row(
        "acknowledged updates lost",
        count(({ updatesLost }) => updatesLost),
      ),
      row(
        "updates applied twice",
        count(({ appliedTwice }) => appliedTwice),
      ),
      row(
        "visible errors",
        count(({ errors }) => errors.length),
      ),
      row("longest gap of a client", ({ longestGapMs }) => `${Math.round(longestGapMs)} ms`),
      row("the same before the kill", ({ gapBeforeMs }) => `${Math.round(gapBeforeMs)} ms`),
      row("promised at most", (_, way) => (way === "stateless" ? "-" : `${GAP_MS[way]} ms`)),
      row(
        "answers of the killed peer, back",
        count(({ answeredAgain }) => answeredAgain),
      ),
    ],
    new Set([1, 2, 3]),
  ),
)
const broken = results.flatMap(([way, result]) => brokenPromises(way, result))
screen.say("")
screen.say(broken.length === 0 ? "every promise was kept" : `not kept:\n  ${broken.join("\n  ")}`)
process.exitCode = broken.length === 0 ? 0 : 1
