import { type Contact, samePeer } from "../peer/Contact.ts"
import { isSelf, isUsable, type Turn } from "../peer/Turn.ts"
import { appended, journalOf, kept, putFetch, replicaAt, tell, ticksOf, writeOut } from "./Cells.ts"
import { chain } from "./Chain.ts"
import type { LogMark } from "./Durable.ts"
import {
  append,
  cut,
  durableOf,
  emptyLog,
  headAt,
  itemsFrom,
  type Log,
  logOf,
  markOf,
  passes,
} from "./Log.ts"
import { epochKnown, type Replica } from "./Replica.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { atATime, type Fetch, FORGET_MS, type Purpose, REPEAT_TICKS } from "./Replication.ts"
import { chunkFrom } from "./Sending.ts"

/** Logs on their way to this peer, chunk by chunk (journal.md, PULL). */

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

/**
 * Begins to fetch the log up to `target`, or goes on with what has been fetched of the cell so far.
 *
 * @returns whether all of it is here already
 */
export const fetch = (
  turn: Turn,
  cell: number,
  purpose: Purpose,
  target: LogMark,
  sources: ReadonlyArray<Contact>,
): boolean => {
  const before = turn.state.replication.fetches.get(cell)
  const { turns } = turn.state
  const begun: Fetch = {
    purpose,
    target,
    staged: beginning(replicaAt(turn, cell), purpose, target, before?.staged),
    sources: inOrder(turn, sources),
    at: 0,
    askedAt: turns,
    wantedAt: turns,
  }
  if (!isWhole(begun) && mayWait(turn, purpose) && asking(turn) >= atATime(turn.state.config.cells)) {
    putFetch(turn, cell, { ...begun, at: -1, askedAt: turns - REPEAT_TICKS })
    return false
  }
  putFetch(turn, cell, begun)
  if (isWhole(begun)) return true
  ask(turn, cell, begun)
  return false
}

/**
 * Whether nobody waits for it: the others of a view that this peer does not lead have its log, or the view would not have
 * been decided on. Where a leader is lost whoever takes its place has dozens of logs to take on, and those who have them
 * dozens of cells to serve.
 */
const mayWait = ({ state }: Turn, purpose: Purpose): boolean => {
  if (purpose.type !== "install") return false
  const [leader] = purpose.proposal.members
  return leader !== undefined && !samePeer(leader, state.config.self)
}

/** How many of those are on their way. */
const asking = (turn: Turn): number => {
  let count = 0
  for (const { at, purpose } of turn.state.replication.fetches.values()) {
    if (at >= 0 && mayWait(turn, purpose)) count++
  }
  return count
}

/** Each once, without this peer, and whoever is taken for dead after the others. */
const inOrder = (turn: Turn, peers: ReadonlyArray<Contact>): ReadonlyArray<Contact> => {
  const others = peers.filter(
    (peer, index) => !isSelf(turn.state, peer) && peers.findIndex((one) => samePeer(one, peer)) === index,
  )
  const isUp = (peer: Contact): boolean => isUsable(turn.state, peer)
  return [...others.filter(isUp), ...others.filter((peer) => !isUp(peer))]
}

/** How much of the log is here already and sure to be part of what is wanted. */
const beginning = (
  replica: Replica | null,
  purpose: Purpose,
  target: LogMark,
  staged: Log | undefined,
): Log => {
  let own = emptyLog
  if (replica !== null && replica.record.role !== "tombstone") {
    // In one epoch logs are prefixes of one another; of an earlier one only what was committed is sure to have stayed.
    const isSure = purpose.epoch === replica.record.epoch && purpose.type !== "install"
    own = isSure ? replica.log : cut(replica.log, Math.max(replica.commit, replica.log.start.length))
  }
  const best = staged !== undefined && staged.length > own.length ? staged : own
  if (best.length <= target.length || passes(best, target)) return best
  return own.length <= target.length ? own : emptyLog
}

export const isWhole = ({ purpose, staged, target }: Fetch): boolean =>
  passes(staged, target) || (purpose.type === "install" && staged.start.length > target.length)

const ask = (turn: Turn, cell: number, { at, purpose, sources, staged }: Fetch): void => {
  const source = sources[at % Math.max(1, sources.length)]
  if (source) tell(turn, source, { type: "Pull", cell, epoch: purpose.epoch, have: markOf(staged) })
}

/** Somebody asks for this replica's log behind what it has. Whoever fetches checks what it gets. */
export const onPull = (turn: Turn, from: Contact, replica: Replica, message: Of<"Pull">): void => {
  const { log, record } = replica
  if (record.role === "tombstone") return
  const prev = passes(log, message.have) ? message.have : log.start
  const items = chunkFrom(log, prev.length)
  const start = log.start.length
  tell(turn, from, {
    type: "Pulled",
    start,
    cell: message.cell,
    epoch: record.epoch,
    prev,
    items,
    length: log.length,
  })
}

/** A chunk came. Returns the fetch if it is whole with that. */
export const onPulled = (turn: Turn, from: Contact, message: Of<"Pulled">): Fetch | null => {
  const { cell } = message
  const before = turn.state.replication.fetches.get(cell)
  if (before === undefined || isWhole(before)) return null
  if (!before.sources.some((peer) => samePeer(peer, from))) return null
  const staged = extended(turn, before, message)
  const progressed = staged !== before.staged
  const reaches = staged.length >= before.target.length
  const askedAt = turn.state.turns
  const now = progressed ? { ...before, staged, askedAt } : before
  if (isWhole(now)) {
    putFetch(turn, cell, now)
    return now
  }
  // The next tick asks the next source: this one has no more, or what it has is another history than was decided on.
  const passedOver = { ...now, askedAt: turn.state.turns - REPEAT_TICKS }
  if (reaches) putFetch(turn, cell, { ...passedOver, staged: emptyLog })
  else if (progressed) {
    putFetch(turn, cell, now)
    ask(turn, cell, now)
  } else if (message.length <= staged.length) putFetch(turn, cell, passedOver)
  return null
}

const extended = (turn: Turn, { purpose, staged, target }: Fetch, message: Of<"Pulled">): Log => {
  const { items, prev, start } = message
  // A chunk that was asked for twice, or one of somebody who has gone on beyond what is wanted.
  const isTrimmed = prev.length > target.length
  if (isTrimmed && (purpose.type !== "install" || message.epoch !== purpose.epoch)) return staged
  // The sender's log goes beyond what is here without passing through it: the end of an earlier epoch did not last.
  const parts = prev.length === start && prev.length < staged.length && message.length > staged.length
  if (!isTrimmed && !parts && prev.length + items.length <= staged.length) return staged
  const fits = headAt(staged, prev.length) === prev.head
  // Only where the sender's log begins may this one begin: a late answer to another question would leave a gap.
  if (!fits && prev.length !== start) return staged
  const wanted = isTrimmed ? items : items.slice(0, target.length - prev.length)
  const chained = chain(prev.head, wanted, journalOf(turn.state).sha256)
  return append(fits ? cut(staged, prev.length) : logOf({ start: prev, items: [] }), chained)
}

/**
 * `replica` with what was fetched of its own epoch's log behind what it has, stored; null when the two differ, which
 * cannot be.
 */
export const withFetched = (turn: Turn, replica: Replica, staged: Log): Replica | null => {
  const { log, record } = replica
  if (headAt(staged, log.length) === log.head) return appended(turn, replica, itemsFrom(staged, log.length))
  if (staged.start.length <= log.length) return null
  // All that it has is expired and gone elsewhere.
  writeOut(turn, { type: "replace", cell: record.cell, log: durableOf(staged) })
  const commit = Math.max(replica.commit, staged.start.length)
  return { ...kept(turn, replica), log: staged, commit, rewrites: replica.rewrites + 1 }
}

/** One tick: who did not answer is passed over for the next; what nobody wants any more is forgotten. */
export const repeatFetches = (turn: Turn): void => {
  const { replication, turns } = turn.state
  let left = atATime(turn.state.config.cells)
  // Whoever has waited longest comes first.
  for (const [cell, one] of [...replication.fetches].toSorted(([, a], [, b]) => a.askedAt - b.askedAt)) {
    const replica = replicaAt(turn, cell)
    const isPast = replica !== null && isOver(replica, one)
    const isForgotten = one.purpose.type === "learn" && turns - one.wantedAt > ticksOf(turn.state, FORGET_MS)
    if (isPast || isForgotten) putFetch(turn, cell, null)
    else if (!isWhole(one) && turns - one.askedAt > REPEAT_TICKS) {
      if (mayWait(turn, one.purpose) && left-- <= 0) continue
      const next = { ...one, at: one.at + 1, askedAt: turns }
      putFetch(turn, cell, next)
      ask(turn, cell, next)
    }
  }
}

const isOver = (replica: Replica, { purpose }: Fetch): boolean =>
  purpose.type === "install"
    ? epochKnown(replica) >= purpose.epoch
    : epochKnown(replica) > purpose.epoch || (purpose.type === "accept" && replica.record.role !== "member")
