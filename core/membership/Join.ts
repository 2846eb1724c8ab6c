import { type Contact, samePeer } from "../peer/Contact.ts"
import type { RingMessage } from "../peer/Message.ts"
import { REFOUND_TICKS, RETRY_TICKS } from "../peer/PeerState.ts"
import { arrived, isUsable, send, setPredecessor, setSuccessors, type Turn } from "../peer/Turn.ts"
import { between } from "../ring/Arc.ts"
import { closestPreceding } from "../routing/NextHop.ts"
import { rankFingers } from "../routing/RankFingers.ts"
import { emptyDetector } from "./Detector.ts"
import { consider, stabilize } from "./Stabilize.ts"
import { ideal, idealPredecessor } from "./SuccessorList.ts"

type JoinMessage = Extract<RingMessage, { type: "Join" }>

/** Finger hops a join may take before it walks successors; no ring is so large that it needs more. */
const JOIN_BUDGET = 64

/** While joining: now and then ask the next seeds; a founder whom nobody answers founds the ring anew. */
export const seek = (turn: Turn): void => {
  const { config, seeds, age, turns } = turn.state
  const isFounder = config.founders.some((founder) => samePeer(founder, config.self))
  if (isFounder && (seeds.length === 0 || age >= REFOUND_TICKS)) {
    found(turn)
    return
  }
  if (turns % RETRY_TICKS !== 0) return
  const attempt = turns / RETRY_TICKS
  for (const i of [0, 1].slice(0, seeds.length)) {
    const seed = seeds[(2 * attempt + i) % seeds.length]
    if (seed) askForPlace(turn, seed)
  }
}

/** Asks `peer` for the member that precedes this one in its ring; the answer is a JoinReply, or none. */
export const askForPlace = (turn: Turn, peer: Contact): void => {
  send(turn, peer, { type: "Join", joiner: turn.state.config.self, hops: 1, budget: JOIN_BUDGET })
}

/** The ring begins ideal: every founder derives the same lists from the genesis file. */
export const found = (turn: Turn): void => {
  const { config } = turn.state
  const { founders, self } = config
  turn.state = {
    ...turn.state,
    phase: "member",
    age: 0,
    // The others may take their time to come up, at the very first start as after a loss of all.
    awaited: new Set(founders.map((founder) => founder.id).filter((id) => id !== self.id)),
    detector: emptyDetector,
    fingers: rankFingers(
      founders,
      founders.findIndex((one) => one.id === self.id),
    ),
  }
  setSuccessors(turn, ideal(founders, self.id, config.successors))
  setPredecessor(turn, idealPredecessor(founders, self), null)
  turn.commands.push({ type: "trace", record: { type: "joined", after: null } })
}

/**
 * join(j via m), first half, at a member m: grants its successor list to the newcomer when the guard
 * between(m, j, succ[m][0]) holds, else passes the request on towards the member that precedes j.
 */
export const onJoin = (turn: Turn, message: JoinMessage): void => {
  const { config, phase, successors, fingers } = turn.state
  const { joiner } = message
  if (phase !== "member" || joiner.id === config.self.id) return
  arrived(turn, joiner.id)
  if (between(config.self.id, joiner.id, successors[0].id)) {
    send(turn, joiner, { type: "JoinReply", successors })
    return
  }
  // The newcomer's old self is still in the list: it goes when the next query finds no member there.
  if (joiner.id === successors[0].id) return
  const usable = (peer: Contact): boolean => peer.id !== joiner.id && isUsable(turn.state, peer)
  // Out of budget the tables are not to be trusted; successors alone lead there too, only slower.
  const to =
    message.budget > 0
      ? closestPreceding(config.self, [...successors, ...fingers], joiner.id, usable)
      : (successors.find((entry) => usable(entry) && between(config.self.id, entry.id, joiner.id)) ??
        config.self)
  if (to.id === config.self.id) return
  send(turn, to, { ...message, hops: message.hops + 1, budget: Math.max(0, message.budget - 1) })
}

/**
 * join(j via m), second half, at j: m's list becomes its own, m its predecessor. For one that is a member already
 * the answer means that m's ring has no place for it yet: each adopts the other's peers as it does any it hears of.
 */
export const onJoinReply = (turn: Turn, from: Contact, successors: ReadonlyArray<Contact>): void => {
  const { config, phase } = turn.state
  const [first, ...rest] = successors
  if (first === undefined || successors.length !== config.successors) return
  if (phase === "member") {
    send(turn, from, { type: "Ping" })
    for (const peer of successors) if (isUsable(turn.state, peer)) consider(turn, peer)
  }
  // The guard held where the answer was given; one from an earlier life, or gone astray, is not let through.
  if (phase !== "joining" || !between(from.id, config.self.id, first.id)) return
  // Whoever did not answer while this peer sought its place may be up by now.
  turn.state = { ...turn.state, phase: "member", fingers: [], detector: emptyDetector }
  setSuccessors(turn, [first, ...rest])
  setPredecessor(turn, from, null)
  turn.commands.push({ type: "trace", record: { type: "joined", after: from.name } })
  stabilize(turn)
}
