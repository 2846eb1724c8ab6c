import { onClock } from "../handoff/Expiry.ts"
import { follow, followAll } from "../handoff/Follow.ts"
import { newHandoff } from "../handoff/Handoff.ts"
import { release } from "../handoff/Holding.ts"
import { onGone, onInstance, onReplayed } from "../handoff/Instances.ts"
import { onAnswered, onAsked } from "../handoff/Requests.ts"
import { fillQuiet } from "../handoff/Serving.ts"
import { lineUpLater } from "../handoff/Sessions.ts"
import { emptyDetector } from "../membership/Detector.ts"
import { askForPlace, found, onJoin, onJoinReply, seek } from "../membership/Join.ts"
import { rectify } from "../membership/Rectify.ts"
import { onStateReply, report, stabilize } from "../membership/Stabilize.ts"
import { alone } from "../membership/SuccessorList.ts"
import { heartbeat, onHeard, onSignOfLife, speaksAsMember, suspect } from "../membership/Suspicion.ts"
import type { DurableCell } from "../replication/Durable.ts"
import { putReplication, ticksOf } from "../replication/Cells.ts"
import { onPersisted } from "../replication/Leader.ts"
import { onReplicaMessage } from "../replication/Receive.ts"
import { judgeWarmth } from "../replication/Member.ts"
import { sayWarm } from "../replication/Moves.ts"
import {
  begin,
  cellsNeeding,
  meet,
  reconsider,
  replicate,
  rewatch,
  stopReplicating,
} from "../replication/Replicate.ts"
import { DRAIN_MS, emptyReplication } from "../replication/Replication.ts"
import { onAcceptancesStored } from "../replication/ViewChange.ts"
import { comembersOf, replicasAtStart } from "../replication/Start.ts"
import { fingerAt, onFingerReply, refreshFinger } from "../routing/Fingers.ts"
import { ageLookups, find, onLookup, onLookupReply } from "../routing/Lookup.ts"
import type { Command } from "./Command.ts"
import { type Contact, samePeer } from "./Contact.ts"
import type { Event } from "./Event.ts"
import type { RingMessage } from "./Message.ts"
import { GRACE_TICKS, type PeerConfig, type PeerState } from "./PeerState.ts"
import { beginTurn, endTurn, isSelf, known, send, type Turn } from "./Turn.ts"

/** What a step leads to. */
export interface Step {
  readonly state: PeerState
  /** To be carried out in this order. */
  readonly commands: ReadonlyArray<Command>
}

/**
 * The state of a peer before its `started` event.
 *
 * @param durable what its store has of each cell, as the writes of its earlier lives left it; in any order
 */
export const initial = (config: PeerConfig, durable: ReadonlyArray<DurableCell> = []): PeerState => {
  const replicas = replicasAtStart(config, durable)
  return {
    config,
    phase: "joining",
    age: 0,
    awaited: new Set(),
    successors: alone(config.self, config.successors),
    predecessor: config.self,
    operation: null,
    nextOperation: 1,
    candidate: null,
    fingers: [],
    late: false,
    turns: 0,
    detector: emptyDetector,
    seeds: config.founders.filter((founder) => founder.id !== config.self.id),
    lookups: [],
    nextToken: 1,
    replicas,
    replication: { ...emptyReplication, comembers: comembersOf(config.self, replicas) },
    handoff: newHandoff(config.journal === null ? 0 : config.cells),
    persists: { issued: 0, durable: 0 },
    nowMs: 0,
  }
}

/**
 * The whole protocol of a peer: what it knows and what happened give what it knows next and what is to be done.
 * The same input always gives the same output, and `state` is never changed.
 */
export const step = (state: PeerState, event: Event): Step => {
  const turn = beginTurn(state)
  handle(turn, event)
  reconsider(turn)
  // What handoff does may touch further cells: they are followed in this same loop.
  for (const [cell, before] of turn.touched) follow(turn, cell, before)
  for (const cell of turn.warmed) sayWarm(turn, cell)
  judgeWarmth(turn)
  rewatch(turn)
  endTurn(turn)
  return { state: turn.state, commands: turn.commands }
}

const handle = (turn: Turn, event: Event): void => {
  switch (event.type) {
    case "message":
      return onMessage(turn, event.from, event.message)
    case "tick":
      return onTick(turn, event.lateMs)
    case "suspect":
      return suspect(turn, event.peer, "reset")
    case "find":
      return find(turn, event.token, event.key, event.trace)
    case "seed":
      return onSeed(turn, event.peer)
    case "leave":
      return onLeave(turn)
    case "persisted":
      onPersisted(turn, event.upTo)
      return onAcceptancesStored(turn, event.upTo)
    case "storageFailed":
      stopReplicating(turn)
      return leaveRing(turn)
    case "clock":
      turn.state = { ...turn.state, nowMs: event.nowMs }
      return onClock(turn)
    case "instance":
      return onInstance(turn, event.birth)
    case "gone":
      return onGone(turn, event.birth)
    case "request":
      return onAsked(turn, { ...event, kind: event.readOnly ? "read" : "write" })
    case "reset":
      return onAsked(turn, { ...event, kind: "reset", id: "", request: new Uint8Array() })
    case "answered":
      return onAnswered(turn, event.run, event.outcome)
    case "replayed":
      return onReplayed(turn, event.run, event.applied, event.difference)
    case "started":
      begin(turn)
      followAll(turn)
      if (turn.state.config.founding) found(turn)
      else seek(turn)
      turn.commands.push({ type: "setTick", afterMs: turn.state.config.tickMs })
  }
}

const onMessage = (turn: Turn, from: Contact, message: RingMessage): void => {
  // Another process under this peer's own id, or what is left of an earlier life: no part of the ring.
  if (isSelf(turn.state, from)) return
  const { phase } = turn.state
  if (phase === "member" && speaksAsMember(message)) onHeard(turn, from)
  // Whoever still counts on a peer that leaves has missed that it does.
  if (phase === "leaving" && (speaksAsMember(message) || message.type === "Lookup")) {
    send(turn, from, { type: "Leaving" })
  }
  meet(turn, from)
  switch (message.type) {
    case "Ping":
      if (phase === "member") send(turn, from, { type: "Pong" })
      return
    case "Pong":
      return
    case "Join":
      return onJoin(turn, message)
    case "JoinReply":
      return onJoinReply(turn, from, message.successors)
    case "StateQuery":
      return send(turn, from, report(turn.state, message.op))
    case "StateReply":
      return onStateReply(turn, from, message)
    case "Notify":
      if (phase === "member") rectify(turn, from)
      return
    case "FingerQuery": {
      if (phase !== "member") return
      const { index } = message
      return send(turn, from, { type: "FingerReply", index, finger: fingerAt(turn, index) })
    }
    case "FingerReply":
      return onFingerReply(turn, from, message.index, message.finger)
    case "Lookup":
      return onLookup(turn, message)
    case "LookupReply": {
      const { token, owner, hops, path } = message
      return onLookupReply(turn, token, { owner, hops, path })
    }
    case "Leaving":
      return suspect(turn, from, "leaving")
    default:
      onSignOfLife(turn, from)
      return onReplicaMessage(turn, from, message)
  }
}

/** Ticks between two looks at sessions that were in use: their clients may have paused. */
const FILL_TICKS = 10

const onTick = (turn: Turn, lateMs: number): void => {
  const { config } = turn.state
  const { tickMs } = config
  // One late tick says that this process stood still. When all are late it is merely slow, and others may still die.
  const late = lateMs >= tickMs
  const { age, turns } = turn.state
  turn.state = { ...turn.state, age: Math.min(GRACE_TICKS, age + 1), turns: turns + 1 }
  if (turn.state.age === GRACE_TICKS && turn.state.awaited.size > 0) {
    turn.state = { ...turn.state, awaited: new Set() }
  }
  if (turn.state.phase === "joining") seek(turn)
  if (turn.state.phase === "member") {
    heartbeat(turn, !(late && !turn.state.late))
    stabilize(turn)
    refreshFinger(turn)
  }
  turn.state = { ...turn.state, late }
  ageLookups(turn)
  replicate(turn)
  release(turn)
  if (turns % FILL_TICKS === 0 && config.journal !== null) {
    lineUpLater(turn)
    fillQuiet(turn)
  }
  handOver(turn)
  turn.commands.push({ type: "setTick", afterMs: tickMs })
}

const onSeed = (turn: Turn, peer: Contact): void => {
  if (isSelf(turn.state, peer)) return
  // The latest word on where a peer is counts.
  turn.state = {
    ...turn.state,
    seeds: [peer, ...turn.state.seeds.filter((seed) => !samePeer(seed, peer))],
  }
  if (turn.state.phase === "joining") askForPlace(turn, peer)
}

/** A peer that keeps a journal hands its cells over first, as a member of the ring; asked once more it goes at once. */
const onLeave = (turn: Turn): void => {
  const { config, phase, replication, turns } = turn.state
  if (phase === "leaving") return
  if (config.journal === null || phase === "joining" || replication.leaveAt !== null) return leaveRing(turn)
  putReplication(turn, { leaveAt: turns, leaveNeeds: cellsNeeding(turn) })
  handOver(turn)
}

/** Nobody needs a leaving peer any more, or nobody has taken over anything for long. */
const handOver = (turn: Turn): void => {
  const { phase, replication, turns } = turn.state
  if (replication.leaveAt === null || phase !== "member") return
  const needs = cellsNeeding(turn)
  const since = needs < replication.leaveNeeds ? turns : replication.leaveAt
  if (since !== replication.leaveAt) putReplication(turn, { leaveAt: since, leaveNeeds: needs })
  if (needs === 0 || turns - since >= ticksOf(turn.state, DRAIN_MS)) leaveRing(turn)
}

/** Everybody who may count on this peer hears that it goes; it still passes lookups on until its process ends. */
const leaveRing = (turn: Turn): void => {
  const { config, phase, replication } = turn.state
  if (phase === "leaving") return
  if (phase === "member") {
    const told = new Map(known(turn.state).map((peer) => [peer.id, peer]))
    for (const peer of replication.comembers.values()) told.set(peer.id, peer)
    for (const peer of told.values()) send(turn, peer, { type: "Leaving" })
  }
  turn.state = { ...turn.state, phase: "leaving", operation: null }
  turn.commands.push({ type: "trace", record: { type: "leaving" } })
  if (config.journal !== null) turn.commands.push({ type: "left" })
}
