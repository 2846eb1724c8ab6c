import { type Contact, samePeer } from "../peer/Contact.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { isSelf, isUsable, ownReplication, ownState, type Turn } from "../peer/Turn.ts"
import type { CellRecord, LogItem, Write } from "./Durable.ts"
import { append } from "./Log.ts"
import type { Replica } from "./Replica.ts"
import type { Fetch, Replication } from "./Replication.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"

/** The replicas of a peer, as the rules of replication read and replace them within a turn. */

export const replicaAt = (turn: Turn, cell: number): Replica | null => turn.state.replicas[cell] ?? null

export const putReplica = (turn: Turn, cell: number, replica: Replica | null): void => {
  // One copy a step, however many cells it touches.
  if (turn.touched.size === 0) ownState(turn).replicas = [...turn.state.replicas]
  if (!turn.touched.has(cell)) turn.touched.set(cell, replicaAt(turn, cell))
  ;(turn.state.replicas as Array<Replica | null>)[cell] = replica
}

export const putReplication = (turn: Turn, more: Partial<Replication>): void => {
  Object.assign(ownReplication(turn), more)
}

export const putFetch = (turn: Turn, cell: number, fetch: Fetch | null): void => {
  const fetches = new Map(turn.state.replication.fetches)
  if (fetch === null) fetches.delete(cell)
  else fetches.set(cell, fetch)
  putReplication(turn, { fetches })
}

/** Number of the `persist` command that this step will end with, should it store anything. */
export const persistNumber = (turn: Turn): number => turn.state.persists.issued + 1

export const writeOut = (turn: Turn, ...writes: ReadonlyArray<Write>): void => {
  turn.writes.push(...writes)
}

/** `replica` with its record stored, which a view of genesis is not before something happens in it. */
export const kept = (turn: Turn, replica: Replica): Replica => {
  if (replica.kept) return replica
  writeOut(turn, { type: "record", record: replica.record })
  return { ...replica, kept: true }
}

/** `replica` with another record, stored. */
export const recorded = (turn: Turn, replica: Replica, record: CellRecord): Replica => {
  writeOut(turn, { type: "record", record })
  return { ...replica, record, kept: true }
}

/** `replica` with these items behind its log, stored. */
export const appended = (turn: Turn, replica: Replica, items: ReadonlyArray<LogItem>): Replica => {
  if (items.length === 0) return replica
  const { cell } = replica.record
  const stored = kept(turn, replica)
  writeOut(turn, { type: "append", cell, from: replica.log.length, items })
  return { ...stored, log: append(replica.log, items) }
}

/** `message` to `to`, wherever it was met last; it leaves after all that was stored up to the end of this step. */
export const tell = (turn: Turn, to: Contact, message: ReplicaMessage): void => {
  if (isSelf(turn.state, to)) return
  const met = turn.state.replication.comembers.get(to.id)
  turn.tells.push({ to: met !== undefined && samePeer(met, to) ? met : to, message })
}

/**
 * How a peer keeps its journal.
 *
 * @throws Error in the mode stateless, in which nothing here is ever called
 */
export const journalOf = (state: PeerState): JournalConfig => {
  if (state.config.journal === null) throw new Error("a peer without a journal replicates nothing")
  return state.config.journal
}

/** `ms` in ticks, at least one. */
export const ticksOf = (state: PeerState, ms: number): number =>
  Math.max(1, Math.round(ms / state.config.tickMs))

/** Whether it is this cell's turn in this tick, which comes about once a second. */
export const isItsTurn = (state: PeerState, cell: number): boolean =>
  (cell + state.turns) % ticksOf(state, 1_000) === 0

/** Whether `peer` is up, as far as this peer knows, and no later incarnation of it has taken its place. */
export const isPresent = (state: PeerState, peer: Contact): boolean =>
  isSelf(state, peer)
    ? peer.incarnation === state.config.self.incarnation
    : isUsable(state, peer) &&
      !state.replication.live.some((one) => one.id === peer.id && one.incarnation > peer.incarnation)

/** What was found cannot be: this peer takes no further part in the cell, and says so. */
export const corrupted = (turn: Turn, cell: number, replica: Replica, reason: string): void => {
  putReplica(turn, cell, { ...replica, corrupt: true, leading: null, proposing: null })
  if (turn.state.replication.fetches.has(cell)) putFetch(turn, cell, null)
  turn.commands.push({ type: "trace", record: { type: "corrupt", cell, reason } })
}
