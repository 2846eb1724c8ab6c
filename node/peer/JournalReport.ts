import { counts } from "../../core/handoff/SessionView.ts"
import { headAt } from "../../core/replication/Log.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { Ballot } from "../../core/replication/Ballot.ts"
import type { Replica } from "../../core/replication/Replica.ts"
import type { PeerOptions } from "./PeerOptions.ts"

/** What a peer says of its journal when asked; part of its report (PeerReport.ts) in the mode `replay`. */
export interface JournalReport {
  readonly durability: PeerOptions["durability"]
  readonly standby: PeerOptions["standby"]
  readonly sessionState: PeerOptions["sessionState"]
  readonly limits: JournalLimits
  /** What the journal takes where it is kept, in bytes. */
  readonly bytes: number
  /** Sessions in the cells that it replicates, and in those of them that it leads. */
  readonly sessions: number
  readonly sessionsLed: number
  /** Sessions with committed entries that its service instance has not applied, though it could: the warm standby's lag. */
  readonly behind: number
  /** Those of them that lack more than a few, in cells that it leads or is the next to lead: their clients would wait. */
  readonly unready: number
  /** Sessions that it serves no more until they are reset: how many, and the first {@link NAMED_CLIENTS} by name. */
  readonly fenced: { readonly count: number; readonly clients: ReadonlyArray<string> }
  /** Groups of writes that are on their way to the disk. */
  readonly pending: number
  /** Cells that it once replicated and remembers nothing of but that. */
  readonly tombstones: number
  /** The different views in `rows`, names of peers, each leader first. */
  readonly views: ReadonlyArray<ReadonlyArray<string>>
  /** The cells that it replicates, or did and still keeps, increasing; {@link cellsOf} reads them. */
  readonly rows: ReadonlyArray<CellRow>
  /** Cells that did not fit, after those in `rows`. */
  readonly omitted: number
}

/** Most of a session and of a request; what they mean is said at PeerOptions. */
export interface JournalLimits {
  readonly sessionEntries: number
  readonly sessionBytes: number
  readonly sessionIdleMs: number
  /** Of a request's body, and of a response's. */
  readonly bodyBytes: number
  /** Of the service's time for one request, in ms. */
  readonly answerMs: number
}

/** One cell of a journal, at one peer. */
export interface CellReport {
  readonly cell: number
  readonly epoch: number
  /** former: no member of the view that followed, but it keeps its log until it is told that nobody needs it. */
  readonly role: "member" | "former"
  /** Names of the members, the leader first. */
  readonly view: ReadonlyArray<string>
  /** Whether it takes itself for the leader of this epoch ... */
  readonly leads: boolean
  /** ... may serve, ... */
  readonly active: boolean
  /** ... and is about to hand over, so that it begins nothing new. */
  readonly draining: boolean
  /** What it found there cannot be, so it takes no part any more. */
  readonly corrupt: boolean
  /** It has promised to take part in the choice of the next view. */
  readonly sealed: boolean
  /** Entries in its log, and how many of them it knows to be committed. */
  readonly length: number
  readonly commit: number
  /** Beginnings ({@link HASH_DIGITS} digits) of the hashes of the log up to these; of what is gone, null. */
  readonly head: string
  readonly headAtCommit: string | null
  /** The ballot that it promised, `counter.proposer.boot`. */
  readonly ballot: string | null
}

/**
 * Cells next to one another that are all alike, in few bytes, since a peer may replicate thousands: the first cell, how
 * many there are, epoch, flags (`f` former, `L` leads, `A` active, `D` draining, `X` corrupt), index in `views`, length,
 * commit, head, head at commit (left out as "" where it is the head, null where it is gone), ballot.
 */
export type CellRow = readonly [
  cell: number,
  count: number,
  epoch: number,
  flags: string,
  view: number,
  length: number,
  commit: number,
  head: string,
  headAtCommit: string | null,
  ballot: string | null,
]

/** Most clients that are named as fenced. */
export const NAMED_CLIENTS = 20

/** As many digits as tell two logs apart that differ by mistake. */
export const HASH_DIGITS = 16

/** Most bytes of rows and views; an answer over the ring port has one frame for it all. */
const ROWS_BYTES = 2 ** 19

/** What the state does not know. */
export interface JournalFacts {
  readonly options: Pick<
    PeerOptions,
    "durability" | "standby" | "sessionState" | "sessionEntries" | "sessionBytes" | "sessionIdleMs"
  > & { readonly bodyLimit: number; readonly serviceAnswerMs: number }
  /** What the store takes, in bytes. */
  readonly bytes: number
}

/** The journal of a peer in this state; null in the mode `stateless`. */
export const journalReport = (state: PeerState, { options, bytes }: JournalFacts): JournalReport | null => {
  if (state.config.journal === null) return null
  const { behind, fenced, led, sessions, unready } = counts(state)
  return {
    durability: options.durability,
    standby: options.standby,
    sessionState: options.sessionState,
    limits: {
      sessionEntries: options.sessionEntries,
      sessionBytes: options.sessionBytes,
      sessionIdleMs: options.sessionIdleMs,
      bodyBytes: options.bodyLimit,
      answerMs: options.serviceAnswerMs,
    },
    bytes,
    sessions,
    sessionsLed: led,
    behind,
    unready,
    fenced: { count: fenced.length, clients: fenced.slice(0, NAMED_CLIENTS) },
    pending: state.persists.issued - state.persists.durable,
    tombstones: state.replicas.filter((replica) => replica?.record.role === "tombstone").length,
    ...rowsOf(state.replicas),
  }
}

/** The cells of a report one by one, in increasing order. */
export const cellsOf = ({ rows, views }: Pick<JournalReport, "rows" | "views">): ReadonlyArray<CellReport> =>
  rows.flatMap(([first, count, epoch, flags, view, length, commit, head, headAtCommit, ballot]) =>
    Array.from({ length: count }, (_, i): CellReport => ({
      cell: first + i,
      epoch,
      role: flags.includes("f") ? "former" : "member",
      view: views[view] ?? [],
      leads: flags.includes("L"),
      active: flags.includes("A"),
      draining: flags.includes("D"),
      corrupt: flags.includes("X"),
      sealed: ballot !== null,
      length,
      commit,
      head,
      headAtCommit: headAtCommit === "" ? head : headAtCommit,
      ballot,
    })),
  )

const rowsOf = (
  replicas: ReadonlyArray<Replica | null>,
): Pick<JournalReport, "rows" | "views" | "omitted"> => {
  const views: Array<ReadonlyArray<string>> = []
  const indexOf = new Map<string, number>()
  const rows: Array<CellRow> = []
  let last = ""
  let bytes = 0
  let omitted = 0
  for (const [cell, replica] of replicas.entries()) {
    if (replica === null || replica.record.role === "tombstone") continue
    const names = replica.record.view.map(({ name }) => name)
    const key = names.join(" ")
    const view = indexOf.get(key) ?? views.length
    const rest = restOf(replica, view)
    const text = JSON.stringify(rest)
    const [first, count] = rows.at(-1) ?? [-1, 0]
    if (text === last && first + count === cell) {
      rows[rows.length - 1] = [first, count + 1, ...rest]
      continue
    }
    bytes += text.length + MARGIN + (view === views.length ? key.length + 3 * names.length : 0)
    // What does not fit is left out from here on, so that a reader knows which cells it has.
    if (omitted > 0 || bytes > ROWS_BYTES) {
      omitted++
      continue
    }
    if (view === views.length) {
      views.push(names)
      indexOf.set(key, view)
    }
    rows.push([cell, 1, ...rest])
    last = text
  }
  return { views, rows, omitted }
}

/** Of a row's first two numbers, and what stands between rows and views. */
const MARGIN = 24

type Rest = CellRow extends readonly [number, number, ...infer R] ? R : never

const restOf = ({ commit, corrupt, leading, log, record }: Replica, view: number): Rest => {
  const flags = [
    record.role === "former" ? "f" : "",
    leading === null ? "" : "L",
    leading?.active === true ? "A" : "",
    leading?.draining === true ? "D" : "",
    corrupt ? "X" : "",
  ]
  const atCommit = commit === log.length ? "" : (headAt(log, commit)?.slice(0, HASH_DIGITS) ?? null)
  return [
    record.epoch,
    flags.join(""),
    view,
    log.length,
    commit,
    log.head.slice(0, HASH_DIGITS),
    atCommit,
    record.ballot === null ? null : writeBallot(record.ballot),
  ]
}

const writeBallot = ({ boot, counter, id }: Ballot): string => `${counter}.${id.slice(0, 8)}.${boot}`
