import {
  type Cell,
  history,
  type History,
  isMemberOf,
  leads,
  type Peer,
  peer,
  type Plain,
  type Stored,
  storedLog,
  withHeld,
  withSent,
} from "./Cell.ts"
import type { Rules } from "./JournalRule.ts"
import { type Acknowledgement, isCovered, type Message, type Sent, sent } from "./Message.ts"
import { type Log, NONE } from "./Words.ts"

/** One step of a peer: what it changes, what it answers, and all that it has to say by then. */
export const step = (
  cell: Cell,
  at: number,
  before: Peer,
  changes: Partial<Plain>,
  answers: ReadonlyArray<Message>,
  rules: Rules,
): Cell => {
  const after = { ...before, ...changes }
  const past = withDeeds(cell.history, before, after, answers)
  const messages = [...answers.map(sent), ...due(after)]
  if (rules.flush === "within" || (before.disk === null && isAsStored(before, after))) {
    return settled(cell, at, after, messages, withStored(past, after.member, after))
  }
  const rests = messages.filter((one) => waitsForFlush(one, rules))
  const pending = [...before.pending, { stored: storedOf(after), messages: rests }]
  const disk = before.disk ?? storedOf(before)
  return settled(
    cell,
    at,
    { ...after, pending, disk },
    messages.filter((one) => !waitsForFlush(one, rules)),
    past,
  )
}

const waitsForFlush = ({ message }: Sent, { mutant }: Rules): boolean =>
  mutant !== "send before the flush" &&
  (mutant !== "acknowledge before the flush" || message.type !== "APPENDACK")

/** The oldest writes of a peer reach its disk, and what waited for them leaves. */
export const flushed = (cell: Cell, at: number, before: Peer): Cell => {
  const [first, ...pending] = before.pending
  if (first === undefined) return cell
  const disk = pending.length === 0 ? null : first.stored
  return settled(
    cell,
    at,
    { ...before, pending, disk },
    first.messages,
    withStored(cell.history, before.member, first.stored),
  )
}

const settled = (cell: Cell, at: number, after: Plain, more: ReadonlyArray<Sent>, past: History): Cell => {
  const peers = cell.peers.with(at, peer(after))
  let messages = withSent(cell.messages, answered(more, peers))
  for (const { code, message } of more)
    if (message.type === "APPENDACK") messages = withoutCovered(messages, message, code)
  if (after.epoch !== cell.peers[at]?.epoch) messages = concerning(messages, peers)
  return { ...cell, peers, messages, history: past }
}

/**
 * Whoever holds a log may send it at once: that leaves nothing out, since nobody has to take it at once, and a log is
 * the same whoever sends it, and when.
 */
const answered = (messages: ReadonlyArray<Sent>, peers: ReadonlyArray<Peer>): ReadonlyArray<Sent> =>
  messages.some(({ message }) => message.type === "PULL")
    ? messages.map((one) => {
        const { message } = one
        return message.type === "PULL" && peers.some((other) => holds(other, message.log))
          ? sent({ ...message, type: "PULLED" })
          : one
      })
    : messages

/** What is not on its disk yet it does not send. */
export const holds = (one: Plain, wanted: Log): boolean =>
  one.up && one.role !== "none" && one.role !== "damaged" && storedLog(one).startsWith(wanted)

const withoutCovered = (
  messages: ReadonlyArray<Sent>,
  ack: Acknowledgement,
  own: string,
): ReadonlyArray<Sent> =>
  messages.some(
    ({ code, message }) => code !== own && message.type === "APPENDACK" && isCovered(message, ack),
  )
    ? messages.filter(
        ({ code, message }) => code === own || message.type !== "APPENDACK" || !isCovered(message, ack),
      )
    : messages

/** Of an epoch that all have left nothing can change anything any more. */
const concerning = (messages: ReadonlyArray<Sent>, peers: ReadonlyArray<Peer>): ReadonlyArray<Sent> => {
  const oldest = Math.min(...peers.map(({ epoch }) => epoch))
  if (oldest <= 0) return messages
  return messages.filter(({ message: { epoch } }) => epoch >= oldest)
}

/** All that a peer says as long as it is in this state, again and again until it is answered. */
export const due = (one: Plain): ReadonlyArray<Sent> => {
  const all: Array<Sent> = []
  const { accepted, epoch, fetch, log, member, proposing, view } = one
  if (leads(one)) {
    all.push(sent({ type: "APPEND", epoch, from: member, boot: one.boot, round: one.round, log }))
    if (epoch > 0 && one.commit >= one.startLength)
      all.push(sent({ type: "RETIRE", epoch, members: view.members }))
  }
  if (proposing !== null) {
    const { ballot, proposal } = proposing
    all.push(
      sent(
        proposal === null ? { type: "PREPARE", epoch, ballot } : { type: "ACCEPT", epoch, ballot, proposal },
      ),
    )
  }
  if (fetch !== null) all.push(sent({ type: "PULL", epoch: fetch.epoch, log: fetch.proposal.base }))
  if (one.role === "member" && epoch > 0) all.push(sent({ type: "INSTALL", epoch, proposal: view }))
  if (one.role === "former") all.push(sent({ type: "INSTALL", epoch: epoch + 1, proposal: view }))
  if (accepted !== null && isMemberOf(one, epoch))
    all.push(sent({ type: "ACCEPTED", epoch, from: member, ballot: accepted.ballot }))
  return all
}

export const storedOf = ({ accepted, ballot, boot, epoch, log, role, view }: Stored): Stored => ({
  accepted,
  ballot,
  boot,
  epoch,
  log,
  role,
  view,
})

const isAsStored = (a: Stored, b: Stored): boolean =>
  a.log === b.log &&
  a.ballot === b.ballot &&
  a.accepted === b.accepted &&
  a.epoch === b.epoch &&
  a.role === b.role &&
  a.boot === b.boot

const withStored = (past: History, member: number, { ballot, epoch, log, role }: Stored): History =>
  role === "member" && ballot === NONE ? withHeld(past, { epoch, member, length: log.length }) : past

/** I6 is about what happens, not about what is: so what must not happen is written down. */
const withDeeds = (past: History, before: Plain, after: Plain, answers: ReadonlyArray<Message>): History => {
  if (before.role !== "member" || before.ballot === NONE || after.epoch !== before.epoch) return past
  const grows = after.log.length > before.log.length && after.accepted === before.accepted
  const deed = answers.some(({ type }) => type === "APPENDACK")
    ? "acknowledged"
    : grows
      ? "appended"
      : undefined
  return deed === undefined
    ? past
    : history({
        ...past,
        deeds: [...past.deeds, `${before.member} ${deed} in epoch ${before.epoch}, sealed`],
      })
}
