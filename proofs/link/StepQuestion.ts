import { and, not } from "../smt/Formula.ts"
import { allOf, before, declarations, happening, type TransitionSystem } from "../smt/TransitionSystem.ts"

/** A step on small sorts: everything that is known of the state before it and after it. */
export interface SmallStep {
  /** Definitions of the theory's sorts and symbols. */
  readonly sorts: string
  readonly action: string
  /** Values of the action's parameters. */
  readonly parameters: Readonly<Record<string, string>>
  readonly before: ReadonlyArray<string>
  readonly after: ReadonlyArray<string>
}

const assertion = (formula: string): string => `(assert ${formula})`

/** Unsat: from any state of which `before` is true the action may happen, and leads to where `after` is. */
export const stepQuestion = (system: TransitionSystem, step: SmallStep): string => {
  const action = system.actions.find(({ name }) => name === step.action)
  if (action === undefined) throw new RangeError(`${system.name} has no action ${step.action}`)
  const names = action.parameters.map(([name]) => name)
  if (names.toSorted().join() !== Object.keys(step.parameters).toSorted().join())
    throw new RangeError(`${step.action} is about ${names.join(", ")}`)
  return [
    step.sorts,
    declarations(system),
    happening(system, action),
    ...step.before.map(assertion),
    ...Object.entries(step.parameters).map(([name, value]) => assertion(`(= ${name} ${value})`)),
    assertion(not(and(action.guard, ...step.after))),
  ].join("\n")
}

/** Unsat: every invariant holds of any state of which `facts` are true. */
export const stateQuestion = (
  system: TransitionSystem,
  sorts: string,
  facts: ReadonlyArray<string>,
  claim: string = before(allOf(system)),
): string => [sorts, declarations(system), ...facts.map(assertion), assertion(not(claim))].join("\n")
