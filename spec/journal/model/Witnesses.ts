import type { Witness } from "../../explorer/System.ts"
import { type Cell, leads } from "./Cell.ts"
import { counterOf, isFast, NONE, sessionStart } from "./Words.ts"

/** What an exploration must come across, or it has not looked where it matters: which of them depends on its scope. */
export const witnesses = {
  "an answer": ({ history: { answered } }) => answered.length > 0,
  "a decided fast path": ({ history: { decided }, peers }) =>
    decided.some(
      ({ epoch, proposal }) =>
        epoch > 0 &&
        peers.some(
          ({ accepted }) => accepted !== null && isFast(accepted.ballot) && accepted.proposal === proposal,
        ),
    ),
  "a takeover": ({ peers }) =>
    peers.some((one) => leads(one) && one.epoch > 0 && one.commit >= one.startLength && one.member !== 0),
  "a duel of proposers": ({ peers }) => peers.filter(({ proposing }) => proposing !== null).length > 1,
  "a proposal adopted from an earlier ballot": ({ messages, peers }) =>
    peers.some(
      ({ proposing }) =>
        proposing !== null &&
        proposing.proposal !== null &&
        messages.some(
          ({ message }) =>
            message.type === "ACCEPT" &&
            message.ballot < proposing.ballot &&
            message.proposal.code === proposing.proposal?.code,
        ),
    ),
  "a member that pulls what it is to accept": ({ peers }) =>
    peers.some(({ fetch }) => fetch !== null && fetch.ballot !== null),
  "a member that pulls what it is to install": ({ peers }) =>
    peers.some(({ fetch }) => fetch !== null && fetch.ballot === null),
  "a higher promise while a log is pulled": ({ peers }) =>
    peers.some(({ ballot, fetch }) => fetch !== null && fetch.ballot !== null && fetch.ballot < ballot),
  "a leader that does not know that it is one no more": ({ history: { decided }, peers }) =>
    peers.some((one) => leads(one) && decided.some(({ epoch }) => epoch > one.epoch)),
  "a re-append from epoch to epoch": ({ messages }) =>
    messages.some(
      ({ message }) => message.type === "APPEND" && hasOlder(message.log, message.epoch, messages),
    ),
  "a divergent log": ({ peers }) =>
    peers.some((one) =>
      peers.some(
        (other) =>
          one.role !== "none" &&
          other.role === "member" &&
          one.epoch < other.epoch &&
          !other.log.startsWith(one.log) &&
          !one.log.startsWith(other.log),
      ),
    ),
  "a read that was answered": ({ history: { looks } }) => looks.length > 0,
  "a read that waits for a commit": ({ peers }) =>
    peers.some(({ commit, read }) => read !== null && read.length > commit),
  "a leader behind its barrier": ({ peers }) =>
    peers.some((one) => leads(one) && one.commit < one.startLength),
  "an expired session": ({ history: { committed } }) => committed.some(({ log }) => sessionStart(log) > 0),
  "a request after an expiry": ({ history: { committed } }) =>
    committed.some(({ log }) => sessionStart(log) > 0 && sessionStart(log) < log.length),
  "a newcomer that learned": ({ messages }) => messages.some(({ message }) => message.type === "LEARNED"),
  "a member of a later view that was in none before": ({ peers }) =>
    peers.some(
      ({ boot, epoch, member, role }) =>
        role === "member" && epoch > 0 && (member >= 8 || (member > 2 && boot > 0)),
    ),
  "a former member that retired": ({ peers }) =>
    peers.some(({ epoch, role }) => role === "none" && epoch > 0),
  "a peer with a damaged log": ({ peers }) => peers.some(({ role }) => role === "damaged"),
  "a second change of view": ({ history: { decided } }) => decided.some(({ epoch }) => epoch > 1),
  "a sealed member that starts anew": ({ peers }) =>
    peers.some(({ ballot, boot, up }) => up && boot > 1 && ballot !== NONE && counterOf(ballot) > 0),
  "writes of two steps under way": ({ peers }) => peers.some(({ pending }) => pending.length > 1),
} satisfies Readonly<Record<string, (cell: Cell) => boolean>>

export type JournalWitness = keyof typeof witnesses

export const witnessNamed = (name: JournalWitness): Witness<Cell> => ({ name, seen: witnesses[name] })

/** Whether the log ends with an entry of an earlier epoch that its base lacks. */
const hasOlder = (log: string, epoch: number, messages: Cell["messages"]): boolean =>
  messages.some(
    ({ message }) =>
      message.type === "INSTALL" &&
      message.epoch === epoch &&
      log.length > message.proposal.base.length &&
      isOlder(log.charCodeAt(message.proposal.base.length), epoch),
  )

const isOlder = (word: number, epoch: number): boolean => (word & 7) < epoch
