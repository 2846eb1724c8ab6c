import { type Accepted, type Ballot, code, type Log, type Member, type Proposal, text } from "./Words.ts"

/**
 * What peers say to each other about the cell (journal.md, Messages). A message lies in a set, where everybody whom it
 * concerns may find it any number of times, in any order, or never.
 */
export type Message =
  | {
      readonly type: "APPEND"
      readonly epoch: number
      readonly from: Member
      /** The round: the leader's boot number, and a count. */
      readonly boot: number
      readonly round: number
      /** All that the leader has: a receiver sees the part that it lacks, and the hash of what lies before. */
      readonly log: Log
    }
  | {
      readonly type: "APPENDACK"
      readonly epoch: number
      readonly from: Member
      /** That of the APPEND which it answers; 0 and 0: the view was installed. */
      readonly boot: number
      readonly round: number
      readonly length: number
    }
  | { readonly type: "PREPARE"; readonly epoch: number; readonly ballot: Ballot }
  | {
      readonly type: "PROMISE"
      readonly epoch: number
      readonly from: Member
      readonly ballot: Ballot
      readonly accepted: Accepted | null
      readonly log: Log
      readonly isLeaving: boolean
    }
  | {
      readonly type: "ACCEPT"
      readonly epoch: number
      readonly ballot: Ballot
      readonly proposal: Proposal
    }
  | { readonly type: "ACCEPTED"; readonly epoch: number; readonly from: Member; readonly ballot: Ballot }
  | { readonly type: "INSTALL"; readonly epoch: number; readonly proposal: Proposal }
  | { readonly type: "RETIRE"; readonly epoch: number; readonly members: ReadonlyArray<Member> }
  /** Who has this log may send it. */
  | { readonly type: "PULL"; readonly epoch: number; readonly log: Log }
  | { readonly type: "PULLED"; readonly epoch: number; readonly log: Log }
  /** Who is to become a member has the log as it was a moment ago. */
  | { readonly type: "LEARNED"; readonly epoch: number; readonly from: Member }

/** Whether the second acknowledgement says all that the first does. */
export const isCovered = (one: Acknowledgement, other: Acknowledgement): boolean =>
  one.from === other.from &&
  one.epoch === other.epoch &&
  one.length <= other.length &&
  (one.boot === 0 || (one.boot === other.boot && one.round <= other.round))

export type Acknowledgement = Extract<Message, { readonly type: "APPENDACK" }>

/** A message, and what tells it from all others. */
export interface Sent {
  readonly message: Message
  readonly code: string
}

export const sent = (message: Message): Sent => ({ message, code: codeOf(message) })

const codeOf = (message: Message): string => {
  const { epoch, type } = message
  switch (type) {
    case "APPEND":
      return `A${code(epoch, message.from, message.boot, message.round)}${message.log}`
    case "APPENDACK":
      return `B${code(epoch, message.from, message.boot, message.round, message.length)}`
    case "PREPARE":
      return `C${code(epoch, message.ballot)}`
    case "PROMISE": {
      const { accepted, ballot, from, isLeaving, log } = message
      const before = accepted === null ? "" : code(accepted.ballot) + accepted.proposal.code
      return `D${code(epoch, from, ballot, isLeaving ? 1 : 0, log.length)}${log}${before}`
    }
    case "ACCEPT":
      return `E${code(epoch, message.ballot)}${message.proposal.code}`
    case "ACCEPTED":
      return `F${code(epoch, message.from, message.ballot)}`
    case "INSTALL":
      return `G${code(epoch)}${message.proposal.code}`
    case "RETIRE":
      return `H${code(epoch, ...message.members)}`
    case "PULL":
      return `I${code(epoch)}${message.log}`
    case "PULLED":
      return `J${code(epoch)}${message.log}`
    case "LEARNED":
      return `K${code(epoch, message.from)}`
  }
}

/** One line, like `APPEND of epoch 0 by 0, round 1.0: a1`. */
export const messageText = (message: Message): string => {
  const { epoch, type } = message
  const at = `${type} of epoch ${epoch}`
  switch (type) {
    case "APPEND":
      return `${at} by ${text.member(message.from)}, round ${message.boot}.${message.round}: ${text.log(message.log)}`
    case "APPENDACK":
      return `${at} by ${text.member(message.from)}, ${message.boot === 0 ? "no round" : `round ${message.boot}.${message.round}`}: length ${message.length}`
    case "PREPARE":
      return `${at} at ${text.ballot(message.ballot)}`
    case "PROMISE": {
      const before =
        message.accepted === null
          ? ""
          : `, accepted ${text.proposal(message.accepted.proposal)} at ${text.ballot(message.accepted.ballot)}`
      return `${at} by ${text.member(message.from)} at ${text.ballot(message.ballot)}: ${text.log(message.log)}${before}`
    }
    case "ACCEPT":
      return `${at} at ${text.ballot(message.ballot)}: ${text.proposal(message.proposal)}`
    case "ACCEPTED":
      return `${at} by ${text.member(message.from)} at ${text.ballot(message.ballot)}`
    case "INSTALL":
      return `${at}: ${text.proposal(message.proposal)}`
    case "RETIRE":
      return `${at}: ${message.members.map(text.member).join(" ")}`
    case "PULL":
    case "PULLED":
      return `${at}: ${text.log(message.log)}`
    case "LEARNED":
      return `${at} by ${text.member(message.from)}`
  }
}
