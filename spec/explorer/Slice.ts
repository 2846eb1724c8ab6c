import { hash, type Hash } from "./Fingerprint.ts"
import type { System } from "./System.ts"

/** What follows some states of a level, before it is known what of it is new. Survives a structured clone. */
export interface Batch {
  /** For each state that was expanded the number of its actions. */
  readonly counts: Uint16Array
  /** For each action of each of them the hash of the state after it. */
  readonly highs: Int32Array
  readonly lows: Int32Array
  /** For each action the goals for which it is fair, a bit each; empty where there are no goals. */
  readonly fair: Uint8Array
  /** Where states cover one another: their surpluses, one after the other, and for each state where its own ends; else empty. */
  readonly numbers: Float64Array
  readonly ends: Uint32Array
}

/** What is to be said of the new states of a batch. Survives a structured clone. */
export interface Findings {
  readonly broken: ReadonlyArray<Broken>
  /** Witnesses seen, a bit each. */
  readonly seen: number
  /** For each new state the goals it has reached, a bit each; empty where there are no goals. */
  readonly reached: Uint8Array
}

export interface Broken {
  /** Index of the invariant. */
  readonly invariant: number
  /** Which of the batch's new states it is, the first that breaks it. */
  readonly at: number
  readonly problem: string
}

/**
 * Some of the states of one level of a search, those that they lead to, and all work that looks into states. What is
 * new is decided elsewhere, from hashes alone, so that several threads can hold a slice each.
 */
export class Slice<S, A> {
  readonly #system: System<S, A>
  #level: Array<S> = []
  #cursor = 0
  /** Batches that wait to hear what of them is new. */
  readonly #pending: Array<ReadonlyArray<S>> = []
  #next: Array<S> = []
  readonly #hash: Hash = { high: 0, low: 0 }

  constructor(system: System<S, A>) {
    this.#system = system
  }

  /** The initial states, as if they followed one state by one action each. */
  begin(): Batch {
    return this.#batch(this.#system.initial, [], [])
  }

  /** States of this level that are yet to be expanded. */
  get left(): number {
    return this.#level.length - this.#cursor
  }

  /** Expands at most `limit` more states of this level. */
  expand(limit: number): Batch {
    const states = this.#level.slice(this.#cursor, this.#cursor + limit)
    this.#cursor += states.length
    const { actions, apply, goals } = this.#system
    const after: Array<S> = []
    const counts: Array<number> = []
    const fair: Array<number> = []
    for (const state of states) {
      const possible = actions(state)
      counts.push(possible.length)
      for (const action of possible) {
        after.push(apply(state, action))
        if (goals.length > 0) fair.push(bitsOf(goals, (goal) => goal.fair(action)))
      }
    }
    return this.#batch(after, counts, fair)
  }

  /** Keeps the new states of the oldest batch that waits, and looks at them. */
  keep(isNew: Uint8Array): Findings {
    const candidates = this.#pending.shift() ?? []
    const { invariants, witnesses, goals } = this.#system
    const broken: Array<Broken> = []
    const reached: Array<number> = []
    const before = this.#next.length
    let seen = 0
    for (let i = 0; i < candidates.length; i++) {
      if (isNew[i] !== 1) continue
      const state = candidates[i] as S
      for (let invariant = 0; invariant < invariants.length; invariant++) {
        const problem = invariants[invariant]?.broken(state)
        if (problem === undefined || broken.some((one) => one.invariant === invariant)) continue
        broken.push({ invariant, at: this.#next.length - before, problem })
      }
      for (let witness = 0; witness < witnesses.length; witness++)
        if ((seen & (1 << witness)) === 0 && witnesses[witness]?.seen(state) === true) seen |= 1 << witness
      if (goals.length > 0) reached.push(bitsOf(goals, (goal) => goal.reached(state)))
      this.#next.push(state)
    }
    return { broken, seen, reached: Uint8Array.from(reached) }
  }

  /** The next level begins, with what was kept. @returns how many states it has here. */
  turn(): number {
    this.#level = this.#next
    this.#next = []
    this.#cursor = 0
    return this.#level.length
  }

  /** Of this level, none of which is expanded yet, only every `of`th state is left here, from number `share` on. */
  share(share: number, of: number): void {
    this.#level = this.#level.filter((_, i) => i % of === share)
  }

  #batch(after: ReadonlyArray<S>, counts: ReadonlyArray<number>, fair: ReadonlyArray<number>): Batch {
    const { fingerprint, surplus } = this.#system
    const [highs, lows] = [new Int32Array(after.length), new Int32Array(after.length)]
    const ends = new Uint32Array(surplus === undefined ? 0 : after.length)
    const numbers: Array<number> = []
    for (let i = 0; i < after.length; i++) {
      const state = after[i] as S
      hash(fingerprint(state), this.#hash)
      highs[i] = this.#hash.high
      lows[i] = this.#hash.low
      if (surplus === undefined) continue
      for (const number of surplus(state)) numbers.push(number)
      ends[i] = numbers.length
    }
    this.#pending.push(after)
    return {
      counts: Uint16Array.from(counts),
      highs,
      lows,
      fair: Uint8Array.from(fair),
      numbers: Float64Array.from(numbers),
      ends,
    }
  }
}

const bitsOf = <G>(goals: ReadonlyArray<G>, test: (goal: G) => boolean): number => {
  let bits = 0
  for (let i = 0; i < goals.length; i++) if (test(goals[i] as G)) bits |= 1 << i
  return bits
}
