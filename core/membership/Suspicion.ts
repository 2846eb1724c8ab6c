import type { Contact } from "../peer/Contact.ts"
import type { RingMessage } from "../peer/Message.ts"
import { REJOIN_TICKS } from "../peer/PeerState.ts"
import type { SuspicionReason } from "../peer/Trace.ts"
import { arrived, isAwaited, isSelf, isUsable, send, type Turn, watched } from "../peer/Turn.ts"
import * as Detector from "./Detector.ts"
import { askForPlace } from "./Join.ts"
import { consider, onGone } from "./Stabilize.ts"

/** `peer` is taken for dead from now on, and whatever waits for it stops waiting. */
export const suspect = (turn: Turn, peer: Contact, reason: SuspicionReason): void => {
  if (isSelf(turn.state, peer) || !isUsable(turn.state, peer)) return
  if (reason !== "leaving" && isAwaited(turn.state, peer)) return
  turn.state = { ...turn.state, detector: Detector.suspect(turn.state.detector, peer, reason) }
  turn.commands.push({ type: "trace", record: { type: "suspected", peer: peer.name, reason } })
  if (turn.state.phase === "member") onGone(turn)
}

/**
 * `from` spoke as a member: it is alive, whatever was believed. If it lies nearer than the first successor it is
 * adopted like any peer heard of, which is also how two rings merge after a partition (ring.md, Operations).
 */
export const onHeard = (turn: Turn, from: Contact): void => {
  arrived(turn, from.id)
  if (turn.state.detector.suspected.has(from.id)) {
    turn.state = { ...turn.state, detector: Detector.clear(turn.state.detector, from) }
    turn.commands.push({ type: "trace", record: { type: "cleared", peer: from.name } })
  }
  const detector = Detector.heard(turn.state.detector, from)
  if (detector !== turn.state.detector) turn.state = { ...turn.state, detector }
  consider(turn, from)
}

/** `from` said something, if not as a member: its process runs. That takes nobody back who was taken for dead. */
export const onSignOfLife = (turn: Turn, from: Contact): void => {
  const detector = Detector.heard(turn.state.detector, from)
  if (detector !== turn.state.detector) turn.state = { ...turn.state, detector }
}

/** Only a member says such a thing: a peer that joins or leaves does not, and must not be taken back for it. */
export const speaksAsMember = (message: RingMessage): boolean =>
  message.type === "Ping" ||
  message.type === "Pong" ||
  message.type === "Notify" ||
  message.type === "StateQuery" ||
  message.type === "FingerQuery" ||
  message.type === "FingerReply" ||
  (message.type === "StateReply" && message.member)

/**
 * One heartbeat interval went by: whoever was silent for too long is suspected, the others are pinged, and one of
 * the suspected is probed.
 *
 * @param counts false when this process itself stood still: then silence proves nothing.
 */
export const heartbeat = (turn: Turn, counts: boolean): void => {
  const { detector, operation } = turn.state
  const local = counts ? detector : Detector.strained(detector)
  turn.state = { ...turn.state, detector: Detector.tick(local, watched(turn.state), counts) }
  if (operation !== null && counts) {
    const ticks = operation.ticks + 1
    turn.state = { ...turn.state, operation: { ...operation, ticks } }
    if (ticks >= longest(turn, operation.target)) {
      suspect(turn, operation.target, "silent")
      // A founder that may still be starting is not suspected; the operation is over all the same.
      if (turn.state.operation?.number === operation.number) turn.state = { ...turn.state, operation: null }
    }
  }
  for (const watch of turn.state.detector.watched.values()) {
    if (watch.silent >= longest(turn, watch.peer)) suspect(turn, watch.peer, "silent")
  }
  for (const peer of watched(turn.state)) send(turn, peer, { type: "Ping" })
  probe(turn)
}

/** Ticks of silence after which `peer` is taken for dead. */
const longest = (turn: Turn, peer: Contact): number =>
  turn.state.config.suspectTicks * Detector.patienceWith(turn.state.detector, peer)

/**
 * One peer that is taken for dead is pinged, each in its turn: the partition may be over, who left may be back. Now
 * and then one of them, and one of those that were once joined through, is asked for this peer's place, as if to
 * join: that is how rings merge of which no two neighbours have met.
 */
const probe = (turn: Turn): void => {
  const { detector, seeds, turns } = turn.state
  const dead = [...detector.suspected.values()].map((suspicion) => suspicion.peer)
  const probed = inTurn(dead, turns)
  if (probed) send(turn, probed, { type: "Ping" })
  if (turns % REJOIN_TICKS !== 0) return
  for (const peer of [inTurn(dead, turns / REJOIN_TICKS), inTurn(seeds, turns / REJOIN_TICKS)]) {
    if (peer && Detector.watchOf(detector, peer) === undefined) askForPlace(turn, peer)
  }
}

const inTurn = <A>(list: ReadonlyArray<A>, number: number): A | undefined =>
  list[number % Math.max(1, list.length)]
