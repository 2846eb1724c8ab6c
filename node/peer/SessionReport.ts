import { decodeEntry } from "../../core/codec/EntryCodec.ts"
import type { Difference, Reply } from "../../core/handoff/Reply.ts"
import { newCellSessions } from "../../core/handoff/Handoff.ts"
import { sessionOf } from "../../core/handoff/Sessions.ts"
import { type SessionView, sessionView } from "../../core/handoff/SessionView.ts"
import { indicesIn } from "../../core/handoff/Substream.ts"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import { leadershipOf } from "../../core/peer/Leadership.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import { itemAt, type Log } from "../../core/replication/Log.ts"
import { viewKnown } from "../../core/replication/Replica.ts"
import { cellOf } from "../../core/ring/Cell.ts"
import type { RingId } from "../../core/ring/RingId.ts"

/** What a peer says when it is asked for a client's session, or for its reset. */
export type SessionAnswer =
  | { readonly type: "session"; readonly session: SessionReport }
  | { readonly type: "reset" }
  /** Ask `leader`; null: this peer does not know whom. */
  | { readonly type: "not-leader"; readonly leader: Pick<Contact, "name" | "ring"> | null }
  /** One line. */
  | { readonly type: "refused"; readonly reason: string }

/** A client's session as the peer knows it that leads its cell. */
export interface SessionReport {
  readonly client: string
  readonly key: RingId
  readonly cell: number
  readonly epoch: number
  /** The peer that says this ... */
  readonly peer: string
  /** ... and whether it may serve: not while the cell is between two views. */
  readonly serves: boolean
  /** Names, the leader first. */
  readonly view: ReadonlyArray<string>
  /** Journaled requests of the client, and their bytes with the answers'. */
  readonly count: number
  readonly bytes: number
  /** How many of them are committed, and how many the leader's service instance has applied. */
  readonly committed: number
  readonly applied: number
  /** Requests that wait for the one before them, and what that is doing; null: none is under way. */
  readonly waiting: number
  readonly activity: SessionView["activity"]
  /** When it was last used, in ms since 1970; null if that is not known. */
  readonly at: number | null
  /** Why it is served no more until it is reset; null while it is served. */
  readonly fenced: Divergence | null
  /** What a replay showed last, without any harm so far. */
  readonly diverged: Divergence | null
  /** The last {@link SHOWN_ENTRIES} of them, oldest first. */
  readonly entries: ReadonlyArray<EntryReport>
}

export interface Divergence {
  /** Index in the cell's log. */
  readonly entry: number
  readonly difference: Difference
}

/** One journaled request with its answer. */
export interface EntryReport {
  /** In the cell's log. */
  readonly index: number
  readonly id: string
  /** When it was answered, in ms since 1970. */
  readonly at: number
  readonly method: string
  /** With the query, cut at {@link TARGET_CHARACTERS}. */
  readonly target: string
  readonly status: number
  readonly requestBytes: number
  readonly responseBytes: number
  readonly replay: RequestEntry["replay"]
  readonly isCommitted: boolean
}

/** As many as can be looked at, and fit in an answer. */
export const SHOWN_ENTRIES = 1_000

export const TARGET_CHARACTERS = 200

/**
 * The session of `client`, from the peer that leads its cell or is to lead it; any other says who does.
 *
 * @param genesis the cluster's.
 */
export const sessionAnswer = (state: PeerState, genesis: Genesis, client: string): SessionAnswer => {
  if (state.config.journal === null) return STATELESS
  const key = makeHasher(genesis.hash)(client)
  const cell = cellOf(key, genesis.cells)
  const leader = leaderOf(state, cell)
  const replica = state.replicas[cell] ?? null
  if (replica === null || (replica.leading === null && leader?.id !== state.config.self.id)) {
    return { type: "not-leader", leader: leader === null ? null : { name: leader.name, ring: leader.ring } }
  }
  const { commit, leading, log, record } = replica
  const session = sessionView(state, cell, client)
  const { entries } = sessionOf(state.handoff.cells[cell] ?? newCellSessions, client)
  const indices = indicesIn(entries, 0, log.length)
  return {
    type: "session",
    session: {
      client,
      key,
      cell,
      epoch: record.epoch,
      peer: state.config.self.name,
      serves: leading?.active === true,
      view: record.view.map(({ name }) => name),
      count: indices.length,
      bytes: session.bytes,
      committed: indices.filter((index) => index < commit).length,
      applied: session.applied,
      waiting: session.waiting,
      activity: session.activity,
      at: session.at === 0 ? null : session.at,
      fenced: session.fenced,
      diverged: session.diverged,
      entries: indices.slice(-SHOWN_ENTRIES).flatMap((index) => entryAt(log, index, commit)),
    },
  }
}

/** The end of a reset as the core put it. */
export const resetAnswer = (reply: Reply): SessionAnswer => {
  switch (reply.type) {
    case "response":
      return { type: "reset" }
    case "not-leader":
      return {
        type: "not-leader",
        leader: reply.leader === null ? null : { name: reply.leader.name, ring: reply.leader.ring },
      }
    case "refused":
      return { type: "refused", reason: reply.reason }
  }
}

/** What there is to say of any session in the mode `stateless`. */
export const STATELESS: SessionAnswer = {
  type: "refused",
  reason: "the cluster's mode is stateless, in which no session is journaled; see 'ringstead explain'",
}

const leaderOf = (state: PeerState, cell: number): Contact | null => {
  const replica = state.replicas[cell] ?? null
  const { hint, leads } = leadershipOf(state, cell)
  if (replica !== null) return viewKnown(replica)[0] ?? hint
  return leads ? state.config.self : hint
}

const entryAt = (log: Log, index: number, commit: number): ReadonlyArray<EntryReport> => {
  const bytes = itemAt(log, index)?.bytes ?? null
  const entry = bytes === null ? null : decodeEntry(bytes)
  if (entry === null || entry.type !== "request") return []
  const [method = "", target = ""] = firstLine(entry.request).split(" ")
  const [, status] = firstLine(entry.response).split(" ")
  return [
    {
      index,
      id: entry.id,
      at: entry.at,
      method,
      target: target.slice(0, TARGET_CHARACTERS),
      status: Number(status),
      requestBytes: entry.request.length,
      responseBytes: entry.response.length,
      replay: entry.replay,
      isCommitted: index < commit,
    },
  ]
}

/** The request line or the status line of a message. */
const firstLine = (message: Uint8Array): string => {
  const end = message.indexOf(13)
  return Buffer.from(message.buffer, message.byteOffset, end < 0 ? message.length : end).toString("latin1")
}
