import type { Contact } from "../peer/Contact.ts"
import type { Turn } from "../peer/Turn.ts"
import { acceptFetched, onAccept, onPrepare } from "./Acceptor.ts"
import { replicaAt, tell } from "./Cells.ts"
import { onPull, onPulled } from "./Fetching.ts"
import { answerView, askView, install, installFetched, retire } from "./Install.ts"
import { learned, onLearn, onLearned } from "./Learner.ts"
import { onAppendAck, onAppendNack, onSealed } from "./Leader.ts"
import { onAppend } from "./Member.ts"
import { plan } from "./Moves.ts"
import { epochKnown, type Replica } from "./Replica.ts"
import type { Fetch } from "./Replication.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { countOwn, onAccepted, onPromise, onRefuse } from "./ViewChange.ts"
import { isMember } from "./View.ts"

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

/** One message of replication; whatever it says, it is answered or heeded only in the epoch that it is about. */
export const onReplicaMessage = (turn: Turn, from: Contact, message: ReplicaMessage): void => {
  const { config, replication } = turn.state
  if (config.journal === null || replication.failed || message.cell >= config.cells) return
  const replica = replicaAt(turn, message.cell)
  if (replica?.corrupt === true) return
  switch (message.type) {
    case "Pull":
      if (replica !== null) onPull(turn, from, replica, message)
      return
    case "Pulled":
      askLater(turn, from, replica, message)
      return fetched(turn, message.cell, onPulled(turn, from, message))
    case "Learn":
      return onLearn(turn, from, message)
    case "Learned":
      onLearned(turn, from, message)
      // The others wait for their turn.
      return plan(turn, message.cell)
    case "Install":
      return onInstall(turn, from, replica, message)
    case "Retire":
      return onRetire(turn, from, replica, message)
    case "ViewQuery":
      if (replica !== null && epochKnown(replica) > message.epoch) answerView(turn, from, replica)
      return
    default:
      return inEpoch(turn, from, replica, message)
  }
}

type InEpoch = Of<
  "Append" | "AppendAck" | "AppendNack" | "Sealed" | "Prepare" | "Promise" | "Refuse" | "Accept" | "Accepted"
>

const inEpoch = (turn: Turn, from: Contact, replica: Replica | null, message: InEpoch): void => {
  const { cell, epoch } = message
  if (replica === null || epoch > epochKnown(replica)) {
    const running = turn.state.replication.fetches.get(cell)?.purpose
    if (running?.type !== "install" || running.epoch < epoch) askView(turn, from, cell, replica)
    return
  }
  if (epoch < epochKnown(replica)) {
    if (isQuestion(message)) answerView(turn, from, replica)
    return
  }
  if (replica.record.role !== "member") return
  switch (message.type) {
    case "Append":
      return onAppend(turn, from, replica, message)
    case "AppendAck":
      return onAppendAck(turn, from, message)
    case "AppendNack":
      return onAppendNack(turn, from, message)
    case "Sealed":
      return onSealed(turn, from, message)
    case "Prepare":
      return onPrepare(turn, from, replica, message)
    case "Promise":
      return onPromise(turn, from, replica, message)
    case "Refuse":
      return onRefuse(turn, replica, message)
    case "Accept":
      return onAccept(turn, from, replica, message)
    case "Accepted":
      return onAccepted(turn, from, replica, message)
  }
}

/** Whether whoever said so in an earlier epoch would go on saying it; answers that came late need none. */
const isQuestion = (message: InEpoch): boolean =>
  message.type === "Append" ||
  message.type === "Prepare" ||
  message.type === "Accept" ||
  (message.type === "AppendAck" && message.round === null)

const onInstall = (turn: Turn, from: Contact, replica: Replica | null, message: Of<"Install">): void => {
  const { cell, epoch, proposal } = message
  if (replica === null || epochKnown(replica) < epoch) return install(turn, from, cell, epoch, proposal)
  const { record } = replica
  const retires = record.role === "member" && replica.leading?.active === true && !isMember(record.view, from)
  if (retires) tell(turn, from, { type: "Retire", cell, epoch: record.epoch, view: record.view })
  else if (epoch < epochKnown(replica)) answerView(turn, from, replica)
}

const onRetire = (turn: Turn, from: Contact, replica: Replica | null, message: Of<"Retire">): void => {
  const { cell, epoch, view } = message
  if (!isMember(view, turn.state.config.self)) return retire(turn, from, cell, epoch, view)
  // A tombstone remembers who goes on with the cell, and this peer is one of them.
  if (replica === null || epochKnown(replica) < epoch) {
    for (const peer of view) if (peer.id !== from.id) askView(turn, peer, cell, replica)
  }
}

/** What is fetched for a view is gone where a later view goes on with it: that is the one to be in, or not. */
const askLater = (turn: Turn, from: Contact, replica: Replica | null, message: Of<"Pulled">): void => {
  const { cell, epoch, start } = message
  const running = turn.state.replication.fetches.get(cell)
  if (running?.purpose.type !== "install" || epoch <= running.purpose.epoch) return
  if (start > running.target.length) askView(turn, from, cell, replica)
}

/** A log is here whole: it is used for what it was fetched for. */
const fetched = (turn: Turn, cell: number, whole: Fetch | null): void => {
  if (whole === null) return
  const { purpose } = whole
  if (purpose.type === "install") return installFetched(turn, cell, whole)
  if (purpose.type === "learn") return learned(turn, cell, whole)
  if (!acceptFetched(turn, cell, whole)) return
  const { ballot, epoch, from } = purpose
  if (from.id === turn.state.config.self.id) countOwn(turn, cell, ballot)
  else tell(turn, from, { type: "Accepted", cell, epoch, ballot })
}
