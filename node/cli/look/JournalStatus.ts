import { type Genesis, modeOf } from "../../../core/peer/Genesis.ts"
import type { JournalLimits, JournalReport } from "../../peer/JournalReport.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import {
  type CellCopies,
  CellRemarks,
  copiesIn,
  copiesWanted,
  type Copy,
  isJournaling,
  type JournalingReport,
} from "./CellCopies.ts"
import { table } from "./Table.ts"

/** How the journals of a ring stand. Entries and bytes are counted where they are led, and not once more for each copy. */
export interface JournalStatus {
  /** `mixed`: not the same at all peers, which it should be. */
  readonly durability: JournalReport["durability"] | "mixed"
  readonly standby: JournalReport["standby"] | "mixed"
  readonly limits: JournalLimits
  /** The highest of any cell's epochs, and how many views there were in all after the first ones. */
  readonly epoch: number
  readonly viewChanges: number
  /** Committed entries. */
  readonly commit: number
  /** Entries that members have not got and their cells' leaders have. */
  readonly lag: number
  readonly sessions: number
  /** Sessions that standbys have not caught up with. */
  readonly behind: number
  /** Those of them that lack more than a few, where the standby leads or is the next to lead: their clients would wait. */
  readonly unready: number
  /** What all copies together take, in bytes. */
  readonly bytes: number
  readonly fenced: { readonly count: number; readonly clients: ReadonlyArray<string> }
  /** How many cells nobody serves, and how many have fewer copies than they should. */
  readonly leaderless: number
  readonly thin: number
  /** In the order of the ring. */
  readonly peers: ReadonlyArray<PeerJournal>
  readonly cells: ReadonlyArray<CellStatus>
  /** What is amiss, one line each. */
  readonly reasons: ReadonlyArray<string>
}

/** One peer's part in it. */
export interface PeerJournal {
  readonly name: string
  /** Cells that it leads and serves, and those of which it is another member. */
  readonly leads: number
  readonly follows: number
  /** In the cells that it leads. */
  readonly sessions: number
  readonly behind: number
  readonly unready: number
  readonly lag: number
  readonly bytes: number
  /** Groups of writes on their way to the disk. */
  readonly pending: number
  readonly fenced: number
}

/** One cell. */
export interface CellStatus {
  readonly cell: number
  readonly epoch: number
  /** Names, the leader first. */
  readonly view: ReadonlyArray<string>
  /** Whether its leader serves. */
  readonly serves: boolean
  /** Names of the members that have a copy. */
  readonly copies: ReadonlyArray<string>
  /** Entries in the leader's log, and how many of them are committed; 0 without a leader. */
  readonly length: number
  readonly commit: number
}

/** How the journals stand of which `reports` tell; null when none does. */
export const journalStatusOf = (
  genesis: Genesis,
  reports: ReadonlyArray<PeerReport>,
): JournalStatus | null => {
  const journaling = reports.filter(isJournaling)
  const [first] = journaling
  if (first === undefined || modeOf(genesis) === "stateless") return null
  const all = copiesIn(reports, genesis.cells)
  const told = journaling.some(({ journal }) => journal.omitted > 0)
    ? all.filter(({ copies }) => copies.length > 0)
    : all
  const members = reports.filter(({ leaving, member }) => member && !leaving).length
  const wanted = copiesWanted(genesis.replicas, genesis.founders.length, members)
  const thin = told.filter(({ copies }) => sound(copies).length < wanted)
  const leaderless = told.filter(({ leader }) => leader === null)
  const peers = journaling.map((report) => peerJournal(report, told))
  const fenced = fencedIn(journaling)
  return {
    durability: same(journaling.map(({ journal }) => journal.durability)),
    standby: same(journaling.map(({ journal }) => journal.standby)),
    limits: first.journal.limits,
    // Not by spreading: there may be a million cells.
    epoch: told.reduce((highest, { epoch }) => Math.max(highest, epoch), 0),
    viewChanges: sum(told.map(({ epoch }) => epoch)),
    commit: sum(told.map(({ leader }) => leader?.report.commit ?? 0)),
    lag: sum(peers.map(({ lag }) => lag)),
    sessions: sum(peers.map(({ sessions }) => sessions)),
    behind: sum(peers.map(({ behind }) => behind)),
    unready: sum(peers.map(({ unready }) => unready)),
    bytes: sum(peers.map(({ bytes }) => bytes)),
    fenced,
    leaderless: leaderless.length,
    thin: thin.length,
    peers,
    cells: told.map(cellStatus),
    reasons: [...reasonsOf(leaderless, thin, wanted), ...(fenced.count > 0 ? [fencedReason(fenced)] : [])],
  }
}

const peerJournal = ({ journal, self }: JournalingReport, cells: ReadonlyArray<CellCopies>): PeerJournal => {
  let [leads, follows, lag] = [0, 0, 0]
  for (const { copies, leader } of cells) {
    const own = copies.find(({ name }) => name === self.name)
    if (own === undefined) continue
    if (leader?.name === self.name) leads++
    else follows++
    lag += Math.max(0, (leader?.report.length ?? 0) - own.report.length)
  }
  return {
    name: self.name,
    leads,
    follows,
    lag,
    sessions: journal.sessionsLed,
    behind: journal.behind,
    unready: journal.unready,
    bytes: journal.bytes,
    pending: journal.pending,
    fenced: journal.fenced.count,
  }
}

const cellStatus = ({ cell, copies, epoch, leader, view }: CellCopies): CellStatus => ({
  cell,
  epoch,
  view,
  serves: leader !== null,
  copies: copies.map(({ name }) => name),
  length: leader?.report.length ?? 0,
  commit: leader?.report.commit ?? 0,
})

/** Those that take part. */
const sound = (copies: ReadonlyArray<Copy>): ReadonlyArray<Copy> =>
  copies.filter(({ report }) => !report.corrupt)

const namesOf = (copies: ReadonlyArray<Copy>): string => copies.map(({ name }) => name).join(" ")

const reasonsOf = (
  leaderless: ReadonlyArray<CellCopies>,
  thin: ReadonlyArray<CellCopies>,
  wanted: number,
): ReadonlyArray<string> => {
  const remarks = new CellRemarks()
  for (const { cell, copies, view } of leaderless) {
    const missing = view.filter((name) => !copies.some((copy) => copy.name === name))
    remarks.add(
      cell,
      `nobody serves${missing.length === 0 ? "" : `; ${missing.join(" and ")} of ${view.join(" ")} ${missing.length === 1 ? "is" : "are"} missing`}`,
    )
  }
  for (const { cell, copies } of thin) {
    if (sound(copies).length > 0) {
      remarks.add(cell, `${sound(copies).length} of ${wanted} copies (${namesOf(sound(copies))})`)
    }
  }
  return remarks.lines()
}

/** A session is fenced by whoever led it when it was found; several may say so of one. */
const fencedIn = (reports: ReadonlyArray<JournalingReport>): JournalStatus["fenced"] => {
  const clients = [...new Set(reports.flatMap(({ journal }) => journal.fenced.clients))].toSorted()
  const most = Math.max(0, ...reports.map(({ journal }) => journal.fenced.count))
  return { count: Math.max(clients.length, most), clients }
}

/** Most clients that are named in a reason. */
const NAMED = 5

const fencedReason = ({ clients, count }: JournalStatus["fenced"]): string => {
  const named = clients.slice(0, NAMED).map((client) => JSON.stringify(client))
  const more = count > named.length ? ` and ${count - named.length} more` : ""
  return `${count} ${count === 1 ? "session is" : "sessions are"} fenced (${named.join(" ")}${more}); see 'ringstead session show CLIENT'`
}

const same = <A extends string>(values: ReadonlyArray<A>): A | "mixed" => {
  const [first] = values
  return first !== undefined && values.every((value) => value === first) ? first : "mixed"
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** The journals for people: a line of summary and a row for each peer. */
export const writeJournal = (journal: JournalStatus): string => {
  const { bytes, commit, durability, epoch, fenced, lag, sessions, standby, viewChanges } = journal
  return [
    [
      `journal: durability ${durability}`,
      `${standby} standby`,
      `epoch ${epoch} (${count(viewChanges, "view change")})`,
      `${count(commit, "entry", "entries")} committed`,
      `lag ${lag}`,
      count(sessions, "session"),
      `${fenced.count} fenced`,
      writeBytes(bytes),
    ].join(", "),
    table([HEAD, ...journal.peers.map(rowOf)], NUMBERS),
  ].join("\n")
}

/**
 * BEHIND counts sessions that the standby has not applied, UNREADY those of them whose clients would wait for more than a few
 * entries if a leader were lost now, LAG entries that the copy has not got.
 */
const HEAD = [
  "PEER",
  "LEADS",
  "FOLLOWS",
  "SESSIONS",
  "FENCED",
  "BEHIND",
  "UNREADY",
  "LAG",
  "PENDING",
  "JOURNAL",
]
const NUMBERS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9])

const rowOf = (peer: PeerJournal): ReadonlyArray<string> => [
  peer.name,
  ...[
    peer.leads,
    peer.follows,
    peer.sessions,
    peer.fenced,
    peer.behind,
    peer.unready,
    peer.lag,
    peer.pending,
  ].map(String),
  writeBytes(peer.bytes),
]

const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`

/** A size for people: `512 B`, `1.2 MiB`. */
export const writeBytes = (bytes: number): string => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]
  let [size, unit] = [bytes, 0]
  while (size >= 1_024 && unit < units.length - 1) [size, unit] = [size / 1_024, unit + 1]
  return unit === 0 ? `${size} B` : `${size.toFixed(1).replace(/\.0$/, "")} ${units[unit]}`
}
