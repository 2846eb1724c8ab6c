import type { Call } from "../history/Call.ts"
import { Memo } from "./Memo.ts"
import type { Answered, Model } from "./models/Model.ts"

/** What a search said of the calls of one session. */
export type Linearization =
  /** Calls in an order in which one service, doing one thing after another, could have given these answers. */
  | { readonly type: "linearizable"; readonly order: ReadonlyArray<Call> }
  /** There is no such order. `order` is as far as any search came, `stuck` the calls that could not follow. */
  | {
      readonly type: "contradiction"
      readonly order: ReadonlyArray<Call>
      readonly stuck: ReadonlyArray<Call>
    }
  /** The search was given up. */
  | { readonly type: "unknown"; readonly steps: number; readonly why: "steps" | "memory" | "time" }

/** When a search is given up. */
export interface Limits {
  /** Answers tried. */
  readonly steps: number
  /** What is remembered of what was tried, in bytes, about. */
  readonly bytes: number
  /** Asked now and then; it is given up when there is none left. */
  readonly hasTime: () => boolean
}

/** A place in the list of what began and ended, in the order of time. */
interface Node {
  readonly call: number
  /** Of the history. */
  readonly line: number
  /** Where the call ended; null for an end. */
  readonly end: Node | null
  readonly isEnd: boolean
  previous: Node | null
  next: Node | null
}

/**
 * Looks for an order of the calls that agrees with time and with the model: Wing and Gong's search, with the set of what
 * was seen before by Lowe ("Testing for linearizability", section 4) over a list from which calls are lifted, and to which
 * they return. Calls that failed are none; open ones may be anywhere after their beginning, or nowhere.
 *
 * Only answers are searched through. An answer tells the state it leaves, so the open calls between two of them are those
 * that the model says are needed, and of those with the same effect the ones that began first: whoever may be put somewhere
 * may be put there wherever a later one may.
 */
export const linearize = <S>(calls: ReadonlyArray<Call>, model: Model<S>, limits: Limits): Linearization => {
  const answered = calls.filter(({ outcome }) => outcome === "ok")
  const head = listOf(answered)
  const open = openOnes(calls, model)
  const memo = new Memo(answered.length, open.size)
  const stack: Array<Step<S>> = []
  let state = model.initial
  let best: ReadonlyArray<Step<S>> = []
  let stuck = waiting(head)

  /** Puts an answer next, behind the open calls that it needs, if it may be there and that was not tried before. */
  const put = (node: Node, call: Call): boolean => {
    const next = model.answered(state, call)
    const before = next === undefined ? undefined : takeNeeded(next, open, firstEnd(head))
    if (next === undefined || before === undefined) return false
    if (!memo.isNew(node.call, model.key(next.after), countsOf(open))) {
      giveBack(next, open)
      return false
    }
    stack.push({ node, state, next, calls: [...before, call] })
    memo.flip(node.call)
    state = next.after
    lift(node)
    return true
  }

  let node = head.next
  for (let steps = 1; stack.length < answered.length; steps++) {
    if (steps > limits.steps) return { type: "unknown", steps, why: "steps" }
    if (memo.bytes > limits.bytes) return { type: "unknown", steps, why: "memory" }
    if ((steps & 255) === 0 && !limits.hasTime()) return { type: "unknown", steps, why: "time" }
    if (node !== null && !node.isEnd) {
      const call = answered[node.call]
      if (call === undefined) throw new Error("a place in the list is of no call")
      node = put(node, call) ? head.next : node.next
      continue
    }
    // Something has ended that nothing put before it explains: the last step was wrong.
    if (stack.length > best.length) {
      best = [...stack]
      stuck = waiting(head)
    }
    const last = stack.pop()
    if (last === undefined) {
      return {
        type: "contradiction",
        order: best.flatMap((step) => step.calls),
        stuck: stuck.flatMap((n) => answered[n] ?? []),
      }
    }
    state = last.state
    memo.flip(last.node.call)
    giveBack(last.next, open)
    unlift(last.node)
    node = last.node.next
  }
  return { type: "linearizable", order: stack.flatMap((step) => step.calls) }
}

/** What was put next, and the state before. */
interface Step<S> {
  readonly node: Node
  readonly state: S
  readonly next: Answered<S>
  /** The answer, behind the open calls that it needs. */
  readonly calls: ReadonlyArray<Call>
}

/** Open calls with the same effect, in the order of their beginnings, and how many of them were put somewhere. */
interface OpenOnes {
  readonly calls: Array<Call>
  taken: number
}

const openOnes = <S>(calls: ReadonlyArray<Call>, model: Model<S>): ReadonlyMap<string, OpenOnes> => {
  const groups = new Map<string, OpenOnes>()
  for (const call of calls) {
    // What nobody knows the answer of and changes nothing says nothing.
    if (call.outcome !== "open" || model.isRead(call)) continue
    const effect = model.effect(call)
    const group = groups.get(effect) ?? { calls: [], taken: 0 }
    groups.set(effect, group)
    group.calls.push(call)
  }
  return groups
}

const countsOf = (open: ReadonlyMap<string, OpenOnes>): ReadonlyArray<number> =>
  [...open.values()].map(({ taken }) => taken)

/** Takes the open calls that an answer needs; none, and undefined, if there are not as many that began before `line`. */
const takeNeeded = <S>(
  { needs }: Answered<S>,
  open: ReadonlyMap<string, OpenOnes>,
  line: number,
): ReadonlyArray<Call> | undefined => {
  for (const [effect, times] of needs) {
    const group = open.get(effect)
    const last = group?.calls[group.taken + times - 1]
    if (last === undefined || last.invoke.index > line) return undefined
  }
  return needs.flatMap(([effect, times]) => {
    const group = open.get(effect)
    if (group === undefined) return []
    group.taken += times
    return group.calls.slice(group.taken - times, group.taken)
  })
}

const giveBack = <S>({ needs }: Answered<S>, open: ReadonlyMap<string, OpenOnes>): void => {
  for (const [effect, times] of needs) {
    const group = open.get(effect)
    if (group !== undefined) group.taken -= times
  }
}

/** The line of the first end of all that is left. */
const firstEnd = (head: Node): number => {
  let node = head.next
  while (node !== null && !node.isEnd) node = node.next
  return node?.line ?? Infinity
}

/** Beginnings and ends in the order of the history's lines, behind a head that is neither. */
const listOf = (calls: ReadonlyArray<Call>): Node => {
  const place = (call: number, line: number, end: Node | null): Node => ({
    call,
    line,
    end,
    isEnd: end === null,
    previous: null,
    next: null,
  })
  const head = place(-1, -1, null)
  const places = calls.flatMap(({ invoke, end }, call) => {
    if (end === null) return []
    const ended = place(call, end.index, null)
    return [place(call, invoke.index, ended), ended]
  })
  let last = head
  for (const node of places.toSorted((a, b) => a.line - b.line)) {
    last.next = node
    node.previous = last
    last = node
  }
  return head
}

const lift = (node: Node): void => {
  unlink(node)
  if (node.end !== null) unlink(node.end)
}

const unlift = (node: Node): void => {
  if (node.end !== null) relink(node.end)
  relink(node)
}

const unlink = (node: Node): void => {
  if (node.previous !== null) node.previous.next = node.next
  if (node.next !== null) node.next.previous = node.previous
}

const relink = (node: Node): void => {
  if (node.previous !== null) node.previous.next = node
  if (node.next !== null) node.next.previous = node
}

/** Calls that might have come next: those that began before anything that is left ended. */
const waiting = (head: Node): ReadonlyArray<number> => {
  const found: Array<number> = []
  let node = head.next
  for (; node !== null && !node.isEnd; node = node.next) found.push(node.call)
  return found
}
