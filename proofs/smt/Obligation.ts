/** What a solver is asked, and the answer without which the claim does not stand. */
export interface Question {
  /** SMT-LIB, whole, up to its `(check-sat)`. */
  readonly text: string
  readonly expect: "unsat" | "sat"
}

/**
 * One thing to be proved of any number of peers: from the hypotheses follows the goal.
 *
 * A proof from hypotheses that contradict one another would prove anything. So every obligation is two questions: no
 * counterexample over the unbounded sorts, and a state on small sorts in which all the hypotheses hold together.
 */
export interface Obligation {
  /** `system/claim`, in words of the file system, unique. */
  readonly name: string
  /** One line. */
  readonly claim: string
  readonly theory: Theory
  /** Declarations of its own, beside the theory's. */
  readonly declarations?: string
  readonly hypotheses: ReadonlyArray<string>
  readonly goal: string
  /** Hypotheses that keep the state that is looked for small; they are no part of the proof. */
  readonly example?: string
}

/** The sorts and symbols an obligation is written in. */
export interface Theory {
  /** Sorts without bound, and the axioms about them. */
  readonly unbounded: string
  /** The same symbols on sorts of a few elements, defined so that the axioms hold. */
  readonly bounded: string
}

/** A rule weakened in one place: the claim must fall, with a counterexample on small sorts. */
export interface Mutant {
  readonly name: string
  /** What was weakened. */
  readonly about: string
  /** The obligation as it reads with the weakened rule. */
  readonly obligation: Obligation
  /** What of the counterexample is worth printing: constants and applications. */
  readonly show: ReadonlyArray<string>
}

const assertion = (formula: string): string => `(assert ${formula})`

const script = (...parts: ReadonlyArray<string>): string =>
  `${["(set-logic ALL)", ...parts, "(check-sat)"].filter((part) => part !== "").join("\n")}\n`

/** No counterexample: unsat over the unbounded sorts. */
export const proofOf = ({ theory, declarations = "", hypotheses, goal }: Obligation): Question => ({
  text: script(
    theory.unbounded,
    declarations,
    ...hypotheses.map(assertion),
    "; the claim, denied",
    assertion(`(not ${goal})`),
  ),
  expect: "unsat",
})

/** The hypotheses hold together, and the goal with them: sat on the small sorts. */
export const witnessOf = ({
  theory,
  declarations = "",
  hypotheses,
  goal,
  example = "true",
}: Obligation): Question => ({
  text: script(
    theory.bounded,
    declarations,
    ...[...hypotheses, example].map(assertion),
    "; the claim, affirmed",
    assertion(goal),
  ),
  expect: "sat",
})

/** The claim falls: sat on the small sorts. */
export const refutationOf = ({ obligation }: Mutant): Question => {
  const { theory, declarations = "", hypotheses, goal } = obligation
  return {
    text: script(
      theory.bounded,
      declarations,
      ...hypotheses.map(assertion),
      "; the claim, denied",
      assertion(`(not ${goal})`),
    ),
    expect: "sat",
  }
}
