import type { CellSessions, Handoff } from "../handoff/Handoff.ts"
import * as Detector from "../membership/Detector.ts"
import type { SuccessorList } from "../membership/SuccessorList.ts"
import type { Write } from "../replication/Durable.ts"
import type { Replica } from "../replication/Replica.ts"
import type { ReplicaMessage } from "../replication/ReplicaMessage.ts"
import type { Replication } from "../replication/Replication.ts"
import type { Command } from "./Command.ts"
import { type Contact, isPlaceholder, samePeer } from "./Contact.ts"
import type { RingId } from "../ring/RingId.ts"
import type { RingMessage } from "./Message.ts"
import type { PeerState } from "./PeerState.ts"

/**
 * One step in the making: the state so far and the commands so far. The rules of the rooms are written as
 * functions on a turn; the state inside is replaced, never changed.
 */
export interface Turn {
  state: PeerState
  readonly commands: Array<Command>
  /** The cells whose replica was replaced in this step, each with what it was before. */
  readonly touched: Map<number, Replica | null>
  /** Parts of the state that this step made, and so may write to until it ends; null: none yet. */
  readonly own: {
    state: PeerState | null
    handoff: Handoff | null
    cells: Array<CellSessions | null> | null
    replication: Replication | null
  }
  /** Cells in which no session is behind any more since this step. */
  readonly warmed: Set<number>
  /** What is to be stored, all or none. */
  readonly writes: Array<Write>
  /** Messages that may rest on what is stored: they leave after it. */
  readonly tells: Array<{ readonly to: Contact; readonly message: ReplicaMessage }>
}

export const beginTurn = (state: PeerState): Turn => ({
  state,
  commands: [],
  touched: new Map(),
  own: { state: null, handoff: null, cells: null, replication: null },
  warmed: new Set(),
  writes: [],
  tells: [],
})

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** The step's own copy of the state, made once however often it is written to. What a field holds is replaced, not changed. */
export const ownState = (turn: Turn): Mutable<PeerState> => {
  if (turn.own.state !== turn.state || turn.own.state === null)
    turn.own.state = turn.state = { ...turn.state }
  return turn.own.state
}

/** The same of what it knows of sessions. */
export const ownHandoff = (turn: Turn): Mutable<Handoff> => {
  const { own, state } = turn
  if (own.handoff !== state.handoff || own.handoff === null) {
    own.handoff = ownState(turn).handoff = { ...state.handoff }
  }
  return own.handoff
}

/** The same of what it knows of replication. */
export const ownReplication = (turn: Turn): Mutable<Replication> => {
  const { own, state } = turn
  if (own.replication !== state.replication || own.replication === null) {
    own.replication = ownState(turn).replication = { ...state.replication }
  }
  return own.replication
}

/** The one `persist` of the step, and behind it all that rests on it, or on those before it. */
export const endTurn = (turn: Turn): void => {
  const { persists } = turn.state
  if (turn.writes.length > 0) {
    const number = persists.issued + 1
    ownState(turn).persists = { ...persists, issued: number }
    turn.commands.push({ type: "persist", number, writes: turn.writes })
  }
  const { issued, durable } = turn.state.persists
  for (const { to, message } of turn.tells) {
    turn.commands.push(
      issued > durable ? { type: "send", to, message, after: issued } : { type: "send", to, message },
    )
  }
}

export const send = (turn: Turn, to: Contact, message: RingMessage): void => {
  turn.commands.push({ type: "send", to, message })
}

/** Whether it makes sense to send to `peer`: it is one, and it is not taken for dead. */
export const isUsable = (state: PeerState, peer: Contact): boolean => Detector.isUsable(state.detector, peer)

export const isSelf = (state: PeerState, peer: Contact): boolean => peer.id === state.config.self.id

/** Whether `peer` may merely not have been started yet. */
export const isAwaited = (state: PeerState, peer: Contact): boolean => state.awaited.has(peer.id)

/** `id` is up: whatever befalls it from now on is no late start. */
export const arrived = (turn: Turn, id: RingId): void => {
  if (!turn.state.awaited.has(id)) return
  const awaited = new Set(turn.state.awaited)
  awaited.delete(id)
  turn.state = { ...turn.state, awaited }
}

/** The first entry of the successor list that is not taken for dead; may be this peer itself. */
export const firstUsable = (state: PeerState): Contact | undefined =>
  state.successors.find((entry) => isUsable(state, entry))

/** Whom a member watches by heartbeat: successors and predecessor, each once, itself and stand-ins excluded. */
export const neighbours = (state: PeerState): ReadonlyArray<Contact> => {
  const found: Array<Contact> = []
  for (const peer of [...state.successors, state.predecessor]) {
    if (isSelf(state, peer) || !isUsable(state, peer) || found.some((one) => one.id === peer.id)) continue
    found.push(peer)
  }
  return found
}

/** Whom a member pings and expects to hear: its neighbours, and whoever replicates a cell with it. */
export const watched = (state: PeerState): ReadonlyArray<Contact> => {
  const found = neighbours(state)
  const more: Array<Contact> = []
  for (const peer of state.replication.comembers.values()) {
    if (isUsable(state, peer) && !found.some((one) => one.id === peer.id)) more.push(peer)
  }
  return more.length === 0 ? found : [...found, ...more]
}

/** Whether this peer is a member and none of its neighbours may still be starting. */
export const isSettled = (state: PeerState): boolean =>
  state.phase === "member" && neighbours(state).every((peer) => !isAwaited(state, peer))

/** Every other peer that this one knows of and does not take for dead. */
export const known = (state: PeerState): ReadonlyArray<Contact> => {
  const found = [...neighbours(state)]
  for (const peer of state.fingers) {
    if (isSelf(state, peer) || !isUsable(state, peer) || found.some((one) => one.id === peer.id)) continue
    found.push(peer)
  }
  return found
}

export const setSuccessors = (turn: Turn, successors: SuccessorList): void => {
  const before = turn.state.successors
  turn.state = { ...turn.state, successors }
  if (successors.every((entry, i) => before[i] !== undefined && samePeer(entry, before[i]))) return
  const list = successors.map((entry) => (isPlaceholder(entry) ? "" : entry.name))
  turn.commands.push({ type: "trace", record: { type: "successors", list } })
}

export const setPredecessor = (turn: Turn, predecessor: Contact, tookOver: Contact | null): void => {
  const before = turn.state.predecessor
  turn.state = { ...turn.state, predecessor }
  if (samePeer(before, predecessor)) return
  turn.commands.push({
    type: "trace",
    record: {
      type: "predecessor",
      from: predecessor.id,
      name: predecessor.name,
      tookOver: tookOver === null || isSelf(turn.state, tookOver) ? null : tookOver.name,
    },
  })
}
