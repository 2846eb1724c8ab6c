import { and, constants, define } from "./Formula.ts"
import type { Goal, Obligation, Theory } from "./Obligation.ts"

/**
 * A protocol as relations over one state. The state after an action is defined from the state before it, field by field:
 * there is one copy of the state, and no axiom says what stays the same.
 *
 * In invariants and definitions a name followed by `'` is a field or definition of the state that is spoken of: `s1'`
 * becomes `s1` before an action and `s1+` after it.
 */
export interface TransitionSystem {
  readonly name: string
  readonly theory: Theory
  /** Constants of any value, fixed for the whole run. */
  readonly constants: string
  readonly fields: ReadonlyArray<Field>
  /** Abbreviations for what a state says, in order. */
  readonly definitions: ReadonlyArray<Definition>
  /** What holds of every reachable state. */
  readonly invariants: ReadonlyArray<Invariant>
  /** What holds of a state to begin with. */
  readonly initial: ReadonlyArray<string>
  readonly actions: ReadonlyArray<Action>
  /** A small initial state, so that none needs to be searched for. */
  readonly example?: string
}

/** A function of the state; its arguments are called x and y. */
export interface Field {
  readonly name: string
  readonly arguments: ReadonlyArray<string>
  readonly sort: string
}

export interface Definition {
  readonly name: string
  /** As `x Id, y Id`. */
  readonly variables: string
  readonly sort: string
  readonly body: string
}

export interface Invariant {
  readonly name: string
  readonly about: string
  readonly body: string
  /** Formulas by name that together are the body: each is asked by itself, which takes less than all at once. */
  readonly parts?: Readonly<Record<string, string>>
}

export interface Action {
  readonly name: string
  readonly about: string
  /** What it is about, as `j Id`, `m Id`. */
  readonly parameters: ReadonlyArray<readonly [name: string, sort: string]>
  readonly guard: string
  /** The fields that change: the value of each at x (and y). */
  readonly effect: Readonly<Record<string, string>>
  /** What is shown of the state after it, where that is not all of the invariants. */
  readonly goals?: ReadonlyArray<Goal>
}

export const before = (formula: string): string => formula.replaceAll("'", "")
export const after = (formula: string): string => formula.replaceAll("'", "+")

const variablesOf = ({ arguments: sorts }: Field): string =>
  sorts.map((sort, i) => `${"xyz"[i]} ${sort}`).join(", ")

const applied = ({ name, arguments: sorts }: Field): string =>
  sorts.length === 0 ? name : `(${name} ${sorts.map((_, i) => "xyz"[i]).join(" ")})`

/** The fields of a state, and what is said of it. */
export const declarations = (system: TransitionSystem): string =>
  [
    system.constants,
    ...system.fields.map(
      ({ name, arguments: sorts, sort }) => `(declare-fun ${name} (${sorts.join(" ")}) ${sort})`,
    ),
    ...sayings(system, before),
  ].join("\n")

/** The state after an action, and what is said of it. */
export const happening = (system: TransitionSystem, action: Action): string =>
  [
    `; ${action.name}: ${action.about}`,
    ...action.parameters.map(([name, sort]) => constants(sort, [name])),
    ...system.fields.map((field) =>
      define(`${field.name}+`, variablesOf(field), field.sort, action.effect[field.name] ?? applied(field)),
    ),
    ...sayings(system, after),
  ].join("\n")

const sayings = (
  { definitions, invariants }: TransitionSystem,
  of: (formula: string) => string,
): ReadonlyArray<string> => [
  ...definitions.map(({ name, variables, sort, body }) => define(of(`${name}'`), variables, sort, of(body))),
  ...invariants.map(({ name, body }) => define(of(`${name}'`), "", "Bool", of(body))),
]

export const allOf = ({ invariants }: TransitionSystem): string =>
  and(...invariants.map(({ name }) => `${name}'`))

const goalsOf = ({ invariants }: TransitionSystem, of: (formula: string) => string): ReadonlyArray<Goal> =>
  invariants.flatMap(({ name, parts }) =>
    parts === undefined
      ? [{ name, formula: of(`${name}'`) }]
      : Object.entries(parts).map(([part, body]) => ({ name: `${name}/${part}`, formula: of(body) })),
  )

/** The obligation that an action leaves the invariants standing. */
export const stepOf = (system: TransitionSystem, action: Action): Obligation => ({
  name: `${system.name}/${action.name}`,
  claim: `${action.name} preserves ${system.invariants.map(({ name }) => name).join(", ")}`,
  theory: system.theory,
  declarations: `${declarations(system)}\n${happening(system, action)}`,
  hypotheses: [before(allOf(system)), action.guard],
  goals: action.goals ?? goalsOf(system, after),
})

/** The invariants hold to begin with, and every action preserves them. */
export const inductionOf = (system: TransitionSystem): ReadonlyArray<Obligation> => [
  {
    name: `${system.name}/init`,
    claim: `the invariants hold of every initial state`,
    theory: system.theory,
    declarations: declarations(system),
    hypotheses: system.initial,
    goals: goalsOf(system, before),
    ...(system.example !== undefined && { example: system.example }),
  },
  ...system.actions.map((action) => stepOf(system, action)),
]

/** An action under another rule. */
export const weakened = (
  system: TransitionSystem,
  name: string,
  change: (action: Action) => Partial<Action>,
): Obligation => {
  const action = system.actions.find((one) => one.name === name)
  if (action === undefined) throw new RangeError(`${system.name} has no action ${name}`)
  return stepOf(system, { ...action, ...change(action) })
}
