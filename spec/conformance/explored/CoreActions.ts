import type { RingId } from "../../../core/ring/RingId.ts"
import {
  asked,
  type CoreNode,
  crashed,
  type Done,
  flush,
  hears,
  PEERS,
  served,
  started,
  suspects,
  waited,
} from "./CoreNode.ts"
import type { CoreAction, CoreOptions, CoreState, Restricted } from "./CoreState.ts"
import { judged } from "./Judged.ts"
import { type KnownMessage, type KnownNode, type Local, localStep } from "./Known.ts"
import { delivered, withoutSpent } from "./Spent.ts"

/** Everything that may happen next. */
export const actionsOf = (state: CoreState): ReadonlyArray<CoreAction> => {
  if (state.problem !== null) return []
  const { asked: open, left, nodes, sent } = state
  const actions: Array<CoreAction> = []
  const may = (what: Restricted, at: number): boolean => left.only?.[what]?.includes(at) !== false
  for (const [i, message] of sent.entries()) {
    const { message: said, to } = message.value
    if (sent[i - 1] !== message && nodes[to]?.value.state !== null && may(said.type, to))
      actions.push({ type: "deliver", message })
  }
  for (const [at, { value: node }] of nodes.entries()) {
    if (node.state === null) {
      if (left.restarts > 0) actions.push({ type: "restart", at })
      continue
    }
    if (node.writes.length > 0) actions.push({ type: "flush", at })
    if (node.runs.length > 0) actions.push({ type: "serve", at })
    if (left.waits > 0 && may("wait", at)) actions.push({ type: "wait", at })
    if (left.crashes > 0 && may("crash", at)) {
      for (let kept = 0; kept <= node.writes.length; kept++) actions.push({ type: "crash", at, kept })
    }
    for (const [of, { value: other }] of nodes.entries()) {
      if (of === at) continue
      const isSuspected = node.state.detector.suspected.has(PEERS[of]?.id as RingId)
      if (!isSuspected && (other.state === null || left.mistakes > 0) && may("suspect", at))
        actions.push({ type: "suspect", at, of })
      if (isSuspected && other.state !== null) actions.push({ type: "hear", at, of })
    }
    const serves = node.state.replicas[0]?.leading?.active === true
    for (const [request, sentTo] of open.entries()) {
      // A client asks one thing after another, and the same thing again where it is told to.
      const isNext = request === 0 || open[request - 1] === -1
      if (serves && may("ask", at) && sentTo !== -1 && isNext && (sentTo & (1 << at)) === 0)
        actions.push({ type: "ask", at, request })
    }
  }
  return actions
}

/** What is after one of them. */
export const applied = (state: CoreState, action: CoreAction): CoreState => {
  if (action.type === "deliver") {
    const { message } = action
    const { to } = message.value
    const sent = state.sent.toSpliced(state.sent.indexOf(message), 1)
    return stepped({ ...state, sent }, to, delivered(state.nodes[to] as KnownNode, message))
  }
  const { at } = action
  const here = state.nodes[at] as KnownNode
  const local = (key: string, make: (node: CoreNode) => Done): Local =>
    localStep(at, here, key, () => make(here.value))
  const spend = (what: Exclude<keyof CoreOptions, "only" | "whole">): CoreState => ({
    ...state,
    left: { ...state.left, [what]: state.left[what] - 1 },
  })
  switch (action.type) {
    case "flush":
      return flushed(state, at)
    case "serve":
      return stepped(
        state,
        at,
        local("serve", (node) => served(at, node)),
      )
    case "wait":
      return stepped(
        spend("waits"),
        at,
        local("wait", (node) => waited(at, node)),
      )
    case "restart":
      return stepped(
        spend("restarts"),
        at,
        local("restart", (node) => started(at, node)),
      )
    case "crash": {
      const { kept } = action
      const next = stepped(
        spend("crashes"),
        at,
        local(`crash ${kept}`, (node) => only(crashed(node, kept))),
      )
      return isQuick(next) ? settled(next) : next
    }
    case "suspect": {
      const { of } = action
      const isMistake = state.nodes[of]?.value.state !== null
      return stepped(
        isMistake ? spend("mistakes") : state,
        at,
        local(`suspect ${of}`, (node) => suspects(at, node, of)),
      )
    }
    case "hear": {
      const { of } = action
      return stepped(
        state,
        at,
        local(`hear ${of}`, (node) => hears(at, node, of)),
      )
    }
    case "ask": {
      const { request } = action
      const open = state.asked.with(request, (state.asked[request] ?? 0) | (1 << at))
      return stepped(
        { ...state, asked: open },
        at,
        local(`ask ${request}`, (node) => asked(at, node, request)),
      )
    }
  }
}

const only = (node: CoreNode): Done => ({ node, sent: [], replies: [], problem: null })

/** Another state after a step of the peer `at`. */
export const stepped = (state: CoreState, at: number, local: Local): CoreState => {
  const { node, sent } = local
  const next = { ...state, nodes: state.nodes.with(at, node), sent: withSent(state.sent, sent) }
  const after = withoutSpent(judged(next, at, local))
  return isQuick(after) && node.value.writes.length > 0 ? flushed(after, at) : after
}

/** Where nobody can crash any more, a slow disk is no more than a slow network: all are quick then. */
const isQuick = ({ left }: CoreState): boolean => left.crashes === 0 && left.whole !== true

const withSent = (
  sent: ReadonlyArray<KnownMessage>,
  more: ReadonlyArray<KnownMessage>,
): ReadonlyArray<KnownMessage> =>
  more.length === 0 ? sent : [...sent, ...more].toSorted((a, b) => a.id - b.id)

const flushed = (state: CoreState, at: number): CoreState => {
  const here = state.nodes[at] as KnownNode
  return stepped(
    state,
    at,
    localStep(at, here, "flush", () => flush(at, here.value)),
  )
}

/** All that is being written is on the disks. */
const settled = (state: CoreState): CoreState =>
  state.nodes.reduce<CoreState>(
    (now, { value: { writes } }, at) => (writes.length === 0 ? now : flushed(now, at)),
    state,
  )
