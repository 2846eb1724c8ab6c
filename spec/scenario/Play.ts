import type { System } from "../explorer/System.ts"
import type { Expectation, Scenario } from "./Scenario.ts"

/** What became of a scenario on one system. */
export interface Played {
  /** What happened, as a reader follows it. */
  readonly story: ReadonlyArray<string>
  /** Where it was not as expected, one line each, with the line of the scenario. */
  readonly problems: ReadonlyArray<string>
}

/**
 * Plays a scenario on a system that goes by `name` in it, from its first initial state on. An expectation that fails
 * does not end it; an action that cannot happen does.
 */
export const play = <S, A>(scenario: Scenario, name: string, system: System<S, A>): Played => {
  const story: Array<string> = []
  const problems: Array<string> = []
  const [start] = system.initial
  if (start === undefined) return { story, problems: [`${system.name} has no initial state`] }
  let state: S = start
  let shown = new Set(system.show(state))
  for (const one of scenario.lines) {
    if (one.kind === "expectation") {
      if (one.of !== null && one.of !== name) continue
      const problem = failing(one, system, state)
      if (problem !== undefined) problems.push(`line ${one.line}: on ${name} ${problem}`)
      continue
    }
    const possible = system.actions(state)
    const action = possible.find((other) => system.describe(other) === one.text)
    if (action === undefined) {
      const others = possible.map((other) => system.describe(other)).join(", ")
      problems.push(
        `line ${one.line}: on ${name} "${one.text}" cannot happen there; what can: ${others || "nothing"}`,
      )
      break
    }
    state = system.apply(state, action)
    const after = system.show(state)
    story.push(one.text, ...after.filter((line) => !shown.has(line)).map((line) => `    ${line}`))
    shown = new Set(after)
  }
  return { story, problems }
}

/** What is not as expected; undefined when all is. */
const failing = <S, A>(
  { claim, property }: Expectation,
  system: System<S, A>,
  state: S,
): string | undefined => {
  const { goals, invariants, witnesses } = system
  const broken = invariants.flatMap((invariant) => {
    const problem = invariant.broken(state)
    return problem === undefined ? [] : [{ name: invariant.name, problem }]
  })
  switch (claim) {
    case "holds":
      return broken.length === 0
        ? undefined
        : broken.map(({ name, problem }) => `${name} is broken: ${problem}`).join("; ")
    case "broken":
      return (
        unknown("invariant", property, invariants) ??
        (broken.some(({ name }) => name === property) ? undefined : `${property} is not broken`)
      )
    case "seen":
      return (
        unknown("witness", property, witnesses) ??
        (witnesses.some(({ name, seen }) => name === property && seen(state))
          ? undefined
          : `${property} is not seen`)
      )
    case "reached":
      return (
        unknown("goal", property, goals) ??
        (goals.some(({ name, reached }) => name === property && reached(state))
          ? undefined
          : `${property} is not reached`)
      )
    case "unreachable":
      return unknown("goal", property, goals) ?? reachable(system, property, state)
  }
}

/** States that are looked at to see whether a goal can be reached. */
const MOST = 200_000

/** Whether fair actions alone lead to a state that has reached the goal, or may do so. */
const reachable = <S, A>(
  { actions, apply, fingerprint, goals }: System<S, A>,
  name: string,
  from: S,
): string | undefined => {
  const goal = goals.find((one) => one.name === name)
  const seen = new Set([fingerprint(from)])
  const waiting = [from]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (goal === undefined || goal.reached(state)) return `${name} can be reached`
    if (seen.size > MOST) return `whether ${name} can be reached is not known after ${MOST} states`
    for (const action of actions(state).filter((one) => goal.fair(one))) {
      const next = apply(state, action)
      const code = fingerprint(next)
      if (!seen.has(code)) waiting.push(next)
      seen.add(code)
    }
  }
  return undefined
}

const unknown = (
  kind: string,
  property: string,
  all: ReadonlyArray<{ readonly name: string }>,
): string | undefined =>
  all.some(({ name }) => name === property)
    ? undefined
    : `there is no ${kind} ${property}, only ${all.map(({ name }) => name).join(", ") || "none at all"}`
