import fc from "fast-check"
import { expect, test } from "vitest"
import type { CoreAction, CoreState } from "./CoreState.ts"
import { system } from "./CoreSystem.ts"

const PEERS = [0, 1, 2]

/** What somebody knows of the three peers who does what befalls them: nothing of how they replicate. */
interface Model {
  readonly up: Array<boolean>
  /** `at` takes `of` for dead, as `at of`. */
  readonly suspects: Set<string>
  crashes: number
  mistakes: number
}

/** The code itself. */
interface Real {
  state: CoreState
}

const core = system({ requests: 3, crashes: 3, restarts: 3, mistakes: 3, waits: 20 })

const perform = (real: Real, action: CoreAction): void => {
  real.state = core.apply(real.state, action)
  for (const { broken, name } of core.invariants) {
    const problem = broken(real.state)
    if (problem !== undefined) throw new Error(`${name}: ${problem}`)
  }
}

/** What the model says is there to be done is there to be done: both agree on who is up, and who suspects whom. */
const agree = (model: Model, real: Real): void => {
  const enabled = core.actions(real.state)
  const of = (type: CoreAction["type"]) =>
    enabled.flatMap((action) => (action.type === type && "at" in action ? [action] : []))
  const restarts = of("restart").map(({ at }) => at)
  expect(restarts).toEqual(PEERS.filter((at) => model.up[at] === false))
  const hears = of("hear").map((action) => `${action.at} ${"of" in action ? action.of : ""}`)
  const due = [...model.suspects].filter((pair) =>
    pair.split(" ").every((at) => model.up[Number(at)] === true),
  )
  expect(hears.toSorted()).toEqual(due.toSorted())
}

type Verb = "crash" | "restart" | "suspect" | "hear"

/** What may be done, as the model has it. */
const candidates = (verb: Verb, { crashes, mistakes, suspects, up }: Model): ReadonlyArray<CoreAction> => {
  const pairs = PEERS.flatMap((at) => PEERS.filter((of) => of !== at).map((of) => ({ at, of })))
  switch (verb) {
    case "crash":
      return crashes === 0 ? [] : PEERS.filter((at) => up[at]).map((at) => ({ type: "crash", at, kept: 0 }))
    case "restart":
      return PEERS.filter((at) => up[at] === false).map((at) => ({ type: "restart", at }))
    case "suspect":
      return pairs
        .filter(({ at, of }) => up[at] && !suspects.has(`${at} ${of}`) && (up[of] === false || mistakes > 0))
        .map((pair) => ({ type: "suspect", ...pair }))
    case "hear":
      return pairs
        .filter(({ at, of }) => up[at] && up[of] && suspects.has(`${at} ${of}`))
        .map((pair) => ({ type: "hear", ...pair }))
  }
}

/** One act of the environment; `pick` says which of those that the model allows. */
class Act implements fc.Command<Model, Real> {
  readonly #verb: Verb
  readonly #pick: number
  #did = ""

  constructor(verb: Verb, pick: number) {
    this.#verb = verb
    this.#pick = pick
  }

  check(model: Readonly<Model>): boolean {
    return candidates(this.#verb, model).length > 0
  }

  run(model: Model, real: Real): void {
    const all = candidates(this.#verb, model)
    const action = all[this.#pick % all.length] as CoreAction & { readonly at: number }
    this.#did = core.describe(action)
    if ("of" in action && action.type === "suspect" && model.up[action.of] === true) model.mistakes--
    if (action.type === "suspect") model.suspects.add(`${action.at} ${action.of}`)
    if (action.type === "hear") model.suspects.delete(`${action.at} ${action.of}`)
    if (action.type === "crash") {
      model.up[action.at] = false
      model.crashes--
      for (const of of PEERS) model.suspects.delete(`${action.at} ${of}`)
    }
    if (action.type === "restart") model.up[action.at] = true
    perform(real, action)
    agree(model, real)
  }

  toString(): string {
    return this.#did === "" ? `${this.#verb} #${this.#pick}` : this.#did
  }
}

/** The peers go on for a while: each number picks one of all that they, the network, disks, services and client may do. */
class GoOn implements fc.Command<Model, Real> {
  readonly #picks: ReadonlyArray<number>
  readonly #did: Array<string> = []

  constructor(picks: ReadonlyArray<number>) {
    this.#picks = picks
  }

  check(): boolean {
    return true
  }

  run(model: Model, real: Real): void {
    this.#did.length = 0
    for (const pick of this.#picks) {
      const own = core
        .actions(real.state)
        .filter(({ type }) => !["crash", "restart", "suspect", "hear"].includes(type))
      const action = own[pick % own.length]
      if (action === undefined) break
      this.#did.push(core.describe(action))
      perform(real, action)
    }
    agree(model, real)
  }

  toString(): string {
    return `[${this.#did.join(", ")}]`
  }
}

const acts = (verb: Verb) => fc.nat(20).map((pick) => new Act(verb, pick))

const answered = (state: CoreState): number => state.asked.filter((one) => one === -1).length

test("whatever befalls three peers, the code does what it promises, and the model knows who is there", () => {
  let most = 0
  let changes = 0
  const goOn = fc.array(fc.nat(200), { minLength: 1, maxLength: 30 }).map((picks) => new GoOn(picks))
  fc.assert(
    fc.property(
      fc.commands([goOn, goOn, acts("crash"), acts("restart"), acts("suspect"), acts("hear")], {
        size: "large",
        maxCommands: 30,
      }),
      (commands) => {
        const real: Real = { state: core.initial[0] as CoreState }
        fc.modelRun(
          () => ({
            model: { up: [true, true, true], suspects: new Set<string>(), crashes: 3, mistakes: 3 },
            real,
          }),
          commands,
        )
        most = Math.max(most, answered(real.state))
        changes = Math.max(changes, real.state.past.views.length - 1)
      },
    ),
    { numRuns: 150 },
  )
  expect(most).toBe(3)
  expect(changes).toBeGreaterThan(0)
})
