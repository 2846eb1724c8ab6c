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
  /** What is to follow, in parts that are asked one by one. */
  readonly goals: ReadonlyArray<Goal>
  /** Hypotheses that keep the state that is looked for small; they are no part of the proof. */
  readonly example?: string
}

export interface Goal {
  readonly name: string
  readonly formula: string
}

/** The sorts and symbols an obligation is written in. */
export interface Theory {
  readonly name: string
  /** Sorts without bound, and symbols of which the axioms are all that is known. */
  readonly symbols: string
  readonly axioms: ReadonlyArray<Axiom>
  /** The same symbols on sorts of a few elements, defined; the axioms are to hold of them ({@link modelOf}). */
  readonly small: string
  /** Abbreviations, the same for both. */
  readonly abbreviations: string
}

export interface Axiom {
  readonly name: string
  readonly about: string
  readonly formula: string
}

/** A rule weakened in one place: the claim must fall, with a counterexample on small sorts. */
export interface Mutant {
  readonly name: string
  /** What was weakened. */
  readonly about: string
  /** The obligation as it reads with the weakened rule. */
  readonly obligation: Obligation
  /** What of the counterexample is worth telling, beside its constants. */
  readonly show: ReadonlyArray<{ readonly label: string; readonly sort: string; readonly term: string }>
}

const assertion = (formula: string): string => `(assert ${formula})`

const unbounded = ({ symbols, axioms, abbreviations }: Theory): string =>
  [
    symbols,
    ...axioms.map(({ name, about, formula }) => `(assert ${formula}) ; ${name}: ${about}`),
    abbreviations,
  ].join("\n")

const bounded = ({ small, abbreviations }: Theory): string => `${small}\n${abbreviations}`

/** The axioms hold of the small sorts, and so they do not contradict one another: unsat that one of them fails. */
export const modelOf = ({ axioms, small }: Theory): Question => ({
  text: script(
    small,
    "; the axioms, denied",
    assertion(`(not (and ${axioms.map(({ formula }) => formula).join(" ")}))`),
  ),
  expect: "unsat",
})

const script = (...parts: ReadonlyArray<string>): string =>
  `${["(set-logic ALL)", ...parts, "(check-sat)"].filter((part) => part !== "").join("\n")}\n`

/** No counterexample to a goal: unsat over the unbounded sorts. */
export const proofOf = ({ theory, declarations = "", hypotheses }: Obligation, goal: Goal): Question => ({
  text: script(
    unbounded(theory),
    declarations,
    ...hypotheses.map(assertion),
    `; ${goal.name}, denied`,
    assertion(`(not ${goal.formula})`),
  ),
  expect: "unsat",
})

/** The hypotheses hold together, and the goals with them: sat on the small sorts. */
export const witnessOf = ({
  theory,
  declarations = "",
  hypotheses,
  goals,
  example = "true",
}: Obligation): Question => ({
  text: script(
    bounded(theory),
    declarations,
    ...[...hypotheses, example].map(assertion),
    "; the claims, affirmed",
    ...goals.map(({ formula }) => assertion(formula)),
  ),
  expect: "sat",
})

/** The claim falls: sat on the small sorts. */
export const refutationOf = ({ obligation, show }: Mutant): Question => {
  const { theory, declarations = "", hypotheses, goals } = obligation
  return {
    text: script(
      bounded(theory),
      declarations,
      ...hypotheses.map(assertion),
      ...show.map(
        ({ label, sort, term }) =>
          `(declare-const |${label}| ${sort})\n${assertion(`(= |${label}| ${term})`)}`,
      ),
      "; the claims, denied",
      assertion(`(not (and true ${goals.map(({ formula }) => formula).join(" ")}))`),
    ),
    expect: "sat",
  }
}
