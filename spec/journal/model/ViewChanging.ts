import { type Cell, history, isMemberOf, isSent, leads, type Peer, someOf } from "./Cell.ts"
import { arrival, doing, type JournalRule, receiving, type Rules, where } from "./JournalRule.ts"
import { isActive } from "./Replicating.ts"
import { holds, step } from "./Step.ts"
import {
  type Accepted,
  type Ballot,
  ballotOf,
  counterOf,
  isFast,
  type Log,
  majority,
  type Member,
  NONE,
  placeOf,
  type Proposal,
  proposal as proposalOf,
} from "./Words.ts"

/** How the members of view e choose view e + 1 (journal.md, PREPARE to ACCEPTED, and FAST PATH). */

/** A member begins to propose: at a ballot higher than all that it tried or promised. */
export const proposing = (cell: Cell, at: number, one: Peer, above: number, rules: Rules): Cell => {
  const isForgetful = rules.mutant === "reuse a ballot after a restart"
  const tried = 1 + Math.max(one.tried, above, isForgetful ? 0 : counterOf(one.ballot))
  const ballot = ballotOf(tried, placeOf(one.member), isForgetful ? 0 : one.boot)
  return step(cell, at, one, { tried, proposing: { ballot, proposal: null } }, [], rules)
}

/** Nothing of what was begun goes on when more was promised meanwhile. */
const stillProposing = (one: Peer, ballot: Ballot): Peer["proposing"] =>
  one.proposing !== null && one.proposing.ballot < ballot ? null : one.proposing

const promise: JournalRule = {
  name: "promise",
  by: "peers",
  guard: "PREPARE of the epoch has come to a member that has promised no ballot as high",
  effect:
    "the ballot is promised durably, which seals the member: it leads no longer; PROMISE with what it accepted and all that it appended",
  enabled: arrival("PREPARE", (one, { ballot, epoch }, cell) => {
    if (!isMemberOf(one, epoch) || ballot < one.ballot) return false
    return ballot > one.ballot || (one.accepted === null && !hasPromised(cell, one, ballot))
  }),
  happen: receiving("PREPARE", (cell, at, one, { ballot }, rules) =>
    step(
      cell,
      at,
      one,
      { ballot, read: null, proposing: stillProposing(one, ballot) },
      [promiseOf(cell, one, ballot)],
      rules,
    ),
  ),
}

const hasPromised = ({ messages }: Cell, { epoch, member }: Peer, ballot: Ballot): boolean =>
  messages.some(
    ({ message }) =>
      message.type === "PROMISE" &&
      message.from === member &&
      message.epoch === epoch &&
      message.ballot === ballot,
  )

const promiseOf = ({ ring }: Cell, { accepted, epoch, log, member }: Peer, ballot: Ballot) =>
  ({
    type: "PROMISE",
    epoch,
    from: member,
    ballot,
    accepted,
    log,
    isLeaving: !ring.includes(member),
  }) as const

const promisesFor = (cell: Cell, one: Peer) => {
  const ballot = one.proposing?.ballot ?? NONE
  return someOf(
    cell,
    "PROMISE",
    (message) =>
      message.ballot === ballot && message.epoch === one.epoch && one.view.members.includes(message.from),
  )
}

const choose: JournalRule = {
  name: "choose",
  by: "peers",
  guard: "a proposer has promises at its ballot from a majority of the view",
  effect:
    "if some had accepted: the proposal of the highest ballot, unchanged; else the longest promised log, and as members those that promised and do not leave, completed from the desired ones; ACCEPT to the view",
  enabled: (cell, rules) =>
    where((one) => one.proposing?.proposal === null)(cell, rules).flatMap(({ at }) => {
      const one = cell.peers[at]
      if (one === undefined) return []
      const count = majority(one.view.members)
      return subsets(promisesFor(cell, one).length, count).map((pick) => ({ at, pick }))
    }),
  happen: doing((cell, at, one, pick, rules) => {
    const promises = promisesFor(cell, one).filter((_, i) => (pick & (1 << i)) !== 0)
    const before = rules.mutant === "ignore an accepted proposal" ? null : highest(promises)
    const proposal = before?.proposal ?? fresh(cell, one, promises, rules)
    const ballot = one.proposing?.ballot ?? NONE
    return step(cell, at, one, { proposing: { ballot, proposal } }, [], rules)
  }),
}

/** Sets of `count` out of `size` things, a bit each. */
const subsets = (size: number, count: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let bits = 0; bits < 1 << size; bits++) {
    let left = bits
    let ones = 0
    for (; left !== 0; left &= left - 1) ones++
    if (ones === count) found.push(bits)
  }
  return found
}

interface Promised {
  readonly from: Member
  readonly accepted: Accepted | null
  readonly log: Log
  readonly isLeaving: boolean
}

const highest = (promises: ReadonlyArray<Promised>): Accepted | null => {
  let best: Accepted | null = null
  for (const { accepted } of promises)
    if (accepted !== null && (best === null || accepted.ballot > best.ballot)) best = accepted
  return best
}

const fresh = (
  { ring }: Cell,
  { view }: Peer,
  promises: ReadonlyArray<Promised>,
  { mutant, replicas }: Rules,
): Proposal => {
  let base = mutant === "take any promised log instead of the longest" ? (promises.at(-1)?.log ?? "") : ""
  if (mutant !== "take any promised log instead of the longest")
    for (const { log } of promises) if (log.length > base.length) base = log
  const staying = view.members.filter((member) =>
    promises.some(({ from, isLeaving }) => !isLeaving && from === member),
  )
  const others = ring.slice(0, replicas).filter((member) => !staying.includes(member))
  // Of the others nothing is known: those that promised stay a majority without them.
  const size = staying.length === 0 ? replicas : Math.min(replicas, 2 * staying.length - 1)
  const members = [...staying, ...others].slice(0, size)
  return proposalOf(members.length === 0 ? view.members : members, base)
}

const mayAccept = (one: Peer, ballot: Ballot, { mutant }: Rules): boolean =>
  ballot >= one.ballot ||
  mutant === "accept blindly" ||
  (mutant === "fast path while sealed" && isFast(ballot))

const isAcceptedAt = (one: Peer, ballot: Ballot, proposal: Proposal): boolean =>
  one.accepted !== null && one.accepted.ballot === ballot && one.accepted.proposal.code === proposal.code

const accept: JournalRule = {
  name: "accept",
  by: "peers",
  guard:
    "ACCEPT of the epoch has come to a member that has promised no higher ballot and holds the proposal's log",
  effect: "the ballot is promised and the proposal accepted, durably; ACCEPTED",
  enabled: arrival(
    "ACCEPT",
    (one, { ballot, epoch, proposal }, _, rules) =>
      isMemberOf(one, epoch) &&
      mayAccept(one, ballot, rules) &&
      !isAcceptedAt(one, ballot, proposal) &&
      (one.log.startsWith(proposal.base) || rules.mutant === "accept before holding the log"),
  ),
  happen: receiving("ACCEPT", (cell, at, one, { ballot, proposal }, rules) =>
    accepting(cell, at, one, ballot, proposal, {}, rules),
  ),
}

const accepting = (
  cell: Cell,
  at: number,
  one: Peer,
  ballot: Ballot,
  proposal: Proposal,
  more: Partial<Peer>,
  rules: Rules,
): Cell => {
  const accepted = { ballot, proposal }
  const changes = { ...more, ballot, accepted, read: null, proposing: stillProposing(one, ballot) }
  return step(cell, at, one, changes, [], rules)
}

const fetchToAccept: JournalRule = {
  name: "fetch-to-accept",
  by: "peers",
  guard:
    "ACCEPT of the epoch has come to a member that has promised no higher ballot and lacks the proposal's log",
  effect: "PULL of that log",
  enabled: arrival(
    "ACCEPT",
    (one, { ballot, epoch, proposal }, _, rules) =>
      rules.mutant !== "accept before holding the log" &&
      isMemberOf(one, epoch) &&
      mayAccept(one, ballot, rules) &&
      !isAcceptedAt(one, ballot, proposal) &&
      !one.log.startsWith(proposal.base) &&
      (one.fetch?.epoch !== epoch + 1 || (one.fetch.ballot !== null && one.fetch.ballot < ballot)),
  ),
  happen: receiving("ACCEPT", (cell, at, one, { ballot, epoch, proposal }, rules) =>
    step(cell, at, one, { fetch: { ballot, epoch: epoch + 1, proposal } }, [], rules),
  ),
}

const acceptFetched: JournalRule = {
  name: "accept-fetched",
  by: "peers",
  guard:
    "the log of a proposal to be accepted has come; the epoch is the same, and still no higher ballot is promised",
  effect: "the log is held, the ballot promised and the proposal accepted, in one write; ACCEPTED",
  enabled: arrival("PULLED", (one, { log }, _, rules) => {
    const { fetch } = one
    if (fetch === null || fetch.ballot === null || fetch.proposal.base !== log) return false
    if (!isMemberOf(one, fetch.epoch - 1)) return false
    return fetch.ballot >= one.ballot || rules.mutant === "no second check of the guard after PULL"
  }),
  happen: receiving("PULLED", (cell, at, one, { log }, rules) => {
    const { fetch } = one
    if (fetch === null || fetch.ballot === null) return cell
    // Appends may have come meanwhile.
    const held = one.log.startsWith(log) ? one.log : log
    return accepting(cell, at, one, fetch.ballot, fetch.proposal, { log: held, fetch: null }, rules)
  }),
}

const giveUp: JournalRule = {
  name: "give-up",
  by: "peers",
  guard: "a log is fetched for a proposal that may not be accepted any more: a higher ballot is promised",
  effect: "it is fetched no longer",
  enabled: where(
    ({ ballot, epoch, fetch }, _, rules) =>
      fetch !== null &&
      fetch.ballot !== null &&
      fetch.epoch === epoch + 1 &&
      fetch.ballot < ballot &&
      rules.mutant !== "no second check of the guard after PULL",
  ),
  happen: doing((cell, at, one, _, rules) => step(cell, at, one, { fetch: null }, [], rules)),
}

const pulled: JournalRule = {
  name: "send-log",
  by: "peers",
  guard: "PULL has come to somebody who holds the log",
  effect: "PULLED with that log",
  enabled: arrival(
    "PULL",
    (one, { epoch, log }, cell) => holds(one, log) && !isSent(cell.messages, { type: "PULLED", epoch, log }),
  ),
  happen: receiving("PULL", (cell, at, one, { epoch, log }, rules) =>
    step(cell, at, one, {}, [{ type: "PULLED", epoch, log }], rules),
  ),
}

const decide: JournalRule = {
  name: "decide",
  by: "peers",
  guard: "a majority of the view has accepted what the proposer proposes, at its ballot",
  effect: "the proposal is view e + 1: INSTALL to its members, and to those of the view before",
  enabled: where((one, cell) => {
    const { proposing: mine } = one
    if (mine === null || mine.proposal === null || one.role !== "member") return false
    const from = new Set<Member>()
    for (const message of someOf(
      cell,
      "ACCEPTED",
      ({ ballot, epoch }) => ballot === mine.ballot && epoch === one.epoch,
    ))
      if (one.view.members.includes(message.from)) from.add(message.from)
    return from.size >= majority(one.view.members)
  }),
  happen: doing((cell, at, one, _, rules) => {
    const { proposing: mine, epoch } = one
    if (mine === null || mine.proposal === null) return cell
    const { proposal } = mine
    const after = step(
      cell,
      at,
      one,
      { proposing: null },
      [{ type: "INSTALL", epoch: epoch + 1, proposal }],
      rules,
    )
    return deciding(after, epoch + 1, proposal)
  }),
}

const deciding = (cell: Cell, epoch: number, proposal: Proposal): Cell => {
  const { history: past } = cell
  if (past.decided.some((one) => one.epoch === epoch && one.proposal.code === proposal.code)) return cell
  const decided = [...past.decided, { epoch, proposal }].toSorted(
    (a, b) => a.epoch - b.epoch || (a.proposal.code < b.proposal.code ? -1 : 1),
  )
  return { ...cell, history: history({ ...past, decided }) }
}

const learn: JournalRule = {
  name: "learn",
  by: "peers",
  guard: "somebody who is no member and is to become one hears the leader's log",
  effect: "it holds that log, and says so",
  enabled: arrival(
    "APPEND",
    (one, { epoch }, { messages, ring }, { replicas }) =>
      one.role === "none" &&
      one.epoch < epoch &&
      ring.slice(0, replicas).includes(one.member) &&
      !isSent(messages, { type: "LEARNED", epoch, from: one.member }),
  ),
  happen: receiving("APPEND", (cell, at, one, { epoch, log }, rules) =>
    step(cell, at, one, { log }, [{ type: "LEARNED", epoch, from: one.member }], rules),
  ),
}

const fastPath: JournalRule = {
  name: "fast-path",
  by: "peers",
  guard:
    "the leader is active and not sealed; the desired members are others than the view's, and newcomers have learned the log",
  effect:
    "it accepts its whole log and those members at ballot (0, leader), durably, which seals it; ACCEPT, and no entry after",
  enabled: where((one, cell, rules) => {
    const { accepted, epoch, proposing: mine, view } = one
    const isFree =
      leads(one) || (one.role === "member" && view.members[0] === one.member && mayMoveSealed(one, rules))
    if (!isFree || !isActive(one) || (mine !== null && !isFast(mine.ballot))) return false
    const members = desiredBy(one, cell, rules)
    if (members.length === 0 || members.join() === view.members.join()) return false
    if (accepted !== null && isFast(accepted.ballot) && accepted.proposal.members.join() === members.join())
      return false
    return members.every(
      (member) =>
        view.members.includes(member) || isSent(cell.messages, { type: "LEARNED", epoch, from: member }),
    )
  }),
  happen: doing((cell, at, one, _, rules) => moving(cell, at, one, desiredBy(one, cell, rules), rules)),
}

const moving = (cell: Cell, at: number, one: Peer, members: ReadonlyArray<Member>, rules: Rules): Cell => {
  const ballot = ballotOf(0, placeOf(one.member), 0)
  const proposal = proposalOf(members, one.log)
  const changes = { proposing: { ballot, proposal }, ballot, accepted: { ballot, proposal }, read: null }
  return step(cell, at, one, changes, [], rules)
}

const handOver: JournalRule = {
  name: "hand-over",
  by: "environment",
  guard:
    "the leader is active and not sealed, and proposes nothing; the desired members are the view's; hand-overs are left",
  effect: "the fast path, with the same members in any order that begins with another",
  enabled: (cell, rules) =>
    cell.budget.handovers === 0
      ? []
      : where((one) => {
          const isMove = desiredBy(one, cell, rules).join() !== one.view.members.join()
          return leads(one) && isActive(one) && one.proposing === null && !isMove
        })(cell, rules).flatMap(({ at }) => {
          const members = cell.peers[at]?.view.members ?? []
          return orders(members).flatMap(([first], pick) => (first === members[0] ? [] : [{ at, pick }]))
        }),
  happen: doing((cell, at, one, pick, rules) => {
    const after = moving(cell, at, one, orders(one.view.members)[pick] ?? one.view.members, rules)
    return { ...after, budget: { ...cell.budget, handovers: cell.budget.handovers - 1 } }
  }),
}

const mayMoveSealed = ({ accepted, ballot }: Peer, { mutant }: Rules): boolean =>
  mutant === "two fast paths in one epoch"
    ? accepted !== null && isFast(ballot)
    : mutant === "fast path while sealed" && !isFast(ballot)

/** Members that stay, in the view's order, then newcomers. */
const desiredBy = ({ view }: Peer, { ring }: Cell, { replicas }: Rules): ReadonlyArray<Member> => {
  const desired = ring.slice(0, replicas)
  return [
    ...view.members.filter((member) => desired.includes(member)),
    ...desired.filter((member) => !view.members.includes(member)),
  ]
}

const orders = (members: ReadonlyArray<Member>): ReadonlyArray<ReadonlyArray<Member>> =>
  members.length < 2
    ? [members]
    : members.flatMap((first) =>
        orders(members.filter((member) => member !== first)).map((rest) => [first, ...rest]),
      )

export const viewChanging: ReadonlyArray<JournalRule> = [
  promise,
  choose,
  accept,
  fetchToAccept,
  acceptFetched,
  giveUp,
  pulled,
  decide,
  learn,
  fastPath,
  handOver,
]
