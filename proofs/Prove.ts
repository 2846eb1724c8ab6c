import {
  type Mutant,
  modelOf,
  type Obligation,
  proofOf,
  type Question,
  refutationOf,
  witnessOf,
} from "./smt/Obligation.ts"
import type { Answer } from "./solver/Answer.ts"
import { Solver } from "./solver/Solver.ts"

/** A question with its place in what is proved. */
export interface Task extends Question {
  /** What a file of it is called: unique, in words of the file system. */
  readonly name: string
  /** The obligation, theory or mutant it belongs to. */
  readonly about: string
}

export interface Outcome {
  readonly task: Task
  readonly answer: Answer
  /** In ms. */
  readonly took: number
}

/** `ok` when the answer is the one expected; an answer the other way refutes the claim, and none leaves it open. */
export const verdictOf = ({ task, answer }: Outcome): "ok" | "refuted" | "unknown" =>
  answer.verdict === "unknown" ? "unknown" : answer.verdict === task.expect ? "ok" : "refuted"

const slug = (text: string): string => text.replaceAll(/[^A-Za-z0-9/+-]+/g, "-")

/** Each goal of each obligation, a state in which all of it holds, and that the axioms of each theory have a model. */
export const tasksOf = (obligations: ReadonlyArray<Obligation>): ReadonlyArray<Task> => {
  const theories = new Map(obligations.map(({ theory }) => [theory.name, theory]))
  return [
    ...[...theories.values()]
      .filter(({ axioms }) => axioms.length > 0)
      .map((theory) => ({
        ...modelOf(theory),
        name: `axioms/${theory.name}`,
        about: `axioms/${theory.name}`,
      })),
    ...obligations.flatMap((obligation) => [
      ...obligation.goals.map((goal) => ({
        ...proofOf(obligation, goal),
        name: slug(`${obligation.name}/${goal.name}`),
        about: obligation.name,
      })),
      { ...witnessOf(obligation), name: `${obligation.name}/can-happen`, about: obligation.name },
    ]),
  ]
}

export const mutantTasks = (mutants: ReadonlyArray<Mutant>): ReadonlyArray<Task> =>
  mutants.map((mutant) => ({
    ...refutationOf(mutant),
    name: slug(`mutants/${mutant.obligation.name.split("/")[0]}/${mutant.name}`),
    about: mutant.name,
  }))

/** The most time one question may take, in ms; one that is left open is asked again when all others are done. */
export const LIMIT = 60_000

/**
 * Asks all of `tasks`, by as many solvers side by side as `width` says, and ends them all, whatever happens. What is left
 * open is asked once more by a fresh solver: a machine that did much else meanwhile is no reason to leave it so. Outcomes
 * are in the order of the tasks; `onOutcome` hears of each last one.
 *
 * @throws Error when no solver can be started.
 */
export const prove = async (
  tasks: ReadonlyArray<Task>,
  {
    width,
    signal,
    onOutcome,
    limit = LIMIT,
  }: {
    readonly width: number
    readonly signal?: AbortSignal
    readonly onOutcome?: (outcome: Outcome, done: number) => void
    /** In ms. */
    readonly limit?: number
  },
): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  const again: Array<number> = []
  let next = 0
  let done = 0
  const ending = new AbortController()
  const solvers = Array.from({ length: width }, () => new Solver())
  const end = (): void => {
    ending.abort()
    for (const solver of solvers) solver.close()
  }
  const ask = async (solver: Solver, i: number): Promise<Outcome> => {
    const task = tasks[i] as Task
    const since = performance.now()
    const answer = await solver.ask(task.text, limit)
    const took = performance.now() - since + (outcomes[i]?.took ?? 0)
    return (outcomes[i] = { task, answer, took })
  }
  const finished = (outcome: Outcome): void => onOutcome?.(outcome, ++done)
  signal?.addEventListener("abort", end)
  try {
    await Promise.all(
      solvers.map(async (solver) => {
        for (let i = next++; i < tasks.length && !ending.signal.aborted; i = next++) {
          const outcome = await ask(solver, i)
          if (verdictOf(outcome) === "unknown") again.push(i)
          else finished(outcome)
        }
      }),
    )
    await Promise.all(
      solvers.map(async (solver) => {
        for (let i = again.shift(); i !== undefined && !ending.signal.aborted; i = again.shift()) {
          solver.close()
          finished(await ask(solver, i))
        }
      }),
    )
  } finally {
    end()
    signal?.removeEventListener("abort", end)
  }
  return outcomes
}
