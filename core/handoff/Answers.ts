import type { Contact } from "../peer/Contact.ts"
import { leadershipOf } from "../peer/Leadership.ts"
import { isSelf, isUsable, type Turn } from "../peer/Turn.ts"
import type { Replica } from "../replication/Replica.ts"
import type { View } from "../replication/View.ts"
import type { Waiting } from "./Lane.ts"
import type { RefusalCode, Reply } from "./Reply.ts"
import type { Fence } from "./Session.ts"
import { replicaOf } from "./Sessions.ts"
import { shellWord } from "./ShellWord.ts"

/** What clients are told. Every token is answered here, once. */

export const respond = (turn: Turn, tokens: ReadonlyArray<number>, reply: Reply): void => {
  for (const token of tokens) turn.commands.push({ type: "respond", token, reply })
}

export const refuse = (turn: Turn, tokens: ReadonlyArray<number>, code: RefusalCode, reason: string): void =>
  respond(turn, tokens, { type: "refused", code, reason })

/** Whoever leads the cell instead, as far as this peer knows. */
export const notLeader = (turn: Turn, cell: number, tokens: ReadonlyArray<number>): void => {
  if (tokens.length === 0) return
  respond(turn, tokens, { type: "not-leader", leader: leaderElsewhere(turn, cell) })
}

const leaderElsewhere = (turn: Turn, cell: number): Contact | null => {
  const replica = replicaOf(turn, cell)
  const leader = replica === null ? leadershipOf(turn.state, cell).hint : latestView(replica)[0]
  return leader === undefined || leader === null || isSelf(turn.state, leader) ? null : leader
}

/** The last view of the cell that this peer has heard of. */
export const latestView = ({ record }: Replica): View =>
  record.role === "former" && record.next !== null ? record.next.members : record.view

/** Whether a request for the cell had better wait here: this peer may lead it soon, or will know who does. */
export const isWorthWaiting = (turn: Turn, replica: Replica | null): boolean => {
  if (replica === null || replica.record.role !== "member") return false
  const leader = replica.record.view[0]
  if (leader === undefined || isSelf(turn.state, leader)) return true
  return replica.record.ballot !== null || !isUsable(turn.state, leader)
}

/**
 * The cell cannot commit, or nobody leads it. Whether the request was executed is not known here: it may lie in the log
 * of a replica, and be committed with it.
 */
export const refuseForLackOfMajority = (turn: Turn, cell: number, tokens: ReadonlyArray<number>): void => {
  const replica = replicaOf(turn, cell)
  if (replica === null) return notLeader(turn, cell, tokens)
  const missing = latestView(replica).filter(
    (member) => !isSelf(turn.state, member) && !isUsable(turn.state, member),
  )
  const who =
    missing.length === 0
      ? "too few of its replicas answered in time"
      : `${missing.map(({ name }) => name).join(", ")} ${missing.length === 1 ? "does" : "do"} not answer`
  refuse(
    turn,
    tokens,
    "no-majority",
    `cell ${cell} has no majority in epoch ${replica.record.epoch}: ${who}; it serves again as soon as a majority does; the request may or may not have been executed`,
  )
}

export const refuseFenced = (turn: Turn, client: string, { tokens }: Waiting, fence: Fence): void =>
  refuse(turn, tokens, "diverged", whyFenced(client, fence))

/** One line for whoever asked, and for the operator. */
export const whyFenced = (client: string, { entry, difference }: Fence): string => {
  const { where, journaled, replayed, flag } = difference
  const cure = flag === null ? "" : `declare it noise with ${flag}, or `
  return (
    `the session of ${client} is fenced: when entry ${entry} was replayed, ${where} differed ` +
    `(journaled ${JSON.stringify(journaled)}, replayed ${JSON.stringify(replayed)}); ` +
    `${cure}begin it anew with ringstead session reset ${shellWord(client)}`
  )
}
