import fc from "fast-check"
import { PEERS, SILENCE } from "./CoreNode.ts"
import type { CoreAction, CoreState } from "./CoreState.ts"
import { system } from "./CoreSystem.ts"

/**
 * Lists of commands to three peers that run the shipped step, drawn from the state of a small model: that of somebody who
 * does what befalls the peers, and knows who is up and who takes whom for dead, but nothing of how they replicate.
 */

const EVERYBODY = PEERS.map((_, at) => at)
const PAIRS = EVERYBODY.flatMap((at) => EVERYBODY.filter((of) => of !== at).map((of) => ({ at, of })))
const nameOf = (at: number): string => PEERS[at]?.name ?? "?"
const pair = ({ at, of }: { readonly at: number; readonly of: number }): string => `${at} ${of}`

/** What one peer makes of another. */
interface Acquaintance {
  readonly suspects: boolean
  /** Waits since it last heard the other. */
  readonly silent: number
  /** Waits since it last began to think well of the other. */
  readonly waited: number
  /** How many times longer than usual it may wait for the other: each time that silence misled it doubles this. */
  readonly patience: number
}

const STRANGER: Acquaintance = { suspects: false, silent: 0, waited: 0, patience: 1 }

interface Model {
  readonly up: Array<boolean>
  readonly acquaintances: Map<string, Acquaintance>
  crashes: number
  mistakes: number
  waits: number
}

/** The code itself, and what is looked at after each of its steps. */
export interface Real {
  state: CoreState
  readonly watch: (before: CoreState, action: CoreAction, after: CoreState) => void
}

const options = { requests: 3, crashes: 3, restarts: 3, mistakes: 3, waits: 60 }
export const core = system(options)

const acquaintance = ({ acquaintances }: Model, at: number, of: number): Acquaintance =>
  acquaintances.get(pair({ at, of })) ?? STRANGER

const know = (model: Model, at: number, of: number, more: Partial<Acquaintance>): void => {
  model.acquaintances.set(pair({ at, of }), { ...acquaintance(model, at, of), ...more })
}

/** @throws Error for a broken promise, or where code and model do not agree on who is up and who takes whom for dead */
const perform = (model: Model, real: Real, action: CoreAction): void => {
  const before = real.state
  real.state = core.apply(before, action)
  for (const { broken, name } of core.invariants) {
    const problem = broken(real.state)
    if (problem !== undefined) throw new Error(`${name}: ${problem}`)
  }
  real.watch(before, action, real.state)
  follow(model, action)
  agree(model, core.actions(real.state))
}

/** What the action means to somebody who only looks on. */
const follow = (model: Model, action: CoreAction): void => {
  switch (action.type) {
    case "crash":
      model.up[action.at] = false
      model.crashes--
      for (const of of EVERYBODY) model.acquaintances.delete(pair({ at: action.at, of }))
      return
    case "restart":
      model.up[action.at] = true
      return
    case "suspect":
      if (model.up[action.of] === true) model.mistakes--
      return know(model, action.at, action.of, { suspects: true })
    case "hear":
      return know(model, action.at, action.of, { suspects: false, silent: 0, waited: 0 })
    case "deliver": {
      const [, , from, to] = core.describe(action).split(" ")
      const [of, at] = [from, to].map((name) => PEERS.findIndex((one) => one.name === name))
      return know(model, at as number, of as number, { silent: 0 })
    }
    case "wait":
      model.waits--
      for (const of of EVERYBODY) {
        const { silent, waited } = acquaintance(model, action.at, of)
        know(model, action.at, of, { silent: silent + 1, waited: waited + 1 })
      }
      return
    case "flush":
    case "serve":
    case "ask":
      return
  }
}

/**
 * What the model says is there to be done is there to be done. When silence makes one peer suspect another is between
 * two bounds: it must once it has heard nothing for long enough, and it may, since nobody answers its questions about
 * the ring here, as soon as it has waited for so long.
 */
const agree = (model: Model, enabled: ReadonlyArray<CoreAction>): void => {
  const restarts = enabled.flatMap((action) => (action.type === "restart" ? [action.at] : []))
  const down = EVERYBODY.filter((at) => model.up[at] === false)
  if (restarts.join() !== down.join())
    throw new Error(`${down.map(nameOf).join()} should be down, not ${restarts.map(nameOf).join()}`)
  const pairsOf = (type: "suspect" | "hear") =>
    new Set(enabled.flatMap((action) => (action.type === type ? [pair(action)] : [])))
  const [mayHear, maySuspect] = [pairsOf("hear"), pairsOf("suspect")]
  for (const one of PAIRS.filter(({ at }) => model.up[at] === true)) {
    const { at, of } = one
    const suspects = model.up[of] === true ? mayHear.has(pair(one)) : !maySuspect.has(pair(one))
    const { patience, silent, suspects: should, waited } = acquaintance(model, at, of)
    if (suspects && !should && waited >= SILENCE) {
      know(model, at, of, { suspects, patience: Math.min(4, 2 * patience) })
    } else if (suspects !== should) {
      throw new Error(
        `${nameOf(at)} ${suspects ? "suspects" : "does not suspect"} ${nameOf(of)}, against the model`,
      )
    } else if (!should && silent > SILENCE * patience) {
      throw new Error(
        `${nameOf(at)} has not heard ${nameOf(of)} for ${silent} waits, and does not suspect it`,
      )
    }
  }
}

type Verb = "crash" | "restart" | "suspect" | "hear" | "wait"

/** What may befall the peers, as the model has it. */
const candidates = (verb: Verb, model: Model): ReadonlyArray<CoreAction> => {
  const { crashes, mistakes, up, waits } = model
  const those = EVERYBODY.filter((at) => up[at] === (verb !== "restart"))
  switch (verb) {
    case "crash":
      return crashes === 0 ? [] : those.map((at) => ({ type: verb, at, kept: 0 }))
    case "restart":
      return those.map((at) => ({ type: verb, at }))
    case "wait":
      return waits === 0 ? [] : those.map((at) => ({ type: verb, at }))
    case "suspect":
      return PAIRS.filter(
        ({ at, of }) => up[at] && !acquaintance(model, at, of).suspects && (up[of] === false || mistakes > 0),
      ).map((one) => ({ type: verb, ...one }))
    case "hear":
      return PAIRS.filter(({ at, of }) => up[at] && up[of] && acquaintance(model, at, of).suspects).map(
        (one) => ({ type: verb, ...one }),
      )
  }
}

/** One act of the environment, so many times; `pick` says which of those that the model allows. */
class Befall implements fc.Command<Model, Real> {
  readonly #verb: Verb
  readonly #pick: number
  readonly #times: number
  #did = ""

  constructor(verb: Verb, pick: number, times = 1) {
    this.#verb = verb
    this.#pick = pick
    this.#times = times
  }

  check(model: Readonly<Model>): boolean {
    return candidates(this.#verb, model).length > 0
  }

  run(model: Model, real: Real): void {
    const all = candidates(this.#verb, model)
    const action = withLoss(all[this.#pick % all.length] as CoreAction, this.#pick, real)
    this.#did = core.describe(action) + (this.#times === 1 ? "" : `, ${this.#times} times`)
    const times = this.#verb === "wait" ? Math.min(this.#times, model.waits) : 1
    for (let n = 0; n < times; n++) perform(model, real, action)
  }

  toString(): string {
    return this.#did === "" ? `${this.#verb} #${this.#pick}` : this.#did
  }
}

/** A crash loses so many of the writes under way, which the model knows nothing of. */
const withLoss = (action: CoreAction, lost: number, { state }: Real): CoreAction => {
  if (action.type !== "crash") return action
  const same = core.actions(state).filter((one) => one.type === "crash" && one.at === action.at)
  return same[lost % same.length] ?? action
}

/** One thing that peers, network, disks, services or the client do by themselves, if there is any. */
class GoOn implements fc.Command<Model, Real> {
  readonly #pick: number
  #did = "nothing"

  constructor(pick: number) {
    this.#pick = pick
  }

  check(): boolean {
    return true
  }

  run(model: Model, real: Real): void {
    const own = core
      .actions(real.state)
      .filter(({ type }) => type === "deliver" || type === "flush" || type === "serve" || type === "ask")
    const action = own[this.#pick % own.length]
    if (action === undefined) return
    this.#did = core.describe(action)
    perform(model, real, action)
  }

  toString(): string {
    return this.#did
  }
}

const pick = fc.nat(30)
const befall = (verb: Verb) => pick.map((one) => new Befall(verb, one))
const goOn = pick.map((one) => new GoOn(one))
// Mostly a little; now and then for longer than a peer's patience with one that is silent.
const wait = fc
  .tuple(pick, fc.constantFrom(1, 1, 2, SILENCE + 2))
  .map(([one, times]) => new Befall("wait", one, times))

/** Lists of commands, most of which let the peers go on. */
export const commands = fc.commands(
  [
    ...Array.from({ length: 12 }, () => goOn),
    befall("crash"),
    befall("restart"),
    befall("suspect"),
    befall("hear"),
    wait,
  ],
  { size: "max", maxCommands: 90 },
)

/**
 * Runs a list of commands from the beginning.
 *
 * @param watch is called after each step of the code
 * @returns the state in which it ends
 * @throws Error at the first step that breaks a promise, or that the model does not foresee
 */
export const carriedOut = (
  list: Iterable<fc.Command<Model, Real>>,
  watch: Real["watch"] = () => undefined,
): CoreState => {
  const real: Real = { state: core.initial[0] as CoreState, watch }
  const { crashes, mistakes, waits } = options
  const model: Model = { up: EVERYBODY.map(() => true), acquaintances: new Map(), crashes, mistakes, waits }
  // Before the exploration begins the leader has waited once.
  for (const of of EVERYBODY) know(model, 0, of, { waited: 1 })
  fc.modelRun(() => ({ model, real }), list)
  return real.state
}
