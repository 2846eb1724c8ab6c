import { type Contact, samePeer } from "../peer/Contact.ts"
import type { PeerState } from "../peer/PeerState.ts"
import type { Turn } from "../peer/Turn.ts"
import { putFetch, putReplica, replicaAt, tell } from "./Cells.ts"
import { fetch, isWhole } from "./Fetching.ts"
import { answerView, askView } from "./Install.ts"
import { onCaughtUp } from "./Member.ts"
import { epochKnown } from "./Replica.ts"
import { atATime, type Fetch, REPEAT_TICKS } from "./Replication.ts"
import type { ReplicaMessage } from "./ReplicaMessage.ts"
import { isMember } from "./View.ts"

/** A peer that is to become a member fetches the log first, so that the cell never waits for it (journal.md, Liveness). */

type Of<T extends ReplicaMessage["type"]> = Extract<ReplicaMessage, { readonly type: T }>

export const onLearn = (turn: Turn, from: Contact, message: Of<"Learn">): void => {
  const { cell, epoch, log, view } = message
  const { leaveAt, fetches } = turn.state.replication
  const replica = replicaAt(turn, cell)
  if (leaveAt !== null || turn.state.phase === "leaving") return
  if (replica !== null && epochKnown(replica) > epoch) return answerView(turn, from, replica)
  if (!isMember(view, from)) return
  const running = fetches.get(cell)
  if (running !== undefined && running.purpose.type !== "learn") return
  if (running === undefined && learning(turn.state) >= atATime(turn.state.config.cells)) return
  const isSame =
    running?.purpose.type === "learn" &&
    running.purpose.epoch === epoch &&
    samePeer(running.purpose.from, from) &&
    running.target.length >= log.length
  if (running !== undefined && isSame) {
    putFetch(turn, cell, { ...running, wantedAt: turn.state.turns })
    if (isWhole(running)) learned(turn, cell, running)
    return
  }
  if (fetch(turn, cell, { type: "learn", epoch, view, from }, log, [from])) {
    const whole = turn.state.replication.fetches.get(cell)
    if (whole) learned(turn, cell, whole)
  }
}

/**
 * How many logs are on their way to this peer as a learner, or here and about to be installed. One that its leader offers
 * no more, as it does at each tick while it wants it learned, does not count for long.
 */
const learning = ({ replication, turns }: PeerState): number => {
  let count = 0
  for (const { purpose, wantedAt } of replication.fetches.values()) {
    if (purpose.type === "learn" && turns - wantedAt <= 2 * REPEAT_TICKS) count++
  }
  return count
}

/** The log is here: a member whose leader could not feed it takes it on, a newcomer keeps it until it is installed. */
export const learned = (turn: Turn, cell: number, { purpose, staged, target }: Fetch): void => {
  if (purpose.type !== "learn") return
  const { epoch, from } = purpose
  const replica = replicaAt(turn, cell)
  if (replica?.record.role === "member" && replica.record.epoch === epoch) {
    putFetch(turn, cell, null)
    return onCaughtUp(turn, replica, staged)
  }
  // A member that never heard that it is one, while its leader's log has lost its beginning to expiry.
  if (isMember(purpose.view, turn.state.config.self)) return askView(turn, from, cell, replica)
  tell(turn, from, { type: "Learned", cell, epoch, log: target })
}

/** A newcomer has the log up to there. */
export const onLearned = (turn: Turn, from: Contact, message: Of<"Learned">): void => {
  const { cell, epoch, log } = message
  const replica = replicaAt(turn, cell)
  if (!replica?.leading || replica.record.epoch !== epoch) return
  const learnedSoFar = new Map(replica.leading.learned).set(keyOf(from), log)
  putReplica(turn, cell, { ...replica, leading: { ...replica.leading, learned: learnedSoFar } })
}

/** A peer's incarnation as a key of {@link Leading.learned}. */
export const keyOf = (peer: Contact): string => `${peer.id}/${peer.incarnation}`
