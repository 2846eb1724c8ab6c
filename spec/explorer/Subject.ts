import type { System } from "./System.ts"

/**
 * What a module exports that is checked by name: its systems, and which of them are worth exploring. Options are plain
 * values that survive a structured clone, so that a worker can start the same system anew.
 */
export interface Subject<O> {
  readonly system: (options: O) => System<unknown, unknown>
  /**
   * What is explored when nothing else is asked for, each to its end: all of them must hold.
   *
   * @throws RangeError, with what is expected instead, for sizes that make no sense.
   */
  readonly scopes: (sizes: Sizes) => ReadonlyArray<Scope<O>>
  /** What must be found wrong: a checker that lets one of them pass checks nothing. */
  readonly mutants: ReadonlyArray<Mutant<O>>
}

/** What a caller may ask for; whatever is left out is the subject's to choose. */
export interface Sizes {
  readonly peers?: number
  /** `ours` unless said otherwise; some subjects have others to compare with. */
  readonly rules?: string
}

/** One system to explore: what is in it and how far its environment may go, in one line that a reader is shown. */
export interface Scope<O> {
  readonly name: string
  readonly options: O
}

/** A system with one rule broken, in the smallest scope that shows it. */
export interface Mutant<O> extends Scope<O> {
  /** What it does that it must not, in one line. */
  readonly about: string
}
