import { encodeEntry } from "../codec/EntryCodec.ts"
import type { Contact } from "../peer/Contact.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { isSelf, isUsable, ownReplication, ownState, type Turn } from "../peer/Turn.ts"
import { appended, isItsTurn, journalOf, persistNumber, putReplica, replicaAt, tell } from "./Cells.ts"
import { chain } from "./Chain.ts"
import type { LogItem } from "./Durable.ts"
import type { Entry } from "./Entry.ts"
import { headAt, markOf } from "./Log.ts"
import type { Leading, Progress, Replica } from "./Replica.ts"
import type { ReadMark } from "./ReadMark.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { REPEAT_TICKS, WINDOW_ITEMS } from "./Replication.ts"
import { chunkFrom } from "./Sending.ts"

/** What a leader does in its epoch: append, commit, read (journal.md, Messages). */

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

/** A replica that this peer leads. */
interface Led extends Replica {
  readonly leading: Leading
}

const isLed = (replica: Replica): replica is Led => replica.leading !== null

const ledAt = (turn: Turn, cell: number): Led | null => {
  const replica = replicaAt(turn, cell)
  return replica !== null && isLed(replica) ? replica : null
}

const putLeading = (turn: Turn, cell: number, leading: Partial<Leading>): void => {
  const replica = ledAt(turn, cell)
  if (replica !== null) putReplica(turn, cell, { ...replica, leading: { ...replica.leading, ...leading } })
}

const putProgress = (turn: Turn, cell: number, index: number, progress: Progress): void => {
  const replica = ledAt(turn, cell)
  if (replica !== null) putReplica(turn, cell, withProgress(replica, index, progress))
}

const withProgress = (replica: Led, index: number, progress: Progress): Led => ({
  ...replica,
  leading: { ...replica.leading, members: replica.leading.members.with(index, progress) },
})

/**
 * Appends entries to the cell's log, in this order. They are durable here first, then sent to the members, and are
 * committed when `commit` has passed them.
 *
 * @returns what stands in the log for each
 * @throws Error unless this peer leads the cell, is active, and is not sealed
 */
export const propose = (turn: Turn, cell: number, entries: ReadonlyArray<Entry>): ReadonlyArray<LogItem> => {
  const replica = ledAt(turn, cell)
  if (replica === null || !replica.leading.active || replica.record.ballot !== null) {
    throw new Error(`cell ${cell}: nothing is appended but by its active leader, before it is sealed`)
  }
  if (entries.length === 0) return []
  const sent = entries.map((entry) => ({ bytes: encodeEntry(entry) }))
  const items = chain(replica.log.head, sent, journalOf(turn.state).sha256)
  const longer = appended(turn, replica, items)
  const number = persistNumber(turn)
  const flushing = [
    ...replica.leading.flushing.filter((one) => one.number !== number),
    { number, length: longer.log.length },
  ]
  const now = { ...longer, leading: { ...replica.leading, flushing } }
  awaitFlush(turn, cell, number)
  const members = replica.leading.members.map((progress, index) => {
    const peer = replica.record.view[index]
    if (index === 0 || peer === undefined || !isUsable(turn.state, peer)) return progress
    // Who is behind is fed as it acknowledges, who was never heard when it is.
    const inStep = progress.acked >= 0 && progress.next === replica.log.length
    const isDue = inStep && progress.next - progress.acked < WINDOW_ITEMS
    return isDue ? (said(turn, now, index, progress.next) ?? progress) : progress
  })
  putReplica(turn, cell, { ...now, leading: { ...now.leading, members } })
  return items
}

/** The cell's leader counts its own log only when `persist` command `number` is durable. */
export const awaitFlush = (turn: Turn, cell: number, number: number): void => {
  const { flushing } = turn.state.replication
  // The numbers grow: those of this step are the last.
  for (let i = flushing.length - 1; flushing[i]?.number === number; i--) {
    if (flushing[i]?.cell === cell) return
  }
  ownReplication(turn).flushing = [...flushing, { number, cell }]
}

/** All that was persisted up to `upTo` is durable. */
export const onPersisted = (turn: Turn, upTo: number): void => {
  const { persists, replication } = turn.state
  if (upTo <= persists.durable) return
  ownState(turn).persists = { ...persists, durable: Math.min(upTo, persists.issued) }
  const done = replication.flushing.filter((one) => one.number <= upTo)
  if (done.length === 0) return
  ownReplication(turn).flushing = replication.flushing.filter((one) => one.number > upTo)
  for (const cell of new Set(done.map((one) => one.cell))) {
    const replica = ledAt(turn, cell)
    const last = replica?.leading.flushing.findLast((one) => one.number <= upTo)
    if (replica === null || last === undefined) continue
    const flushing = replica.leading.flushing.filter((one) => one.number > upTo)
    advance(turn, cell, { ...replica, leading: { ...replica.leading, flushing, stored: last.length } })
  }
}

/** Begins a read of the leader's state as it is now; {@link isRead} says when it may be answered. */
export const startRead = (turn: Turn, cell: number): ReadMark => {
  const replica = ledAt(turn, cell)
  if (replica === null) throw new Error(`cell ${cell}: only its leader begins a read`)
  const mark: ReadMark = {
    epoch: replica.record.epoch,
    round: turn.state.replication.round + 1,
    length: replica.log.length,
  }
  // Reads that arrive while a round is under way share the next one.
  if (replica.leading.reading === null) beginRound(turn, cell)
  else putLeading(turn, cell, { readAgain: true })
  return mark
}

/**
 * Whether what was read at `mark` may be shown: a majority has acknowledged a round that began later, and all that
 * the log then had is committed. Never again, once the cell is not led any more in that epoch.
 */
export const isRead = (replica: Replica, mark: ReadMark): boolean =>
  replica.leading !== null &&
  replica.leading.active &&
  replica.record.epoch === mark.epoch &&
  replica.leading.confirmed >= mark.round &&
  replica.commit >= mark.length

const beginRound = (turn: Turn, cell: number): void => {
  putLeading(turn, cell, { reading: turn.state.replication.round + 1, readAgain: false })
  const replica = ledAt(turn, cell)
  for (const [index, peer] of (replica?.record.view ?? []).entries()) {
    if (index > 0 && isUsable(turn.state, peer)) confirmRound(turn, cell, index)
  }
  if (replica?.record.view.length !== 1) return
  // Nobody is to be asked: the round is over as soon as it has its number.
  nextRound(turn)
  const alone = ledAt(turn, cell)
  if (alone !== null) advance(turn, cell, alone)
}

/** An Append without items from where the member is known to be, so that it cannot but acknowledge the round. */
const confirmRound = (turn: Turn, cell: number, index: number): void => {
  const progress = ledAt(turn, cell)?.leading.members[index]
  if (progress) sendFrom(turn, cell, index, progress.acked >= 0 ? progress.acked : progress.next, false)
}

const nextRound = (turn: Turn): number => {
  const round = turn.state.replication.round + 1
  ownReplication(turn).round = round
  return round
}

/** Sends a member the log from index `from` on: a chunk of it, or nothing but where it stands. */
const sendFrom = (turn: Turn, cell: number, index: number, from: number, full = true): void => {
  const replica = ledAt(turn, cell)
  const progress = replica === null ? undefined : said(turn, replica, index, from, full)
  if (progress !== undefined) putProgress(turn, cell, index, progress)
}

/** Does what {@link sendFrom} does but for noting it: what is to be noted of the member, if anything. */
const said = (turn: Turn, replica: Led, index: number, from: number, full = true): Progress | undefined => {
  const to = replica.record.view[index]
  const progress = replica.leading.members[index]
  if (to === undefined || progress === undefined) return undefined
  const { cell, epoch, view } = replica.record
  const head = headAt(replica.log, from)
  const sentAt = turn.state.turns
  if (head === undefined) {
    // What it lacks is expired and gone: it must begin its log anew where this one begins.
    tell(turn, to, { type: "Learn", cell, epoch, view, log: markOf(replica.log) })
    return { ...progress, sentAt }
  }
  const items = full ? chunkFrom(replica.log, from) : []
  const round = { boot: journalOf(turn.state).boot, n: nextRound(turn) }
  const { commit } = replica
  tell(turn, to, { type: "Append", cell, epoch, round, prev: { length: from, head }, items, commit })
  const next = full ? from + items.length : progress.next
  // An idle member's heartbeat is no news to its leader: nothing is replaced for it.
  if (progress.next === next && progress.told === commit && progress.acked === replica.log.length)
    return undefined
  return { ...progress, next, told: commit, sentAt }
}

/** A member has the log up to there, durably, and was not sealed in that round. */
export const onAppendAck = (turn: Turn, from: Contact, message: Of<"AppendAck">): void => {
  const { cell, length, round, warm } = message
  const replica = ledAt(turn, cell)
  const index = replica === null ? -1 : memberIndex(replica, from)
  const progress = replica?.leading.members[index]
  if (replica === null || progress === undefined) return
  const acked = Math.max(progress.acked, Math.min(length, replica.log.length))
  const isOfThisBoot = round !== null && round.boot === journalOf(turn.state).boot
  const counted =
    isOfThisBoot && replica.leading.reading !== null ? Math.max(progress.round, round.n) : progress.round
  if (acked === progress.acked && counted === progress.round && warm === progress.warm) return
  const next = Math.max(progress.next, acked)
  const sentAt = acked > progress.acked ? turn.state.turns : progress.sentAt
  const now = withProgress(replica, index, { ...progress, acked, next, round: counted, warm, sentAt })
  if (acked !== progress.acked || counted !== progress.round) advance(turn, cell, now)
  else putReplica(turn, cell, now)
  const goesOn = next < replica.log.length && next - acked < WINDOW_ITEMS
  if (goesOn && acked > progress.acked) sendFrom(turn, cell, index, next)
}

/** A member's log ends before what it was sent: it is fed from there. */
export const onAppendNack = (turn: Turn, from: Contact, message: Of<"AppendNack">): void => {
  const { cell, length } = message
  const replica = ledAt(turn, cell)
  const index = replica === null ? -1 : memberIndex(replica, from)
  const progress = replica?.leading.members[index]
  if (replica === null || progress === undefined) return
  if (length < progress.acked || length > replica.log.length) return
  // Of all that was on its way behind something lost, only the first is worth an answer.
  if (progress.refused === length && turn.state.turns - progress.sentAt < REPEAT_TICKS) return
  putProgress(turn, cell, index, { ...progress, next: length, refused: length })
  sendFrom(turn, cell, index, length)
}

/** A member is sealed: the next view is to be chosen, by this leader if nobody else is about to. */
export const onSealed = (turn: Turn, from: Contact, message: Of<"Sealed">): void => {
  const replica = ledAt(turn, message.cell)
  if (replica === null || memberIndex(replica, from) < 1) return
  const counter = Math.max(replica.counter, message.ballot.counter)
  const dueAt = replica.dueAt ?? turn.state.turns + REPEAT_TICKS
  if (counter === replica.counter && dueAt === replica.dueAt) return
  putReplica(turn, message.cell, { ...replica, counter, dueAt })
}

const memberIndex = (replica: Replica, peer: Contact): number => {
  const index = replica.record.view.findIndex(
    (one) => one.id === peer.id && one.incarnation === peer.incarnation,
  )
  return index === 0 ? -1 : index
}

/** Largest number that a majority of the view reach: the leader, and the others as far as it knows. */
const reached = (own: number, others: ReadonlyArray<Progress>, of: (member: Progress) => number): number => {
  // A view has few members: counting is quicker than sorting.
  const isReached = (number: number): boolean => {
    let count = own >= number ? 1 : 0
    for (const member of others) if (of(member) >= number) count++
    return 2 * count > 1 + others.length
  }
  let most = isReached(own) ? own : -1
  for (const member of others) {
    const number = of(member)
    if (number > most && isReached(number)) most = number
  }
  return most
}

/**
 * What a majority of the view now has: commit, active, rounds.
 *
 * @param replica what the cell has now, to be put there
 */
const advance = (turn: Turn, cell: number, replica: Led): void => {
  const { leading } = replica
  const others = leading.members.slice(1)
  const length = reached(leading.stored, others, ({ acked }) => acked)
  const confirmed = reached(turn.state.replication.round, others, ({ round }) => round)
  const active = leading.active || length >= leading.startLength
  const isDone = leading.reading !== null && confirmed >= leading.reading
  putReplica(turn, cell, {
    ...replica,
    commit: Math.max(replica.commit, length),
    leading: { ...leading, active, confirmed, reading: isDone ? null : leading.reading },
  })
  if (active && !leading.active) activated(turn, cell, replica)
  if (isDone && leading.readAgain) beginRound(turn, cell)
}

const activated = (turn: Turn, cell: number, { leading, record }: Led): void => {
  const { epoch, view } = record
  // A founder's cells are all active at once when the ring begins: no news to anybody.
  if (epoch > 0 || leading.startLength > 0) {
    turn.commands.push({ type: "trace", record: { type: "active", cell, epoch } })
  }
  for (const peer of leading.old) tell(turn, peer, { type: "Retire", cell, epoch, view })
  putLeading(turn, cell, { old: [] })
}

/**
 * Whether a member is to hear now how far the log is committed. Mostly the next entry tells it; only where none follows
 * for a tick, or where the cell may be handed over, is it worth a message of its own.
 */
const isUntold = ({ turns }: PeerState, { commit, leading }: Led, { sentAt, told }: Progress): boolean =>
  told < commit && (leading.moveSince !== null || turns - sentAt > 1)

/** Whether a member has not answered something, or has not been told how far the log is committed. */
const isOpen = ({ commit, leading: { members, reading }, log: { length } }: Led): boolean => {
  if (reading !== null) return true
  for (let index = 1; index < members.length; index++) {
    const one = members[index]
    if (one !== undefined && (one.acked < length || one.told < commit)) return true
  }
  return false
}

/** One tick: what is unanswered is said again, and the idle are spoken to about once a second. */
export const beat = (turn: Turn, cell: number): void => {
  const replica = ledAt(turn, cell)
  if (replica === null) return
  const { leading, log, record } = replica
  const { state } = turn
  const itsTurn = isItsTurn(state, cell)
  if (!itsTurn && !isOpen(replica)) return
  for (const [index, progress] of leading.members.entries()) {
    const peer = record.view[index]
    if (peer === undefined || isSelf(state, peer) || (!itsTurn && !isUsable(state, peer))) continue
    const isDue = state.turns - progress.sentAt >= REPEAT_TICKS
    if (progress.acked < 0 && (isDue || itsTurn)) {
      // Whatever it was sent behind a gap is as good as lost: what it says now counts anew.
      putProgress(turn, cell, index, { ...progress, refused: -1 })
      sendFrom(turn, cell, index, progress.next, progress.next < log.length)
    } else if (progress.acked < log.length && (isDue || itsTurn)) sendFrom(turn, cell, index, progress.acked)
    else if (leading.reading !== null && progress.round < leading.reading) confirmRound(turn, cell, index)
    else if (isUntold(state, replica, progress) || itsTurn) sendFrom(turn, cell, index, progress.next, false)
  }
}
