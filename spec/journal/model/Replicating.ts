import {
  type Cell,
  counted,
  history,
  isMemberOf,
  lacking,
  leads,
  isFirst,
  type Peer,
  someOf,
  storedLog,
  committedLog,
  withCommitted,
} from "./Cell.ts"
import { arrival, doing, type JournalRule, receiving, type Rules, where } from "./JournalRule.ts"
import { isCovered } from "./Message.ts"
import { step } from "./Step.ts"
import {
  encoded,
  entryAt,
  EXPIRY,
  isFast,
  type Log,
  majority,
  type Member,
  NONE,
  placeIn,
  sessionStart,
} from "./Words.ts"

/** The leader's part of an epoch, and its members' (journal.md, APPEND, commit, read, request). */

/** Everything that was in its log when it began to lead, or started anew, is committed. */
export const isActive = ({ commit, startLength }: Peer): boolean => commit >= startLength

/** Whether it goes on appending although it is sealed, which only mutants do. */
const mayAppend = (one: Peer, { mutant }: Rules): boolean => {
  if (leads(one)) return true
  if (!isFirst(one)) return false
  if (mutant === "a sealed leader that counts itself") return !isFast(one.ballot)
  return mutant === "append after the fast path" && isFast(one.ballot)
}

const serves = (one: Peer, rules: Rules): boolean =>
  mayAppend(one, rules) && isActive(one) && lackingBy(one, rules) === ""

/** What is to be appended again, with the same ids, before anything else. */
const lackingBy = (one: Peer, { mutant }: Rules): Log => {
  const rest = lacking(one)
  if (rest === "" || one.ran === null) return ""
  const isNext = one.ran.epoch + 1 === one.epoch
  if (!isNext && mutant !== "re-append across a skipped epoch") return ""
  return Array.from(rest, (entry) => (placeIn(one.log, entryAt(entry, 0).request) < 0 ? entry : "")).join("")
}

const isKnown = ({ commit, log }: Peer, request: number, { mutant }: Rules): boolean =>
  placeIn(
    mutant === "duplicates looked up among committed entries only" ? log.slice(0, commit) : log,
    request,
  ) >= 0

const appending = (cell: Cell, at: number, one: Peer, more: Log, rules: Rules): Cell => {
  const log = one.log + more
  // A leader says so anyway as long as it is one; the mutants that go on when sealed must say it too.
  const { boot, epoch, member, round } = one
  const said = { type: "APPEND", epoch, from: member, boot, round, log } as const
  return step(cell, at, one, { log, ran: { epoch, log } }, [said], rules)
}

const request: JournalRule = {
  name: "request",
  by: "peers",
  guard:
    "the peer leads, is active and is not sealed; nothing of its own is to be appended again; the id is not known",
  effect: "the service runs the request; request and response are appended and sent to the members",
  enabled: (cell, rules) =>
    where((one) => serves(one, rules) && one.log.length < 7)(cell, rules).flatMap(({ at }) => {
      const one = cell.peers[at]
      return Array.from({ length: rules.requests }, (_, pick) => ({ at, pick })).filter(
        ({ pick }) => one !== undefined && !isKnown(one, pick, rules),
      )
    }),
  happen: doing((cell, at, one, pick, rules) =>
    appending(
      cell,
      at,
      one,
      encoded({ request: pick, response: counted(one.log) + 1, epoch: one.epoch }),
      rules,
    ),
  ),
}

const reappend: JournalRule = {
  name: "reappend",
  by: "peers",
  guard:
    "the peer leads e + 1, led e in the same life, is active and not sealed, and its instance ran what the base lacks",
  effect: "what lacks is appended with the same ids and responses",
  enabled: where((one, _, rules) => mayAppend(one, rules) && isActive(one) && lackingBy(one, rules) !== ""),
  happen: doing((cell, at, one, _, rules) => appending(cell, at, one, lackingBy(one, rules), rules)),
}

const append: JournalRule = {
  name: "append",
  by: "peers",
  guard: "APPEND of the epoch has come from the view's first member; the receiver is a member and not sealed",
  effect:
    "entries that are not held yet are appended durably; APPENDACK with the round and the length covered",
  enabled: arrival("APPEND", (one, message, cell, rules) => {
    if (!isMemberOf(one, message.epoch) || one.member === message.from) return false
    const isAcked = isToldAlready(cell, ackOf(one.member, message))
    if (isAcked && one.log.startsWith(message.log) && !isTruncated(one.log, message.log, rules)) return false
    if (one.ballot === NONE || rules.mutant === "acknowledge while sealed") return true
    return rules.mutant === "acknowledge empty heartbeats while sealed" && one.log.startsWith(message.log)
  }),
  happen: receiving("APPEND", (cell, at, one, message, rules) => {
    const isHeld = one.log.startsWith(message.log) && !isTruncated(one.log, message.log, rules)
    const log = isHeld ? one.log : message.log
    return step(cell, at, one, { log }, [ackOf(one.member, message)], rules)
  }),
}

/**
 * Whether this acknowledgement says nothing that was not said: nobody asks for less than the longest, or for an earlier
 * round than the latest of a life; and that a member of genesis has nothing is known.
 */
const isToldAlready = ({ messages }: Cell, ack: ReturnType<typeof ackOf>): boolean =>
  (ack.length === 0 && ack.round === 0 && ack.epoch === 0 && ack.boot === 1) ||
  messages.some(({ message }) => message.type === "APPENDACK" && isCovered(ack, message))

const isTruncated = (log: Log, offered: Log, { mutant }: Rules): boolean =>
  mutant === "truncate on a mismatch" && log.length > offered.length

const ackOf = (
  from: Member,
  { boot, epoch, log, round }: { boot: number; epoch: number; log: Log; round: number },
) => ({ type: "APPENDACK", epoch, from, boot, round, length: log.length }) as const

/** The greatest length that a majority of the view has stored, as far as acknowledgements say; -1: none. */
const storedByMajority = (cell: Cell, one: Peer): number => {
  const { members } = one.view
  const lengths = members.map((member) => (member === one.member ? storedLog(one).length : -1))
  for (const { message } of cell.messages) {
    if (message.type !== "APPENDACK" || message.epoch !== one.epoch) continue
    const index = members.indexOf(message.from)
    if (index >= 0 && message.length > (lengths[index] ?? -1)) lengths[index] = message.length
  }
  return lengths.toSorted((a, b) => b - a)[majority(members) - 1] ?? -1
}

const commit: JournalRule = {
  name: "commit",
  by: "peers",
  guard:
    "the peer leads and is not sealed; a majority of the view, itself by its own disk, has stored more than it took for committed",
  effect: "that is committed; responses of requests in it leave",
  enabled: where((one, cell, rules) => mayAppend(one, rules) && storedByMajority(cell, one) > one.commit),
  happen: doing((cell, at, one, _, rules) => {
    const length = storedByMajority(cell, one)
    const after = step(cell, at, one, { commit: length }, [], rules)
    return committing(after, one, one.log.slice(0, length))
  }),
}

/** What it means to others that a leader takes a log for committed. */
export const committing = (cell: Cell, { epoch }: Peer, log: Log): Cell => {
  const past = withCommitted(cell.history, { epoch, log })
  return { ...cell, history: history({ ...past, answered: withAnswers(past.answered, log) }) }
}

const withAnswers = (answered: Log, log: Log): Log => {
  let all = answered
  for (const entry of log.slice(sessionStart(log))) {
    const { request: asked } = entryAt(entry, 0)
    if (!Array.from(all).some((one) => entryAt(one, 0).request === asked)) all += entry
  }
  return all
}

/** The response leaves as soon as the request is in the leader's log. */
const answerEarly: JournalRule = {
  name: "answer",
  by: "peers",
  guard: "an entry is in the leader's log",
  effect: "its response leaves",
  enabled: where(
    (one, { history: { answered } }, { mutant }) =>
      mutant === "answer before the commit" && leads(one) && withAnswers(answered, one.log) !== answered,
  ),
  happen: doing((cell, _, { log }) => ({
    ...cell,
    history: history({ ...cell.history, answered: withAnswers(cell.history.answered, log) }),
  })),
}

const expire: JournalRule = {
  name: "expire",
  by: "environment",
  guard:
    "the peer leads, is active and not sealed, and the session has entries, all of them committed; expiries are left",
  effect: "an entry is appended that ends the session: what was known of it by id is known no more",
  enabled: (cell, rules) =>
    cell.budget.expiries === 0
      ? []
      : where((one) => serves(one, rules) && counted(one.log) > 0 && one.commit === one.log.length)(
          cell,
          rules,
        ),
  happen: doing((cell, at, one, _, rules) => {
    const { budget } = cell
    const after = appending(cell, at, one, encoded({ request: EXPIRY, response: 0, epoch: one.epoch }), rules)
    return { ...after, budget: { ...budget, expiries: budget.expiries - 1 } }
  }),
}

const read: JournalRule = {
  name: "read",
  by: "environment",
  guard:
    "the peer leads, is active and not sealed, and nothing of its own is to be appended again; reads are left",
  effect: "a fresh round begins; the question remembers it, and the log's length",
  enabled: (cell, rules) =>
    cell.budget.reads === 0 ? [] : where((one) => serves(one, rules) && one.read === null)(cell, rules),
  happen: doing((cell, at, one, _, rules) => {
    const round = one.round + 1
    const question = { length: one.log.length, round, due: committedLog(cell.history) }
    // It goes to members that may still lack entries, so it covers no more than what they are known to have.
    const { boot, commit: length, epoch, log, member } = one
    const beat = { type: "APPEND", epoch, from: member, boot, round, log: log.slice(0, length) } as const
    const after = step(cell, at, one, { round, read: question }, [beat], rules)
    return { ...after, budget: { ...cell.budget, reads: cell.budget.reads - 1 } }
  }),
}

const isConfirmed = (cell: Cell, one: Peer, { mutant }: Rules): boolean => {
  const { boot, epoch, member, view } = one
  const asked = one.read?.round ?? 0
  if (mutant === "read without a fresh round") return true
  const agreed = new Set([member])
  for (const { from } of someOf(
    cell,
    "APPENDACK",
    (ack) =>
      ack.epoch === epoch &&
      ack.boot > 0 &&
      ack.round >= asked &&
      (ack.boot === boot || mutant === "a round without the boot number"),
  ))
    if (view.members.includes(from)) agreed.add(from)
  return agreed.size >= majority(view.members)
}

const look: JournalRule = {
  name: "look",
  by: "peers",
  guard:
    "the peer still leads and is not sealed; a majority has acknowledged the question's round or a later one of this life; all that its log had when the question came is committed",
  effect: "the question is answered from its state as it was when the question came",
  enabled: where(
    (one, cell, rules) =>
      one.read !== null &&
      mayAppend(one, rules) &&
      (one.commit >= one.read.length || rules.mutant === "a read that ignores commit") &&
      isConfirmed(cell, one, rules),
  ),
  happen: doing((cell, at, one, _, rules) => {
    if (one.read === null) return cell
    const { due, length } = one.read
    const { history: past } = cell
    const shown = { due, shown: one.log.slice(0, length), committed: committedLog(past) }
    const after = step(cell, at, one, { read: null }, [], rules)
    return { ...after, history: history({ ...past, looks: [...past.looks, shown] }) }
  }),
}

export const replicating: ReadonlyArray<JournalRule> = [
  request,
  reappend,
  append,
  commit,
  answerEarly,
  read,
  look,
  expire,
]
