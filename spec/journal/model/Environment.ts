import {
  type Budget,
  type Cell,
  isMemberOf,
  isSent,
  isWhole,
  type Peer,
  peer,
  type Plain,
  withSent,
} from "./Cell.ts"
import { doing, type JournalRule, type Rules, where } from "./JournalRule.ts"
import { due, flushed, step } from "./Step.ts"
import { proposing } from "./ViewChanging.ts"
import { counterOf, DAMAGED, majority, NONE, placeOf, proposal, reborn } from "./Words.ts"

/** What the world does to a cell, within the budgets of its state; and what time does: it repeats, and it ends patience. */

const spent = (cell: Cell, name: keyof Budget): Cell => ({
  ...cell,
  budget: { ...cell.budget, [name]: cell.budget[name] - 1 },
})

const withPeer = (cell: Cell, at: number, plain: Plain): Cell => ({
  ...cell,
  peers: cell.peers.with(at, peer(plain)),
})

/** Peers that are down, for which `test` holds, as long as something is left of the budget. */
const down =
  (name: keyof Budget, test: (one: Peer) => boolean): JournalRule["enabled"] =>
  ({ budget, peers }) =>
    budget[name] === 0 ? [] : peers.flatMap((one, at) => (!one.up && test(one) ? [{ at }] : []))

/** What a process that does not run has beside its disk. */
export const nothing = {
  pending: [],
  disk: null,
  commit: 0,
  startLength: 0,
  round: 0,
  read: null,
  ran: null,
  tried: 0,
  proposing: null,
  fetch: null,
} as const

const isUndamaged = (one: Peer): boolean => one.role !== "damaged" && isWhole(one)

const crash: JournalRule = {
  name: "crash",
  by: "environment",
  guard: "a peer is up; crashes are left",
  effect:
    "what was in memory is gone, and what was not on its disk: of writes under way a first part of any length is there",
  enabled: (cell, rules) => (cell.budget.crashes === 0 ? [] : where(() => true)(cell, rules)),
  happen: doing((cell, at, one) =>
    spent(withPeer(cell, at, { ...one, ...nothing, ...one.disk, up: false }), "crashes"),
  ),
}

const restart: JournalRule = {
  name: "restart",
  by: "environment",
  guard: "a peer is down; restarts are left",
  effect:
    "it starts with what is on its disk and the next boot number; a log that does not verify is an error, and the peer takes no part with it",
  enabled: down("restarts", ({ role }) => role !== "damaged"),
  happen: doing((cell, at, one, _, rules) => {
    if (!isUndamaged(one) && rules.mutant !== "start with a damaged log")
      return spent(withPeer(cell, at, { ...one, role: "damaged" }), "restarts")
    return spent(started(cell, at, one, rules), "restarts")
  }),
}

const started = (cell: Cell, at: number, one: Peer, rules: Rules): Cell => {
  const startLength = one.role === "member" && one.view.members[0] === one.member ? one.log.length : 0
  const commit = rules.mutant === "no barrier" ? startLength : 0
  return step(cell, at, one, { ...nothing, up: true, boot: one.boot + 1, startLength, commit }, [], rules)
}

const wipe: JournalRule = {
  name: "wipe",
  by: "environment",
  guard: "a peer is down; wipes are left",
  effect: "it starts with an empty disk, as another incarnation, and joins the ring anew",
  enabled: down("wipes", () => true),
  happen: doing((cell, at, one, _, rules) => {
    if (rules.mutant === "same incarnation after a lost disk") {
      const genesis = cell.history.decided[0]?.proposal
      const blank = { log: "", ballot: NONE, accepted: null, epoch: 0, role: "member" as const, boot: 0 }
      return spent(
        genesis === undefined ? cell : started(cell, at, { ...one, ...blank, view: genesis }, rules),
        "wipes",
      )
    }
    const member = reborn(one.member)
    const fresh = blankPeer(member)
    const ring = cell.ring.map((other) => (other === one.member ? member : other))
    return spent({ ...withPeer(cell, at, fresh), ring }, "wipes")
  }),
}

/** Somebody who knows nothing of the cell. */
export const blankPeer = (member: number): Plain => ({
  ...nothing,
  member,
  up: true,
  boot: 1,
  role: "none",
  epoch: -1,
  view: proposal([], ""),
  log: "",
  ballot: NONE,
  accepted: null,
})

const suspect: JournalRule = {
  name: "suspect",
  by: "environment",
  guard: "a member of the latest epoch that it knows does not propose; suspicions are left",
  effect:
    "it takes the leader for dead, rightly or not, and proposes at a ballot higher than all that it knows: PREPARE to the view",
  enabled: (cell, rules) =>
    cell.budget.suspicions === 0
      ? []
      : where((one) => isMemberOf(one, one.epoch) && one.proposing === null)(cell, rules),
  happen: doing((cell, at, one, _, rules) => spent(proposing(cell, at, one, 0, rules), "suspicions")),
}

const leave: JournalRule = {
  name: "leave",
  by: "environment",
  guard: "a peer is on the ring, and others would be left; moves are left",
  effect: "it is desired nowhere any more; it goes on until its cells have moved",
  enabled: ({ budget, peers, ring }) =>
    budget.moves === 0 || ring.length < 2
      ? []
      : peers.flatMap(({ member, up }, at) => (up && ring.includes(member) ? [{ at }] : [])),
  happen: doing((cell, _, { member }) =>
    spent({ ...cell, ring: cell.ring.filter((one) => one !== member) }, "moves"),
  ),
}

const join: JournalRule = {
  name: "join",
  by: "environment",
  guard: "a peer is not on the ring; moves are left",
  effect: "it is on the ring at its place",
  enabled: ({ budget, peers, ring }) =>
    budget.moves === 0
      ? []
      : peers.flatMap(({ member, up }, at) => (up && !ring.includes(member) ? [{ at }] : [])),
  happen: doing((cell, _, { member }) =>
    spent({ ...cell, ring: [...cell.ring, member].toSorted((a, b) => placeOf(a) - placeOf(b)) }, "moves"),
  ),
}

const drop: JournalRule = {
  name: "drop",
  by: "environment",
  guard: "a message is under way; drops are left",
  effect: "it is lost",
  enabled: ({ budget, messages }) =>
    budget.drops === 0 ? [] : messages.map(({ message }, pick) => ({ at: 0, message, pick })),
  happen: (cell, { pick = 0 }) => spent({ ...cell, messages: cell.messages.toSpliced(pick, 1) }, "drops"),
}

const damage: JournalRule = {
  name: "damage",
  by: "environment",
  guard: "a peer is down, and an entry is on its disk; damages are left",
  effect: "the entry is not what was written, though it had been flushed",
  enabled: ({ budget, peers }) =>
    budget.damages === 0
      ? []
      : peers.flatMap((one, at) =>
          one.up || !isUndamaged(one)
            ? []
            : Array.from({ length: one.log.length }, (_, pick) => ({ at, pick })),
        ),
  happen: doing((cell, at, one, pick) =>
    spent(
      withPeer(cell, at, { ...one, log: one.log.slice(0, pick) + DAMAGED + one.log.slice(pick + 1) }),
      "damages",
    ),
  ),
}

const flush: JournalRule = {
  name: "flush",
  by: "peers",
  guard: "writes of a peer are under way",
  effect: "the oldest are on its disk, and what waited for them leaves",
  enabled: where(({ pending }) => pending.length > 0),
  happen: doing((cell, at, one) => flushed(cell, at, one)),
}

const repeat: JournalRule = {
  name: "repeat",
  by: "peers",
  guard: "a peer said something that is not answered, and it is lost",
  effect: "it says it again",
  enabled: where((one, cell) => one.pending.length === 0 && unsaid(cell, one).length > 0),
  happen: doing((cell, _, one) => ({
    ...cell,
    messages: withSent(cell.messages, unsaid(cell, one)),
  })),
}

/** What a peer has to say and nobody can hear; a log that was sent is asked for no more. */
const unsaid = ({ messages }: Cell, one: Peer) =>
  due(one).filter(
    ({ message }) =>
      !isSent(messages, message) &&
      !(message.type === "PULL" && isSent(messages, { ...message, type: "PULLED" })),
  )

/** What happens whenever it can; `retry` is not among these. */
export const environment: ReadonlyArray<JournalRule> = [
  flush,
  repeat,
  crash,
  restart,
  wipe,
  suspect,
  leave,
  join,
  drop,
  damage,
]

/** It stands for two time-outs: a member that was sealed for long proposes, and so does one whose leader is silent. */
export const retry: JournalRule = {
  name: "retry",
  by: "peers",
  guard:
    "nothing else is left to be done by peers; a member is sealed or its leader is gone, and a majority of its view is up in its epoch",
  effect: "it proposes at a ballot higher than all that was promised, as refusals tell it",
  enabled: (cell, rules) =>
    where((one, { peers }) => {
      if (!isMemberOf(one, one.epoch)) return false
      const { members } = one.view
      const up = peers.filter((other) => other.up && isMemberOf(other, one.epoch)).map(({ member }) => member)
      const isMajority = members.filter((member) => up.includes(member)).length >= majority(members)
      const hasLeader = members[0] !== undefined && up.includes(members[0])
      return isMajority && (one.ballot !== NONE || !hasLeader)
    })(cell, rules),
  happen: doing((cell, at, one, _, rules) => {
    const promised = cell.peers.map(({ ballot, epoch }) => (epoch === one.epoch ? counterOf(ballot) : 0))
    return proposing(cell, at, one, Math.max(...promised), rules)
  }),
}
