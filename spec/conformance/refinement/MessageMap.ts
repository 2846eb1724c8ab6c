import type { Contact } from "../../../core/peer/Contact.ts"
import type { Ballot } from "../../../core/replication/Ballot.ts"
import type { Accepted, Proposal } from "../../../core/replication/Durable.ts"
import type { ReplicaMessage } from "../../../core/replication/ReplicaMessage.ts"
import type { Message } from "../../journal/model/Message.ts"
import * as Words from "../../journal/model/Words.ts"
import { PEERS } from "../explored/CoreNode.ts"
import { textAt, textUpTo } from "./LogText.ts"

/** The words of core in those of the journal's model. */

export const memberOf = ({ id, incarnation }: Contact): Words.Member =>
  PEERS.findIndex((one) => one.id === id) + 8 * (incarnation - 1)

/** The boot number of the fast path's ballot says nothing, since only the leader uses it, and only once. */
export const ballotOf = (ballot: Ballot | null): Words.Ballot => {
  if (ballot === null) return Words.NONE
  const { boot, counter, id } = ballot
  const place = PEERS.findIndex((one) => one.id === id)
  return Words.ballotOf(counter, place, counter === 0 ? 0 : boot)
}

/** The members of the epoch before are left out: they are only where a log may be had. */
export const proposalOf = ({ base, members }: Proposal): Words.Proposal =>
  Words.proposal(members.map(memberOf), textAt(base.head))

export const acceptedOf = (accepted: Accepted | null): Words.Accepted | null =>
  accepted === null ? null : { ballot: ballotOf(accepted.ballot), proposal: proposalOf(accepted.proposal) }

/** What the model has of a message; undefined for those that it does without. */
export const messageOf = (sender: Words.Member, said: ReplicaMessage): Message | undefined => {
  const { epoch } = said
  switch (said.type) {
    case "Append":
      return { type: "APPEND", epoch, from: sender, boot: said.round.boot, round: 0, log: textUpTo(said) }
    case "AppendAck":
      return acknowledgement(epoch, sender, said.length, said.round?.boot)
    case "Prepare":
      return { type: "PREPARE", epoch, ballot: ballotOf(said.ballot) }
    case "Promise":
      return promise(epoch, sender, said.ballot, said)
    case "Accept":
      return { type: "ACCEPT", epoch, ballot: ballotOf(said.ballot), proposal: proposalOf(said.proposal) }
    case "Accepted":
      return { type: "ACCEPTED", epoch, from: sender, ballot: ballotOf(said.ballot) }
    case "Install":
      return { type: "INSTALL", epoch, proposal: proposalOf(said.proposal) }
    case "Retire":
      return { type: "RETIRE", epoch, members: said.view.map(memberOf) }
    // What is pulled is told from who wants it, and who has it; the others only save time.
    case "AppendNack":
    case "Sealed":
    case "Refuse":
    case "Pull":
    case "Pulled":
    case "Learn":
    case "Learned":
    case "ViewQuery":
      return undefined
  }
}

/** @param boot of the round that is acknowledged; 0 if none is */
export const acknowledgement = (epoch: number, from: Words.Member, length: number, boot = 0): Message => ({
  type: "APPENDACK",
  epoch,
  from,
  boot,
  round: 0,
  length,
})

/** A promise at a ballot that was accepted by then answers a question that came twice: nobody heeds it. */
export const promise = (
  epoch: number,
  from: Words.Member,
  at: Ballot,
  {
    accepted,
    leaving,
    log,
  }: Pick<Extract<ReplicaMessage, { readonly type: "Promise" }>, "accepted" | "leaving" | "log">,
): Message | undefined => {
  const ballot = ballotOf(at)
  const before = acceptedOf(accepted)
  return before?.ballot === ballot
    ? undefined
    : { type: "PROMISE", epoch, from, ballot, accepted: before, log: textAt(log.head), isLeaving: leaving }
}
