import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { system as core } from "../conformance/CoreEvents.ts"
import type { CoreOptions } from "../conformance/explored/CoreState.ts"
import { system as journalEvents } from "../conformance/refinement/JournalEvents.ts"
import { system as coreLookups } from "../conformance/routing/CoreLookups.ts"
import { system as idFingerLookups } from "../conformance/routing/IdFingerLookups.ts"
import type { LookupOptions } from "../conformance/routing/Lookups.ts"
import { system as paperLookups } from "../conformance/routing/PaperLookups.ts"
import { explored } from "../explorer/Explore.ts"
import { behaviour } from "../explorer/Retell.ts"
import type { System } from "../explorer/System.ts"
import { system as original } from "../ring/OriginalEvents.ts"
import { system as ours } from "../ring/OurEvents.ts"
import { mutants, system as ring } from "../ring/model/RingSystem.ts"
import { play } from "./Play.ts"
import { parseScenario, scenarioText } from "./Scenario.ts"

const folder = join(import.meta.dirname, "../scenarios")
const scenariosIn = (path: string): ReadonlyArray<string> =>
  readdirSync(join(folder, path)).filter((file) => file.endsWith(".txt"))
const files = scenariosIn(".")

test.each(files)("%s ends as it says, by the original rules, by ours, and in the core", (file) => {
  const scenario = parseScenario(readFileSync(join(folder, file), "utf8"))
  const [named] = scenario.systems
  const problems = [
    play(scenario, "events-original", original(named?.options ?? {})).problems,
    play(scenario, "events-ours", ours()).problems,
    play(scenario, "events-core", core()).problems,
  ]
  expect(problems).toEqual([[], [], []])
  expect(scenario.systems).toHaveLength(3)
})

test("the six published defects are there", () => {
  expect(files.length).toBeGreaterThanOrEqual(6)
})

/** The systems on which the paper's errata are played, by the names that they have in scenarios. */
const routes = { "lookups-paper": paperLookups, "lookups-ids": idFingerLookups, "lookups-core": coreLookups }

const errata = scenariosIn("routing")

test.each(errata)("%s: an erratum by the paper's algorithm or fingers, and none in the core", (file) => {
  const scenario = parseScenario(readFileSync(join(folder, "routing", file), "utf8"))
  const names = scenario.systems.map(({ name }) => name)
  expect([
    ["lookups-paper", "lookups-core"],
    ["lookups-ids", "lookups-core"],
  ]).toContainEqual(names)
  for (const [name, system] of Object.entries(routes)) {
    const options = scenario.systems.find((one) => one.name === name)?.options
    if (options === undefined) continue
    expect(play(scenario, name, system(options as LookupOptions)).problems).toEqual([])
  }
  // Not vacuously: what is broken there holds here, and the other way round.
  const swapped = play(scenario, names[0] ?? "", coreLookups(scenario.systems[0]?.options as LookupOptions))
  expect(swapped.problems).toEqual([expect.stringMatching(/ is not broken$/)])
})

test("the errata that a lookup shows are there", () => {
  expect(errata).toHaveLength(9)
})

test("a counterexample is a scenario that ends as it says", () => {
  const [mutant] = mutants.filter(({ name }) => name === "splice-tail")
  if (mutant === undefined) throw new RangeError("no mutant splices tails")
  const broken = ring(mutant.options)
  const [finding] = explored(broken).findings
  const actions = behaviour(broken, finding?.way ?? []).steps.map(({ action }) => broken.describe(action))
  const system = { name: "ring", options: mutant.options }
  const text = scenarioText(["found"], system, actions, `broken ${finding?.name}`)
  const scenario = parseScenario(text)
  expect(scenario.systems[0]?.options).toEqual(mutant.options)
  expect(play(scenario, "ring", ring(mutant.options)).problems).toEqual([])
  // By our rules, unbroken, the same behaviour breaks nothing.
  const whole = play(scenario, "ring", ring({ ...mutant.options, mutant: "fail-ignores-flights" }))
  expect(whole.problems).toEqual([`line ${actions.length + 3}: on ring ${finding?.name} is not broken`])
})

test.each(scenariosIn("journal"))(
  "%s, message by message, in the core and in the journal's model",
  (file) => {
    const scenario = parseScenario(readFileSync(join(folder, "journal", file), "utf8"))
    const [named] = scenario.systems
    expect(named?.name).toBe("events-journal")
    expect(scenario.lines.filter(({ kind }) => kind === "expectation").length).toBeGreaterThan(1)
    expect(play(scenario, "events-journal", journalEvents(named?.options as CoreOptions)).problems).toEqual(
      [],
    )
  },
)

/** A path of three places, from the last of which a door falls shut behind whoever leaves. */
const path: System<number, string> = {
  name: "path",
  initial: [0],
  actions: (at) => (at === 3 ? [] : ["on", ...(at === 2 ? ["off"] : [])]),
  apply: (at, action) => (action === "off" ? 3 : (at + 1) % 3),
  fingerprint: String,
  invariants: [],
  witnesses: [],
  goals: [{ name: "back at the start", reached: (at) => at === 0, fair: (action) => action === "on" }],
  describe: (action) => action,
  show: (at) => [`at ${at}`],
}

const after = (actions: string, claim: string): ReadonlyArray<string> =>
  play(parseScenario(`system path\n${actions}\nexpect ${claim} back at the start`), "path", path).problems

test("a goal that is lost for good is told from one that is merely not reached", () => {
  expect(after("on\non\noff", "unreachable")).toEqual([])
  expect(after("on\non\non", "reached")).toEqual([])
  expect(after("on\non", "unreachable")).toEqual(["line 4: on path back at the start can be reached"])
  expect(after("on\non\noff", "reached")).toEqual(["line 5: on path back at the start is not reached"])
})

describe("what cannot be played is told with its line", () => {
  test.each([
    ["join 3", /^line 1: expected 'system NAME'.*not "join 3"$/],
    ["system ring {", /^line 1: expected the system's options in JSON, not "\{"$/],
    ["system", /^line 1: expected 'system NAME'/],
    ["# nothing", /^no line 'system NAME'/],
    ["system ring\nstabilize 0", /^nothing is expected; end with/],
    ["system ring\nexpect broken", /^line 2: expected 'expect holds'/],
    ["system ring\nexpect of rung holds", /^line 2: expected one of the systems above: ring, not "rung"$/],
    ["system ring\nexpect holds\nsystem ring", /^line 3: expected an action or an expectation/],
  ])("%j", (text, reason) => {
    expect(() => parseScenario(text)).toThrow(reason)
  })

  test("an action that cannot happen, with those that can; a property that there is not", () => {
    const scenario = parseScenario("system x\nfly 1\nexpect holds")
    expect(play(scenario, "x", ours()).problems[0]).toMatch(
      /^line 2: on x "fly 1" cannot happen there; what can: join 0/,
    )
    const unknown = parseScenario("system x\nexpect broken Nothing")
    expect(play(unknown, "x", ours()).problems[0]).toMatch(
      /^line 2: on x there is no invariant Nothing, only AtLeast/,
    )
  })
})
