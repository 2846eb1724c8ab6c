import type { System } from "./System.ts"

/** One action of a behaviour and the state it leads to. */
export interface Step<S, A> {
  readonly action: A
  readonly state: S
}

/** A behaviour: where it begins, and what happens then. */
export interface Behaviour<S, A> {
  readonly start: S
  readonly steps: ReadonlyArray<Step<S, A>>
}

/**
 * The behaviour that a finding's `way` stands for.
 *
 * @throws RangeError when it is no way of this system.
 */
export const behaviour = <S, A>(system: System<S, A>, way: ReadonlyArray<number>): Behaviour<S, A> => {
  const [first = 0, ...choices] = way
  const start = system.initial[first]
  if (start === undefined) throw new RangeError(`${system.name} has no initial state ${first}`)
  const steps: Array<Step<S, A>> = []
  let state: S = start
  for (const choice of choices) {
    const action = system.actions(state)[choice]
    if (action === undefined) throw new RangeError(`${system.name} has no action ${choice} there`)
    state = system.apply(state, action)
    steps.push({ action, state })
  }
  return { start, steps }
}

/** A behaviour as lines for a reader: each action, and what it changed in what the system shows of its state. */
export const retell = <S, A>(system: System<S, A>, way: ReadonlyArray<number>): ReadonlyArray<string> => {
  const { start, steps } = behaviour(system, way)
  const width = String(steps.length).length
  const lines = system.show(start).map((line) => `${" ".repeat(width)}    ${line}`)
  let before = new Set(system.show(start))
  for (const [i, { action, state }] of steps.entries()) {
    const shown = system.show(state)
    lines.push(`${String(i + 1).padStart(width)}  ${system.describe(action)}`)
    lines.push(...shown.filter((line) => !before.has(line)).map((line) => `${" ".repeat(width)}    ${line}`))
    before = new Set(shown)
  }
  return lines
}
