import { type Contact, samePeer } from "../peer/Contact.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { isSelf, type Turn } from "../peer/Turn.ts"
import { appended, corrupted, journalOf, putReplica, tell } from "./Cells.ts"
import { chain } from "./Chain.ts"
import { withFetched } from "./Fetching.ts"
import { headAt } from "./Log.ts"
import type { Replica } from "./Replica.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"

/** What a member that does not lead does with what its leader sends (journal.md, APPEND). */

type Append = Extract<ReplicaMessage, { readonly type: "Append" }>

/**
 * Whether this peer's standby has applied all that it knows to be committed in the cell. One that is configured cold
 * applies nothing but where it is to lead by plan.
 */
export const isWarm = (state: PeerState, cell: number): boolean => {
  const sessions = state.handoff.cells[cell]
  const appliesAll = state.config.journal?.standby === "warm" || sessions?.seen.prepares === true
  return appliesAll && (sessions?.behind ?? 0) === 0
}

/** An acknowledgement as it is made: what the standby makes of the news is known at the end of the step. */
type Ack = Extract<ReplicaMessage, { readonly type: "AppendAck" }>

export const ack = (turn: Turn, to: Contact, message: Omit<Ack, "type" | "warm">): void =>
  tell(turn, to, { type: "AppendAck", ...message, warm: false })

/** Says in the acknowledgements of this step which standbys are warm; called once the sessions have followed their cells. */
export const judgeWarmth = (turn: Turn): void => {
  for (const [index, { message, to }] of turn.tells.entries()) {
    if (message.type !== "AppendAck") continue
    turn.tells[index] = { to, message: { ...message, warm: isWarm(turn.state, message.cell) } }
  }
}

/** The leader of this replica's epoch sends items, or only asks where the log ends. */
export const onAppend = (turn: Turn, from: Contact, replica: Replica, message: Append): void => {
  const { cell, epoch, items, prev, round } = message
  const { log, record } = replica
  const leader = record.view[0]
  if (leader === undefined || isSelf(turn.state, leader) || !samePeer(leader, from)) return
  if (record.ballot !== null) return tell(turn, from, { type: "Sealed", cell, epoch, ballot: record.ballot })
  if (prev.length > log.length)
    return tell(turn, from, { type: "AppendNack", cell, epoch, length: log.length })
  const known = headAt(log, prev.length)
  if (known !== undefined && known !== prev.head) {
    return corrupted(turn, cell, replica, `the logs of epoch ${epoch} differ before entry ${prev.length}`)
  }
  const end = prev.length + items.length
  // Who has held all of it since before its own log's start has nothing left to compare.
  const chained = end < log.start.length ? [] : chain(prev.head, items, journalOf(turn.state).sha256)
  const differs = chained.findIndex((item, index) => {
    const mine = headAt(log, prev.length + index + 1)
    return mine !== undefined && mine !== item.head
  })
  if (differs >= 0) {
    const reason = `entry ${prev.length + differs} is not what the leader of epoch ${epoch} has`
    return corrupted(turn, cell, replica, reason)
  }
  const longer = appended(turn, replica, chained.slice(log.length - prev.length))
  const commit = Math.max(replica.commit, Math.min(message.commit, longer.log.length))
  heard(turn, longer, commit, replica)
  ack(turn, from, { cell, epoch, round, length: end })
}

/** The leader speaks; what changes only the time of it is put down now and then. */
const heard = (turn: Turn, replica: Replica, commit: number, before: Replica): void => {
  const { turns } = turn.state
  const isNews = replica !== before || commit !== before.commit || before.unheard
  if (!isNews && turns - before.heardAt < 2) return
  putReplica(turn, replica.record.cell, { ...replica, commit, heardAt: turns, unheard: false })
}

/** Items pulled from the leader take the place of what an Append could not bring (journal.md, APPEND and PULL). */
export const onCaughtUp = (turn: Turn, replica: Replica, staged: Replica["log"]): void => {
  const { cell, view, epoch, ballot } = replica.record
  const leader = view[0]
  if (leader === undefined || ballot !== null || replica.leading !== null) return
  if (staged.length <= replica.log.length) return
  const longer = withFetched(turn, replica, staged)
  if (longer === null) {
    return corrupted(
      turn,
      cell,
      replica,
      `the logs of epoch ${epoch} differ before entry ${replica.log.length}`,
    )
  }
  putReplica(turn, cell, longer)
  ack(turn, leader, { cell, epoch, round: null, length: staged.length })
}
