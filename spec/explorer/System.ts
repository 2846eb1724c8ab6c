/**
 * Anything that can be explored: where it may begin, what may happen next, and what must hold all the while. Nobody changes
 * a state or an action that was handed out. The same state has the same actions in the same order, the same fingerprint and
 * the same surplus, in every process.
 *
 * @typeParam S a state of the whole system, its network and what is left of the environment's budget included
 * @typeParam A something that may happen: a step of the protocol, or an act of the environment
 */
export interface System<S, A> {
  readonly name: string
  readonly initial: ReadonlyArray<S>
  /** Everything that may happen next; an action whose guard fails is not in it. Empty where the system has ended. */
  readonly actions: (state: S) => ReadonlyArray<A>
  /** What is after an enabled action. */
  readonly apply: (state: S, action: A) => S
  /** The same for two states exactly when they may stand for one another: equal, or equal up to symmetry. */
  readonly fingerprint: (state: S) => string
  /**
   * What the fingerprint leaves out and no property looks at: numbers in increasing order, each as often as it is there.
   * Whoever has more of them can do whatever another with the same fingerprint can, and is then again the one that has
   * more; like messages on their way, if they may just as well never arrive. A state that has no more than one that was met
   * before is left out of the search: all that it leads to is met from there, and no way is longer. Not together with goals.
   */
  readonly surplus?: (state: S) => ReadonlyArray<number>
  /** What must be true of every state that can be reached. */
  readonly invariants: ReadonlyArray<Invariant<S>>
  /** What must be true of some: an exploration that never meets it has not looked where it matters. */
  readonly witnesses: ReadonlyArray<Witness<S>>
  /** What must stay possible from every reachable state. */
  readonly goals: ReadonlyArray<Goal<S, A>>
  /** The action as a line of a scenario: its verb, then what it is about, like `cut 1 2`. */
  readonly describe: (action: A) => string
  /** The state in a few short lines, for whoever reads a counterexample. */
  readonly show: (state: S) => ReadonlyArray<string>
}

/** An *always* property. */
export interface Invariant<S> {
  /** The claim it is named by, the same as its file. */
  readonly name: string
  /** Undefined while it holds, else one line that says where it does not. */
  readonly broken: (state: S) => string | undefined
}

/** A *sometimes* property. */
export interface Witness<S> {
  readonly name: string
  readonly seen: (state: S) => boolean
}

/** From every reachable state some way through fair actions alone leads to a state that has reached it. */
export interface Goal<S, A> {
  readonly name: string
  readonly reached: (state: S) => boolean
  /** Actions that happen in the end if they stay possible: the protocol's own, and deliveries; never a new fault. */
  readonly fair: (action: A) => boolean
}

/** A system that may be asked for by name and started anew in a worker: the module that exports it, and its sizes. */
export interface SystemSource {
  /** URL of a module whose export `system` is `(options) => System`. */
  readonly module: string
  /** What is handed to it; a structured clone of it. */
  readonly options: unknown
}
