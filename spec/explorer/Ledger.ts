import { Covering } from "./Covering.ts"
import { Growing } from "./Growing.ts"
import type { Finding, Report } from "./Report.ts"
import type { Batch, Findings } from "./Slice.ts"
import type { System } from "./System.ts"
import { unreachable } from "./Unreachable.ts"
import { Visited } from "./Visited.ts"
import { Ways } from "./Ways.ts"

/** Where an exploration ends before everything was seen. */
export interface Limits {
  /** Distinct states; the batch in which it is passed is still taken. */
  readonly states?: number
  /** Actions from an initial state. */
  readonly depth?: number
  /** `first`: at the first broken invariant. `all`: once every invariant is broken. */
  readonly stopAt?: "first" | "all"
}

/** What of a system an account of its exploration needs. */
export type Accounted = Pick<System<never, never>, "invariants" | "witnesses" | "goals" | "surplus">

/**
 * The one account of a breadth-first search: what was met and how, what is broken, and who leads to whom. It sees no
 * states, only what slices say of them, in the order of the search; so its account is the same however many slices the
 * work is shared among.
 */
export class Ledger {
  readonly #names: Accounted
  readonly #limits: Limits
  readonly #visited = new Visited()
  /** Only where states cover one another; without it each fingerprint is a state. */
  readonly #covering: Covering | null
  readonly #ways = new Ways()
  readonly #findings: Array<Finding> = []
  /** The next state to be expanded. */
  #expanded = 0
  #initials = 0
  #seen = 0
  #transitions = 0
  #depth = -1
  /** Kept only where there are goals: for each state its actions' number, for each action where it leads and its fairness. */
  readonly #counts = new Growing((n) => new Uint16Array(n))
  readonly #targets = new Growing((n) => new Uint32Array(n))
  readonly #fair = new Growing((n) => new Uint8Array(n))
  readonly #reached = new Growing((n) => new Uint8Array(n))

  /** @throws RangeError for a system that cannot be explored */
  constructor(system: Accounted, limits: Limits) {
    if (system.witnesses.length > 31 || system.goals.length > 8)
      throw new RangeError("a system has at most 31 witnesses and 8 goals")
    if (system.surplus !== undefined && system.goals.length > 0)
      throw new RangeError("where states cover one another no goals can be judged: who has less may be stuck")
    this.#covering = system.surplus === undefined ? null : new Covering()
    this.#names = system
    this.#limits = limits
  }

  get distinct(): number {
    return this.#ways.size
  }

  get transitions(): number {
    return this.#transitions
  }

  get depth(): number {
    return this.#depth
  }

  /** Whether there is no use in going on. */
  get isOver(): boolean {
    const { states, stopAt = "first" } = this.#limits
    if (states !== undefined && this.distinct >= states) return true
    const broken = this.#findings.length
    return broken > 0 && (stopAt === "first" || broken === this.#names.invariants.length)
  }

  /** Takes the initial states. @returns for each whether it is new. */
  begin(batch: Batch): Uint8Array {
    const { highs } = batch
    const isNew = new Uint8Array(highs.length)
    for (let i = 0; i < highs.length; i++) {
      if (this.#meet(batch, i) !== undefined) continue
      this.#ways.add(this.distinct, i)
      isNew[i] = 1
    }
    this.#initials = this.distinct
    return isNew
  }

  /** Takes what follows the next states of the search. @returns for each of its actions whether it leads to a new state. */
  merge(batch: Batch): Uint8Array {
    const { counts, highs, fair } = batch
    const isNew = new Uint8Array(highs.length)
    const hasGoals = this.#names.goals.length > 0
    let at = 0
    for (const count of counts) {
      for (let choice = 0; choice < count; choice++, at++) {
        const index = this.#meet(batch, at)
        if (index === undefined) {
          this.#ways.add(this.#expanded, choice)
          isNew[at] = 1
        }
        if (!hasGoals) continue
        this.#targets.push(index ?? this.distinct - 1)
        this.#fair.push(fair[at] ?? 0)
      }
      if (hasGoals) this.#counts.push(count)
      this.#expanded++
    }
    this.#transitions += highs.length
    return isNew
  }

  /** The number of the state at that place of a batch, or of one that has its fingerprint and covers it; undefined: it is new. */
  #meet({ highs, lows, ends, numbers }: Batch, at: number): number | undefined {
    const before = this.#visited.size
    const number = this.#visited.add(highs[at] ?? 0, lows[at] ?? 0)
    if (this.#covering === null) return number === before ? undefined : number
    const from = at === 0 ? 0 : (ends[at - 1] ?? 0)
    return this.#covering.admits(number, numbers, from, ends[at] ?? 0) ? undefined : number
  }

  /**
   * Takes what a slice says of the new states of a batch, batches in their order.
   *
   * @param first the number of the first of them: `distinct` before the batch was merged.
   */
  note({ broken, seen, reached }: Findings, first: number): void {
    this.#seen |= seen
    for (const bits of reached) this.#reached.push(bits)
    for (const { invariant, at, problem } of broken.toSorted((a, b) => a.at - b.at)) {
      const name = this.#names.invariants[invariant]?.name ?? ""
      if (this.#findings.some((finding) => finding.name === name)) continue
      this.#findings.push({ kind: "invariant", name, problem, way: this.#way(first + at) })
    }
  }

  /** A level begins. @returns whether its `size` states are to be expanded. */
  turn(size: number): boolean {
    if (size === 0) return false
    this.#depth++
    return !this.isOver && this.#depth !== this.#limits.depth
  }

  /** What is known now. Goals are judged here, which takes a while for millions of states. */
  report(): Report {
    return {
      distinct: this.distinct,
      transitions: this.#transitions,
      depth: this.#depth,
      isComplete: this.#expanded === this.distinct,
      findings: [...this.#findings, ...this.#lostGoals()],
      unseen: this.#names.witnesses.filter((_, i) => (this.#seen & (1 << i)) === 0).map(({ name }) => name),
    }
  }

  #lostGoals(): ReadonlyArray<Finding> {
    return this.#names.goals.flatMap(({ name }, goal) => {
      const lost = unreachable(
        { counts: this.#counts, targets: this.#targets, fair: this.#fair, reached: this.#reached },
        goal,
      )
      if (lost === undefined) return []
      const problem = `${lost.count} of ${this.distinct} states, this the first of them, lead there by no fair actions`
      return [{ kind: "goal" as const, name, problem, way: this.#way(lost.first) }]
    })
  }

  #way(index: number): ReadonlyArray<number> {
    return this.#ways.to(index, this.#initials)
  }
}
