import type { Contact } from "../../../core/peer/Contact.ts"
import { headAt } from "../../../core/replication/Log.ts"
import type { Mutant, Scope, Sizes } from "../../explorer/Subject.ts"
import type { Invariant, System, Witness } from "../../explorer/System.ts"
import { epochKnown } from "../../../core/replication/Replica.ts"
import { majority } from "../../journal/Replica.ts"
import { answerOf } from "../../journal/Service.ts"
import { Digest } from "../Digest.ts"
import { memberOf } from "../JournalFacts.ts"
import { endOf } from "../VirtualDisk.ts"
import { canonical } from "./Canonical.ts"
import {
  asked,
  bareNode,
  CLIENT,
  type CoreNode,
  crashed,
  type Done,
  flush,
  hears,
  nodeText,
  PEERS,
  received,
  type Reply,
  type Sent,
  served,
  started,
  suspects,
  waited,
} from "./CoreNode.ts"

/**
 * The shipped `Peer.step` as something to explore: three peers that replicate one cell, their disks and services, the
 * network between them, and one client.
 *
 * What is left out, and what that may miss. The ring is settled and stays so: of its messages only heartbeats are there,
 * as the action `hear`; who is taken for dead is an action too, so no detector is explored, only every outcome of one.
 * Time stands still but for the action `wait`, in which so much goes by that everything that waits has waited for long
 * enough: orders of time-outs that are shorter than one another are not told apart. A message arrives once, or never:
 * what is said twice is left to walks. Replays end at once, services neither die nor differ. Nothing expires.
 * Everything else is the code itself, and nothing is bounded but the acts of the environment.
 */
export interface CoreOptions {
  readonly requests: number
  readonly crashes: number
  readonly restarts: number
  /** Suspicions of peers that are up. */
  readonly mistakes: number
  readonly waits: number
}

export type CoreAction =
  | { readonly type: "deliver"; readonly message: number }
  | { readonly type: "flush" | "serve" | "wait" | "restart"; readonly at: number }
  | { readonly type: "crash"; readonly at: number; readonly kept: number }
  | { readonly type: "suspect" | "hear"; readonly at: number; readonly of: number }
  | { readonly type: "ask"; readonly at: number; readonly request: number }

/** Numbers stand for nodes and messages that were met before, in this thread. */
export interface CoreState {
  readonly nodes: ReadonlyArray<number>
  /** In increasing order. */
  readonly sent: ReadonlyArray<number>
  /** By request: the peers that it was sent to, as bits; -1 once it is answered. */
  readonly asked: ReadonlyArray<number>
  /** What a leader took for committed or answered from, by entry: the head behind it, and the first epoch that did. */
  readonly committed: ReadonlyArray<{ readonly head: string; readonly epoch: number } | undefined>
  /** Views by epoch, as they were first taken on. */
  readonly views: ReadonlyArray<string | undefined>
  readonly left: CoreOptions
  readonly problem: string | null
}

/** What has been met, by its text. */
class Met<A> {
  readonly #numbers = new Map<string, number>()
  readonly #all: Array<A> = []

  number(text: string, one: A): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#all.length)
    return this.#all.push(one) - 1
  }

  get(number: number): A {
    const one = this.#all[number]
    if (one === undefined) throw new RangeError(`nothing has the number ${number} in this thread`)
    return one
  }
}

/** What became of a node: in numbers, since the same step is met again and again in other surroundings. */
interface Local {
  readonly node: number
  readonly sent: ReadonlyArray<number>
  readonly replies: ReadonlyArray<Reply>
  readonly problem: string | null
}

const nodes = new Met<CoreNode>()
const messages = new Met<Sent>()

export const machinesOf = ({ nodes: own }: CoreState): ReadonlyArray<CoreNode> =>
  own.map((number) => nodes.get(number))

/** Those on their way, in the order of `sent`. */
export const messagesOf = ({ sent }: CoreState): ReadonlyArray<Sent> =>
  sent.map((number) => messages.get(number))

export const receivedBy = ({ message }: Extract<CoreAction, { readonly type: "deliver" }>): Sent =>
  messages.get(message)
const locals = new Map<string, Local>()

const known = (key: string, make: () => Done): Local => {
  const before = locals.get(key)
  if (before !== undefined) return before
  const { node, problem, replies, sent } = make()
  const local = {
    node: nodes.number(nodeText(node), node),
    sent: sent.map((one) => messages.number(canonical([one.from, one.to, one.message]), one)),
    replies,
    problem,
  }
  locals.set(key, local)
  return local
}

const only = (node: CoreNode): Done => ({ node, sent: [], replies: [], problem: null })

/** Another state after a step of the peer `at`. */
const stepped = (state: CoreState, at: number, local: Local): CoreState => {
  const next = {
    ...state,
    nodes: state.nodes.with(at, local.node),
    sent: local.sent.length === 0 ? state.sent : [...state.sent, ...local.sent].toSorted((a, b) => a - b),
  }
  const after = withoutSpent(judged(next, at, local))
  // Where nobody can crash any more, a slow disk is no more than a slow network: it is quick then.
  const node = nodes.get(local.node)
  return after.left.crashes === 0 && node.writes.length > 0
    ? stepped(
        after,
        at,
        known(`${at} ${local.node} flush`, () => flush(at, node)),
      )
    : after
}

/** What the step shows of the whole: what is committed, which views there are, and what was answered. */
const judged = (state: CoreState, at: number, { problem, replies }: Local): CoreState => {
  const node = nodes.get(state.nodes[at] ?? -1)
  const replica = node.state?.replicas[0] ?? null
  let { asked: open, committed, views } = state
  let wrong = problem
  if (replica !== null && replica.record.role === "member") {
    const { epoch, view } = replica.record
    const members = view.map(memberOf).join(" ")
    if (views[epoch] === undefined) views = Object.assign([...views], { [epoch]: members })
    else if (views[epoch] !== members)
      wrong ??= `I2: two views of epoch ${epoch}: ${views[epoch]}; ${members}`
    // What a view begins with was committed when it was decided, which may be about to become durable.
    const from = replica.leading === null ? replica.commit : replica.record.base.length
    for (let length = from + 1; length <= replica.commit; length++) {
      const head = headAt(replica.log, length) ?? ""
      const before = committed[length - 1]?.head
      if (before === head) continue
      if (before !== undefined)
        wrong ??= `I4: entry ${length - 1} was committed, and is another in epoch ${epoch}`
      if (!isStored(state, view, length, head))
        wrong ??= `I5: ${memberOf(PEERS[at] as Contact)} takes ${length} entries for committed in epoch ${epoch}, which no majority stored`
      committed = Object.assign([...committed], { [length - 1]: { head, epoch } })
    }
    if (replica.leading?.active === true) {
      for (const [index, one] of committed.entries()) {
        // Of entries that were never answered or counted nothing is known; a leader that was replaced lacks later ones.
        if (one !== undefined && one.epoch < epoch && headAt(replica.log, index + 1) !== one.head)
          wrong ??= `I3: epoch ${epoch} serves without entry ${index}`
      }
    }
  }
  for (const { entry, head, id, shown } of replies) {
    const request = Number(id.slice(1))
    const before = committed[entry]
    if (before !== undefined && before.head !== head)
      wrong ??= `I4: ${id} is answered from another entry ${entry} than was committed`
    // Stored by a majority of a view, or decided by one that holds it: either way it is on their disks.
    if (
      !state.views.some((members) =>
        isStored(
          state,
          PEERS.filter((one) => members?.split(" ").includes(memberOf(one)) === true),
          entry + 1,
          head,
        ),
      )
    )
      wrong ??= `I10: ${id} is answered from entry ${entry}, which no majority of any view stored`
    const due = answerOf(
      CLIENT,
      Array.from({ length: request + 1 }, (_, n) => `r${n}`),
    )
    if (shown !== due) wrong ??= `effects: ${id} is answered with "${shown}", which should be "${due}"`
    committed = Object.assign([...committed], {
      [entry]: before ?? { head, epoch: replica?.record.epoch ?? 0 },
    })
    if (Number.isInteger(request)) open = open.with(request, -1)
  }
  return { ...state, asked: open, committed, views, problem: wrong }
}

/** Whether that log is on the disks of a majority of the view. */
const isStored = (state: CoreState, view: ReadonlyArray<Contact>, length: number, head: string): boolean =>
  view.filter(({ id }) =>
    holds(
      state,
      PEERS.findIndex((one) => one.id === id),
      length,
      head,
    ),
  ).length >= majority(view.map(memberOf))

/** Whether that log is on the disk of the peer. */
const holds = (state: CoreState, at: number, length: number, head: string): boolean => {
  const disk = nodes.get(state.nodes[at] ?? -1).disk
  if (disk === null) return false
  if (endOf(disk).length < length) return false
  return disk.items[length - disk.start.length - 1]?.head === head
}

/** Answers and news: once one of them changes nothing at its receiver, in the epoch that it is about or later, it never will. */
const NEWS: ReadonlySet<string> = new Set<Sent["message"]["type"]>([
  "AppendAck",
  "AppendNack",
  "Sealed",
  "Promise",
  "Refuse",
  "Accepted",
  "Install",
  "Retire",
  "Pulled",
  "Learned",
])

/** Where nobody can crash, and so forget, any more: without the messages that change nothing, now and later. */
const withoutSpent = (state: CoreState): CoreState => {
  if (state.left.crashes > 0) return state
  const sent = state.sent.filter((number) => !isSpent(state, number))
  return sent.length === state.sent.length ? state : { ...state, sent }
}

const isSpent = ({ left, nodes: own }: CoreState, message: number): boolean => {
  const one = messages.get(message)
  const number = own[one.to] ?? -1
  const node = nodes.get(number)
  // Nobody is there, and nobody will be.
  if (node.state === null) return left.restarts === 0
  const replica = node.state.replicas[0] ?? null
  if (!NEWS.has(one.message.type) || replica === null || one.message.epoch > epochKnown(replica)) return false
  const { node: after, replies, sent } = delivered(number, node, message, one)
  return after === number && replies.length === 0 && sent.length === 0
}

const delivered = (number: number, node: CoreNode, message: number, sent: Sent): Local =>
  known(`${sent.to} ${number} deliver ${message}`, () => received(sent.to, node, sent))

/** All that is being written is on the disks. */
const settled = (state: CoreState): CoreState =>
  state.nodes.reduce<CoreState>((now, number, at) => {
    const node = nodes.get(number)
    return node.writes.length === 0
      ? now
      : stepped(
          now,
          at,
          known(`${at} ${number} flush`, () => flush(at, node)),
        )
  }, state)

const actionsOf = (state: CoreState): ReadonlyArray<CoreAction> => {
  if (state.problem !== null) return []
  const { left } = state
  const up = state.nodes.map((number) => nodes.get(number))
  const actions: Array<CoreAction> = []
  for (const [i, message] of state.sent.entries()) {
    if (state.sent[i - 1] !== message && up[messages.get(message).to]?.state !== null)
      actions.push({ type: "deliver", message })
  }
  for (const [at, node] of up.entries()) {
    if (node.state === null) {
      if (left.restarts > 0) actions.push({ type: "restart", at })
      continue
    }
    if (node.writes.length > 0) actions.push({ type: "flush", at })
    if (node.runs.length > 0) actions.push({ type: "serve", at })
    if (left.waits > 0) actions.push({ type: "wait", at })
    if (left.crashes > 0) {
      for (let kept = 0; kept <= node.writes.length; kept++) actions.push({ type: "crash", at, kept })
    }
    for (const [of, other] of up.entries()) {
      if (of === at) continue
      const isSuspected = node.state.detector.suspected.has(PEERS[of]?.id as never)
      if (!isSuspected && (other.state === null || left.mistakes > 0))
        actions.push({ type: "suspect", at, of })
      if (isSuspected && other.state !== null) actions.push({ type: "hear", at, of })
    }
    const serves = node.state.replicas[0]?.leading?.active === true
    for (const [request, sentTo] of state.asked.entries()) {
      // A client asks one thing after another, and the same thing again where it is told to.
      const isNext = request === 0 || state.asked[request - 1] === -1
      if (serves && sentTo !== -1 && isNext && (sentTo & (1 << at)) === 0)
        actions.push({ type: "ask", at, request })
    }
  }
  return actions
}

const applied = (state: CoreState, action: CoreAction): CoreState => {
  if (action.type === "deliver") {
    const { message } = action
    const sent = messages.get(message)
    const { to } = sent
    const number = state.nodes[to] ?? -1
    const index = state.sent.indexOf(message)
    const local = delivered(number, nodes.get(number), message, sent)
    return stepped({ ...state, sent: state.sent.toSpliced(index, 1) }, to, local)
  }
  const { at } = action
  const number = state.nodes[at] ?? -1
  const here = nodes.get(number)
  const local = (key: string, make: () => Done): Local => known(`${at} ${number} ${key}`, make)
  const spend = (what: keyof CoreOptions): CoreState => ({
    ...state,
    left: { ...state.left, [what]: state.left[what] - 1 },
  })
  switch (action.type) {
    case "flush":
      return stepped(
        state,
        at,
        local("flush", () => flush(at, here)),
      )
    case "serve":
      return stepped(
        state,
        at,
        local("serve", () => served(at, here)),
      )
    case "wait":
      return stepped(
        spend("waits"),
        at,
        local("wait", () => waited(at, here)),
      )
    case "restart":
      return stepped(
        spend("restarts"),
        at,
        local("restart", () => started(at, here)),
      )
    case "crash": {
      const next = stepped(
        spend("crashes"),
        at,
        local(`crash ${action.kept}`, () => only(crashed(here, action.kept))),
      )
      return next.left.crashes === 0 ? settled(next) : next
    }
    case "suspect": {
      const isMistake = nodes.get(state.nodes[action.of] ?? -1).state !== null
      const next = isMistake ? spend("mistakes") : state
      return stepped(
        next,
        at,
        local(`suspect ${action.of}`, () => suspects(at, here, action.of)),
      )
    }
    case "hear":
      return stepped(
        state,
        at,
        local(`hear ${action.of}`, () => hears(at, here, action.of)),
      )
    case "ask": {
      const { request } = action
      const next = { ...state, asked: state.asked.with(request, (state.asked[request] ?? 0) | (1 << at)) }
      return stepped(
        next,
        at,
        local(`ask ${request}`, () => asked(at, here, request)),
      )
    }
  }
}

const initialOf = (options: CoreOptions): CoreState => {
  let state: CoreState = {
    nodes: PEERS.map(() => nodes.number(nodeText(bareNode), bareNode)),
    sent: [],
    asked: Array.from({ length: options.requests }, () => 0),
    committed: [],
    views: [],
    left: options,
    problem: null,
  }
  for (const [at] of PEERS.entries()) {
    state = stepped(
      state,
      at,
      known(`${at} begin`, () => started(at, bareNode)),
    )
  }
  // What a leader asks of its members to become active is over before the exploration begins.
  for (;;) {
    const [message] = state.sent
    if (message === undefined) return waitedOnce(state)
    state = applied(state, { type: "deliver", message })
  }
}

/** The leader of view 0 is told by a majority that it leads. */
const waitedOnce = (begun: CoreState): CoreState => {
  const { left } = begun
  let state = applied({ ...begun, left: { ...left, waits: 1 } }, { type: "wait", at: 0 })
  for (let [message] = state.sent; message !== undefined; [message] = state.sent) {
    state = applied(state, { type: "deliver", message })
  }
  return { ...state, left }
}

/** Invariants by the name that a problem begins with. */
const claims: ReadonlyArray<readonly [name: string, claim: string]> = [
  ["TwoViews", "I2"],
  ["BasesHoldCommitted", "I3"],
  ["CommittedStays", "I4"],
  ["MajorityCommits", "I5"],
  ["ResponsesAreCommitted", "I10"],
  ["EffectsOnce", "effects"],
]

const invariants: ReadonlyArray<Invariant<CoreState>> = [
  ...claims.map(([name, claim]) => ({
    name,
    broken: ({ problem }: CoreState) => (problem?.startsWith(`${claim}:`) ? problem : undefined),
  })),
  {
    name: "StepsAreSound",
    broken: ({ problem }) => (problem === null || /^(I\d+|effects):/.test(problem) ? undefined : problem),
  },
  {
    name: "LogsOfOneEpoch",
    broken: (state) => {
      const members = state.nodes.flatMap((number, at) => {
        const replica = nodes.get(number).state?.replicas[0] ?? null
        return replica?.record.role === "member" ? [{ at, replica }] : []
      })
      for (const a of members) {
        for (const b of members) {
          if (a.at >= b.at || a.replica.record.epoch !== b.replica.record.epoch) continue
          const both = Math.min(a.replica.log.length, b.replica.log.length)
          if (headAt(a.replica.log, both) !== headAt(b.replica.log, both))
            return `I1: the logs of epoch ${a.replica.record.epoch} differ at ${PEERS[a.at]?.name} and ${PEERS[b.at]?.name}`
        }
      }
      return undefined
    },
  },
]

const isLed = (state: CoreState, is: (at: number, epoch: number) => boolean): boolean =>
  state.nodes.some((number, at) => {
    const replica = nodes.get(number).state?.replicas[0]
    return replica?.leading?.active === true && is(at, replica.record.epoch)
  })

const witnessesOf = (options: CoreOptions): ReadonlyArray<Witness<CoreState>> => [
  { name: "every request is answered", seen: ({ asked: open }) => open.every((one) => one === -1) },
  ...(options.crashes + options.mistakes === 0
    ? []
    : [
        {
          name: "another leads after a change of view",
          seen: (state: CoreState) => isLed(state, (at, epoch) => at > 0 && epoch > 0),
        },
        {
          name: "an answer came after a change of view",
          seen: (state: CoreState) => state.views.length > 1 && state.asked.some((one) => one === -1),
        },
        {
          name: "a request was sent to two leaders",
          seen: ({ asked: open }: CoreState) => open.some((one) => one > 0 && (one & (one - 1)) !== 0),
        },
      ]),
  ...(options.restarts === 0
    ? []
    : [
        {
          name: "who crashed is back",
          seen: (state: CoreState) =>
            state.nodes.some((number) => {
              const node = nodes.get(number)
              return node.state !== null && node.boots > 1
            }),
        },
      ]),
]

const name = (at: number): string => PEERS[at]?.name ?? "?"

/** Six digits that tell a message from others like it, the same in every process. */
const markOf = (message: number): string => {
  const { from, message: said, to } = messages.get(message)
  const digest = new Digest()
  digest.word(canonical([from, to, said]))
  return digest.text().slice(0, 6)
}

const describe = (action: CoreAction): string => {
  switch (action.type) {
    case "deliver": {
      const { from, message, to } = messages.get(action.message)
      return `deliver ${message.type} ${name(from)} ${name(to)} ${markOf(action.message)}`
    }
    case "crash":
      return `crash ${name(action.at)} ${action.kept}`
    case "suspect":
    case "hear":
      return `${action.type} ${name(action.at)} ${name(action.of)}`
    case "ask":
      return `ask ${name(action.at)} r${action.request}`
    default:
      return `${action.type} ${name(action.at)}`
  }
}

const show = (state: CoreState): ReadonlyArray<string> => [
  ...state.nodes.map((number, at) => {
    const { disk, state: peer, writes } = nodes.get(number)
    const replica = peer?.replicas[0]
    const stored = `${disk === null ? 0 : endOf(disk).length} stored, ${writes.length} being written`
    if (!replica) return `${name(at)} is down, ${stored}`
    const { ballot, epoch, role } = replica.record
    const leads = replica.leading === null ? "" : replica.leading.active ? ", serves" : ", leads"
    return `${name(at)} ${role} of epoch ${epoch}${ballot === null ? "" : ", sealed"}${leads}: ${replica.commit} of ${replica.log.length} committed, ${stored}`
  }),
  `${state.sent.length} messages on their way, ${state.committed.length} entries committed`,
]

export const system = (options: CoreOptions): System<CoreState, CoreAction> => ({
  name: "core",
  initial: [initialOf(options)],
  actions: actionsOf,
  apply: applied,
  fingerprint: ({ asked: open, committed, left, nodes: own, problem, sent, views }) =>
    `${own.join()}|${sent.join()}|${open.join()}|${committed.map((one) => one && `${one.head.slice(0, 12)}/${one.epoch}`).join()}|${views.length}|${Object.values(left).join()}|${problem ?? ""}`,
  invariants,
  witnesses: witnessesOf(options),
  goals: [],
  describe,
  show,
})

const none: CoreOptions = { requests: 0, crashes: 0, restarts: 0, mistakes: 0, waits: 0 }

/** @throws RangeError for any number of peers but three */
export const scopes = ({ peers = 3 }: Sizes): ReadonlyArray<Scope<CoreOptions>> => {
  if (peers !== 3) throw new RangeError("core is explored with three peers: expected --peers 3")
  return [
    { name: "3 peers, one cell, two requests", options: { ...none, requests: 2 } },
    { name: "3 peers, one cell, two requests, one crash", options: { ...none, requests: 2, crashes: 1 } },
    {
      name: "3 peers, one cell, one request, one false suspicion",
      options: { ...none, requests: 1, mistakes: 1 },
    },
    {
      name: "3 peers, one cell, one request, one crash, one restart",
      options: { ...none, requests: 1, crashes: 1, restarts: 1 },
    },
  ]
}

/** Takes too long for whoever asks in passing. */
export const largest: Scope<CoreOptions> = {
  name: "3 peers, one cell, two requests, one crash, one restart",
  options: { ...none, requests: 2, crashes: 1, restarts: 1 },
}

export const mutants: ReadonlyArray<Mutant<CoreOptions>> = []
