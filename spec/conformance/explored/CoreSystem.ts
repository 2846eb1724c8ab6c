import type { Mutant, Scope, Sizes } from "../../explorer/Subject.ts"
import type { System } from "../../explorer/System.ts"
import { endOf } from "../VirtualDisk.ts"
import { actionsOf, applied, stepped } from "./CoreActions.ts"
import { bareNode, PEERS, started } from "./CoreNode.ts"
import { coreInvariants, coreWitnesses } from "./CoreProperties.ts"
import { type CoreAction, type CoreOptions, type CoreState, stateText } from "./CoreState.ts"
import { knownNode, localStep } from "./Known.ts"

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
 *
 * What is explored only once, though it happens in many ways, and why nothing is missed by it:
 *
 * - A message may never arrive, and no guard asks for one that is not there: so a state with some messages on their way can
 *   do whatever another can that differs in nothing but having fewer, and the latter is left out (System.ts, surplus).
 * - Once nobody can crash any more a disk is as quick as can be. It is one queue in order, and a message leaves only after
 *   what it rests on: that a write is late then shows in nothing but in messages and requests that are late, and those
 *   may be late as it is.
 * - Messages of which nothing can come any more are forgotten (Spent.ts).
 */
export const system = (options: CoreOptions): System<CoreState, CoreAction> => ({
  name: "core",
  initial: [initialOf(options)],
  actions: actionsOf,
  apply: applied,
  fingerprint: options.whole === true ? wholeText : stateText,
  ...(options.whole !== true && { surplus: ({ sent }: CoreState) => sent.map(({ id }) => id) }),
  invariants: coreInvariants,
  witnesses: coreWitnesses(options),
  goals: [],
  describe,
  show,
})

const wholeText = (state: CoreState): string => {
  let text = stateText(state)
  for (const { code } of state.sent) text += code
  return text
}

/** Everybody is up, and the leader of view 0 has been told by a majority that it leads. */
const initialOf = (options: CoreOptions): CoreState => {
  let state: CoreState = {
    nodes: PEERS.map((_, at) => knownNode(at, bareNode)),
    sent: [],
    asked: Array.from({ length: options.requests }, () => 0),
    past: { committed: [], views: [] },
    left: { ...options, waits: 1 },
    problem: null,
  }
  for (const [at] of PEERS.entries())
    state = stepped(
      state,
      at,
      localStep(at, knownNode(at, bareNode), "begin", () => started(at, bareNode)),
    )
  return { ...quiet(applied(quiet(state), { type: "wait", at: 0 })), left: options }
}

/** After all messages have arrived. */
const quiet = (begun: CoreState): CoreState => {
  let state = begun
  for (let [message] = state.sent; message !== undefined; [message] = state.sent)
    state = applied(state, { type: "deliver", message })
  return state
}

const name = (at: number): string => PEERS[at]?.name ?? "?"

const describe = (action: CoreAction): string => {
  switch (action.type) {
    case "deliver": {
      const { code, value } = action.message
      const { from, message, to } = value
      // Four digits tell a message from others like it.
      return `deliver ${message.type} ${name(from)} ${name(to)} ${code.charCodeAt(0).toString(16).padStart(4, "0")}`
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

const show = ({ nodes, past, sent }: CoreState): ReadonlyArray<string> => [
  ...nodes.map(({ value: { disk, state: peer, writes } }, at) => {
    const replica = peer?.replicas[0]
    const stored = `${disk === null ? 0 : endOf(disk).length} stored, ${writes.length} being written`
    if (!replica) return `${name(at)} is down, ${stored}`
    const { ballot, epoch, role } = replica.record
    const leads = replica.leading === null ? "" : replica.leading.active ? ", serves" : ", leads"
    return `${name(at)} ${role} of epoch ${epoch}${ballot === null ? "" : ", sealed"}${leads}: ${replica.commit} of ${replica.log.length} committed, ${stored}`
  }),
  `${sent.length} messages on their way, ${past.committed.length} entries committed`,
]

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
      name: "3 peers, one cell, two requests, one crash, one restart",
      options: { ...none, requests: 2, crashes: 1, restarts: 1 },
    },
  ]
}

export const mutants: ReadonlyArray<Mutant<CoreOptions>> = []
