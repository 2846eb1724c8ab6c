/** Numbers by their place, as Growing and the typed arrays hold them. */
interface Column {
  readonly length: number
  readonly at: (index: number) => number | undefined
}

/** Who leads to whom. States are numbered from 0; the first `counts.length` of them were expanded. */
export interface Graph {
  /** How many actions each expanded state has. */
  readonly counts: Column
  /** Where each action leads, the actions of one state after those of another. */
  readonly targets: Column
  /** For each action the goals for which it is fair, a bit each. */
  readonly fair: Column
  /** For each state, expanded or not, the goals it has reached. */
  readonly reached: Column
}

/**
 * The states from which no way of fair actions leads to a state that has reached the goal, found from those backwards.
 * A state that was never expanded might lead anywhere: it counts as if it had reached it.
 *
 * @returns how many they are and the least of them; undefined when there is none.
 */
export const unreachable = (
  { counts, targets, fair, reached }: Graph,
  goal: number,
): { readonly first: number; readonly count: number } | undefined => {
  const size = reached.length
  const bit = 1 << goal
  const { starts, sources } = backwards({ counts, targets, fair, reached }, bit)
  const leadsThere = new Uint8Array(size)
  const queue = new Uint32Array(size)
  let length = 0
  const enter = (state: number): void => {
    if (leadsThere[state] === 1) return
    leadsThere[state] = 1
    queue[length++] = state
  }
  for (let state = 0; state < size; state++)
    if (state >= counts.length || ((reached.at(state) ?? 0) & bit) !== 0) enter(state)
  for (let i = 0; i < length; i++) {
    const state = queue[i] ?? 0
    const end = starts[state + 1] ?? 0
    for (let at = starts[state] ?? 0; at < end; at++) enter(sources[at] ?? 0)
  }
  return length === size ? undefined : { first: leadsThere.indexOf(0), count: size - length }
}

/** The fair edges turned round: the sources of those that lead to state s are those from `starts[s]` to `starts[s + 1]`. */
const backwards = ({ counts, targets, fair, reached }: Graph, bit: number) => {
  const starts = new Uint32Array(reached.length + 2)
  for (let edge = 0; edge < targets.length; edge++) {
    if (((fair.at(edge) ?? 0) & bit) === 0) continue
    const slot = (targets.at(edge) ?? 0) + 2
    starts[slot] = (starts[slot] ?? 0) + 1
  }
  for (let i = 2; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0)
  const sources = new Uint32Array(starts.at(-1) ?? 0)
  let edge = 0
  for (let state = 0; state < counts.length; state++) {
    for (const end = edge + (counts.at(state) ?? 0); edge < end; edge++) {
      if (((fair.at(edge) ?? 0) & bit) === 0) continue
      const slot = (targets.at(edge) ?? 0) + 1
      const at = starts[slot] ?? 0
      sources[at] = state
      starts[slot] = at + 1
    }
  }
  return { starts, sources }
}
