import type { Call } from "../history/Call.ts"
import type { Model } from "./models/Model.ts"

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
  /** The search was given up after so many steps. */
  | { readonly type: "unknown"; readonly steps: number }

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
 * @param goesOn asked now and then with the steps so far; the search ends when it says no
 */
export const linearize = <S>(
  calls: ReadonlyArray<Call>,
  model: Model<S>,
  goesOn: (steps: number) => boolean,
): Linearization => {
  // What nobody knows the answer of and changes nothing says nothing.
  const heard = calls.filter(
    (call) => call.outcome === "ok" || (call.outcome === "open" && !model.isRead(call)),
  )
  const head = listOf(heard)
  const open = openOnes(heard, model)
  const due = heard.filter(({ outcome }) => outcome === "ok").length
  const taken = new Uint32Array(Math.ceil(heard.length / 32))
  const seen = new Map<string, Set<string | number>>()
  const stack: Array<Step<S>> = []
  let state = model.initial
  let done = 0
  let best: ReadonlyArray<number> = []
  let stuck = waiting(head)

  /** The state after a call that is put next, if it may be and this was not tried before. */
  const after = (number: number): S | undefined => {
    const call = heard[number]
    if (call === undefined) throw new Error("a place in the list is of no call")
    const next = call.outcome === "ok" ? model.answer(state, call) : model.apply(state, call)
    if (next === undefined) return undefined
    flip(taken, number)
    const set = setKey(taken)
    flip(taken, number)
    const states = seen.get(set) ?? new Set()
    const key = model.key(next)
    if (states.has(key)) return undefined
    seen.set(set, states.add(key))
    return next
  }

  // What was answered is tried first; what nobody heard of is made to happen only where no answer fits.
  let node = head.next
  let kind = 0
  for (let steps = 1; done < due; steps++) {
    if ((steps & 255) === 0 && !goesOn(steps)) return { type: "unknown", steps }
    if (node !== null && !node.isEnd) {
      const next = after(node.call)
      if (next === undefined) {
        node = node.next
        continue
      }
      stack.push({ type: "answered", node, state })
      state = next
      done++
      flip(taken, node.call)
      lift(node)
      node = head.next
      kind = 0
      continue
    }
    const group = open[kind]
    if (group !== undefined) {
      const number = group.calls[group.taken]
      // It has begun only if it did so before the first end of what is left.
      const hasBegun = number !== undefined && (heard[number]?.invoke.index ?? Infinity) < firstEnd(head)
      const next = hasBegun ? after(number) : undefined
      if (next === undefined || number === undefined) {
        kind++
        continue
      }
      stack.push({ type: "open", kind, call: number, state })
      state = next
      group.taken++
      flip(taken, number)
      node = head.next
      kind = 0
      continue
    }
    // Something has ended that nothing put before it explains: the last step was wrong.
    if (stack.length > best.length) {
      best = stack.map(numberOf)
      stuck = waiting(head)
    }
    const last = stack.pop()
    if (last === undefined) {
      const pick = (numbers: ReadonlyArray<number>) => numbers.flatMap((n) => heard[n] ?? [])
      return { type: "contradiction", order: pick(best), stuck: pick(stuck) }
    }
    state = last.state
    flip(taken, numberOf(last))
    if (last.type === "answered") {
      done--
      unlift(last.node)
      node = last.node.next
      kind = 0
    } else {
      const back = open[last.kind]
      if (back !== undefined) back.taken--
      node = null
      kind = last.kind + 1
    }
  }
  return { type: "linearizable", order: stack.flatMap((step) => heard[numberOf(step)] ?? []) }
}

/** What was put next, and the state before. */
type Step<S> =
  | { readonly type: "answered"; readonly node: Node; readonly state: S }
  | { readonly type: "open"; readonly kind: number; readonly call: number; readonly state: S }

const numberOf = <S>(step: Step<S>): number => (step.type === "answered" ? step.node.call : step.call)

/** Open calls with the same effect, in the order of their beginnings, and how many of them were put somewhere. */
interface OpenOnes {
  readonly calls: Array<number>
  taken: number
}

/**
 * Of open calls with the same effect the one that began before may be put wherever the later one may, so it is enough to take them
 * in turn. Without that many time-outs would take time exponential in their number.
 */
const openOnes = <S>(calls: ReadonlyArray<Call>, model: Model<S>): ReadonlyArray<OpenOnes> => {
  const groups = new Map<string, OpenOnes>()
  for (const [n, call] of calls.entries()) {
    if (call.outcome !== "open") continue
    const group = groups.get(model.effect(call)) ?? { calls: [], taken: 0 }
    groups.set(model.effect(call), group)
    group.calls.push(n)
  }
  return [...groups.values()]
}

/** The line of the first end of all that is left. */
const firstEnd = (head: Node): number => {
  let node = head.next
  while (node !== null && !node.isEnd) node = node.next
  return node?.line ?? Infinity
}

/** Beginnings and ends of what was answered in the order of the history's lines, behind a head that is neither. */
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
  const places = calls.flatMap(({ invoke, end, outcome }, call) => {
    if (outcome !== "ok" || end === null) return []
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

const flip = (bits: Uint32Array, n: number): void => {
  bits[n >>> 5] = (bits[n >>> 5] ?? 0) ^ (1 << (n & 31))
}

/** Names a set: all that is taken up to a point, and then what is taken beyond, which is little. */
const setKey = (bits: Uint32Array): string => {
  let full = 0
  while (bits[full] === 0xffffffff) full++
  let end = bits.length
  while (end > full && bits[end - 1] === 0) end--
  let key = String(full)
  for (let n = full; n < end; n++) key += ` ${bits[n]?.toString(36)}`
  return key
}
