import * as HashMap from "effect/HashMap"
import { emptyFifo, type Fifo } from "./Fifo.ts"
import type { Lane } from "./Lane.ts"
import type { Session } from "./Session.ts"

/** What a peer knows of its clients' sessions and of its service instance; volatile. */
export interface Handoff {
  /** Birth of the newest ready service instance, null while none is ready. */
  readonly birth: number | null
  /** Births before it, oldest first, on which the sessions that they have seen go on (Home.ts). */
  readonly earlier: ReadonlyArray<number>
  /** One per cell that this peer replicates or whose sessions its instance has seen, null elsewhere. */
  readonly cells: ReadonlyArray<CellSessions | null>
  /** Births that nothing new begins on, and that may still be running something: retired when nothing does. */
  readonly outdated: ReadonlyArray<number>
  /** The birth in whose place a fresh one was asked for; 0 none. */
  readonly renewing: number
  /** What instances are busy with, by `run` number. */
  readonly jobs: HashMap.HashMap<number, Job>
  readonly nextRun: number
  /** Replays among the jobs. */
  readonly replaying: number
  /** The one of them whose session has seen instances die before: only one such at a time. 0 none. */
  readonly suspect: number
  /** Sessions with a request that waits for a replay, while as many as may run do. */
  readonly wanted: Fifo<SessionName>
  /** Cells whose backlog is not empty. */
  readonly backlogged: HashMap.HashMap<number, true>
  /**
   * The backlogs of the cells that this peer leads or is near to lead, in the order in which the sessions fell behind, so
   * that each has its turn; some of them may have caught up since, or be in it twice.
   */
  readonly line: Fifo<SessionName>
  /** The same of those that lack much, in use, which the instance has not seen yet. */
  readonly unseen: Fifo<SessionName>
  /** And of those that lack much and are in less of a hurry: their clients had paused, or others are ready to lead. */
  readonly later: Fifo<SessionName>
  /** The replays of those that were unseen. */
  readonly showing: ReadonlyArray<number>
  /** The replay of one of the later ones, of one whose turn came of itself, or of a session that moves. 0 none. */
  readonly filling: number
  /** Before this no session of a backlog is quiet (Session.ts), in ms since 1970: nobody need look. */
  readonly quietAt: number
  /** How far the search for sessions that are not on the newest instance has come. */
  readonly moving: Moving
}

/** One round through all cells in search of the sessions that go on on earlier births. */
export interface Moving {
  /** It begins when the wall clock has come to this, in ms since 1970. */
  readonly from: number
  /** The next cell to look at. */
  readonly cell: number
  /** Earlier births that were found to be needed in this round. */
  readonly needed: ReadonlyArray<number>
}

export interface SessionName {
  readonly cell: number
  readonly client: string
}

/** A `run` or `replay` command that has not ended. */
export interface Job extends SessionName {
  readonly birth: number
  /** Of a replay: where its steps are in the log. */
  readonly replay: { readonly fresh: boolean; readonly indices: ReadonlyArray<number> } | null
}

/** The sessions of one cell. */
export interface CellSessions {
  /** Requests of the cell that run on an instance now, or ran and are not journaled yet. */
  readonly running: number
  /** Sessions of the cell with committed entries that their instance has not applied, though it could. */
  readonly behind: number
  readonly sessions: HashMap.HashMap<string, Session>
  /** Only those that are not empty. */
  readonly lanes: HashMap.HashMap<string, Lane>
  /** Tokens in all lanes. */
  readonly waiting: number
  /** Lanes whose read-only request waits for its round. */
  readonly confirming: number
  /** Sessions on which the instance could work in the background, and does not yet. */
  readonly backlog: HashMap.HashMap<string, true>
  /** Size of `backlog`. */
  readonly backlogged: number
  /** After how many more looks (Peer.ts, FILL_TICKS) what is in it takes its place in the line; 0: it has. */
  readonly linesUpIn: number
  readonly index: CellIndex
  readonly seen: Seen
  readonly sweep: Sweep
}

/** Whose the items of the log are; versions share one growing array, as those of a log do. */
export interface CellIndex {
  /** Index in the log of the first of them. */
  readonly start: number
  /** Names of clients; "" where the item's bytes are gone. */
  readonly owners: Array<string>
  /** Length of the log that is indexed. */
  readonly length: number
  /** Ends of sessions that are not committed: when, by index in the log. */
  readonly expiring: HashMap.HashMap<number, number>
  /** The latest `at` of any entry. */
  readonly latest: number
}

/** What was taken notice of in the cell's replica. */
export interface Seen {
  /** Epoch and role. */
  readonly view: string
  readonly rewrites: number
  readonly commit: number
  /** It may serve, and begin requests. */
  readonly active: boolean
  readonly draining: boolean
  /** This peer leads the cell, or is the one to lead it when its leader is lost or when it is warm. */
  readonly near: boolean
  /** It is that only in the last case: others are ready should the leader be lost. */
  readonly hasTime: boolean
  /** A cold standby that is to lead by plan: it keeps up like a warm one, so that no client waits because of a move. */
  readonly prepares: boolean
}

/** How far the search for idle sessions has come in the log. */
export interface Sweep {
  readonly next: number
  /** When it began at the start, in ms since 1970. */
  readonly sinceMs: number
}

export const newRound: Moving = { from: 0, cell: 0, needed: [] }

/** @param cells Q, or 0 in the mode `stateless` */
export const newHandoff = (cells: number): Handoff => ({
  birth: null,
  earlier: [],
  cells: Array.from({ length: cells }, () => null),
  outdated: [],
  renewing: 0,
  jobs: HashMap.empty(),
  nextRun: 1,
  replaying: 0,
  suspect: 0,
  wanted: emptyFifo(),
  backlogged: HashMap.empty(),
  line: emptyFifo(),
  unseen: emptyFifo(),
  later: emptyFifo(),
  showing: [],
  filling: 0,
  quietAt: 0,
  moving: newRound,
})

export const newCellSessions: CellSessions = {
  running: 0,
  behind: 0,
  sessions: HashMap.empty(),
  lanes: HashMap.empty(),
  waiting: 0,
  confirming: 0,
  backlog: HashMap.empty(),
  backlogged: 0,
  linesUpIn: 0,
  index: { start: 0, owners: [], length: 0, expiring: HashMap.empty(), latest: 0 },
  seen: {
    view: "",
    rewrites: 0,
    commit: 0,
    active: false,
    draining: false,
    near: false,
    hasTime: false,
    prepares: false,
  },
  sweep: { next: 0, sinceMs: 0 },
}
