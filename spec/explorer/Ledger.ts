import { Growing } from "./Growing.ts"
import type { Finding, Report } from "./Report.ts"
import type { Batch, Findings } from "./Slice.ts"
import type { System } from "./System.ts"
import { unreachable } from "./Unreachable.ts"
import { Visited } from "./Visited.ts"

/** Where an exploration ends before everything was seen. */
export interface Limits {
  /** Distinct states; the batch in which it is passed is still taken. */
  readonly states?: number
  /** Actions from an initial state. */
  readonly depth?: number
  /** `first`: at the first broken invariant. `all`: once every invariant is broken. */
  readonly stopAt?: "first" | "all"
}

/**
 * The one account of a breadth-first search: what was met and how, what is broken, and who leads to whom. It sees no
 * states, only what slices say of them, in the order of the search; so its account is the same however many slices the
 * work is shared among.
 */
export class Ledger {
  readonly #names: Pick<System<never, never>, "invariants" | "witnesses" | "goals">
  readonly #limits: Limits
  readonly #visited = new Visited()
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

  constructor(system: Pick<System<never, never>, "invariants" | "witnesses" | "goals">, limits: Limits) {
    if (system.witnesses.length > 31 || system.goals.length > 8)
      throw new RangeError("a system has at most 31 witnesses and 8 goals")
    this.#names = system
    this.#limits = limits
  }

  get distinct(): number {
    return this.#visited.size
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
  begin({ highs, lows }: Batch): Uint8Array {
    const isNew = new Uint8Array(highs.length)
    for (let i = 0; i < highs.length; i++) {
      const before = this.distinct
      if (this.#visited.add(highs[i] ?? 0, lows[i] ?? 0, before, i) === before) isNew[i] = 1
    }
    this.#initials = this.distinct
    return isNew
  }

  /** Takes what follows the next states of the search. @returns for each of its actions whether it leads to a new state. */
  merge({ counts, highs, lows, fair }: Batch): Uint8Array {
    const isNew = new Uint8Array(highs.length)
    const hasGoals = this.#names.goals.length > 0
    let at = 0
    for (const count of counts) {
      for (let choice = 0; choice < count; choice++, at++) {
        const before = this.distinct
        const index = this.#visited.add(highs[at] ?? 0, lows[at] ?? 0, this.#expanded, choice)
        if (index === before) isNew[at] = 1
        if (!hasGoals) continue
        this.#targets.push(index)
        this.#fair.push(fair[at] ?? 0)
      }
      if (hasGoals) this.#counts.push(count)
      this.#expanded++
    }
    this.#transitions += highs.length
    return isNew
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
    return this.#visited.way(index, this.#initials)
  }
}
