/** What an exploration has found so far. Survives a structured clone. */
export interface Report {
  /** States that were not met before. */
  readonly distinct: number
  /** Actions that were followed; the states met again are among those they lead to. */
  readonly transitions: number
  /** Actions from an initial state to the farthest that was met. */
  readonly depth: number
  /** Whether everything that can be reached was; only then does "none was found" mean that there is none. */
  readonly isComplete: boolean
  /** In the order in which they were found; of each property the first. */
  readonly findings: ReadonlyArray<Finding>
  /** Witnesses never seen. */
  readonly unseen: ReadonlyArray<string>
}

/** A property that does not hold. */
export interface Finding {
  /** An invariant that is broken in a state, or a goal that cannot be reached from one. */
  readonly kind: "invariant" | "goal"
  readonly name: string
  /** One line. */
  readonly problem: string
  /** The index of an initial state, then that of the action chosen in each state on the way; none is shorter. */
  readonly way: ReadonlyArray<number>
}

export type Verdict = "holds" | "violated" | "incomplete"

/** An exploration that was cut short can say that something is wrong, but never that nothing is. */
export const verdictOf = ({ findings, isComplete, unseen }: Report): Verdict => {
  if (findings.length > 0) return "violated"
  if (!isComplete) return "incomplete"
  return unseen.length > 0 ? "violated" : "holds"
}
