import type { Genesis } from "../../../../core/peer/Genesis.ts"
import { homeOf } from "../../../../core/ring/Cell.ts"
import { journalDefaults } from "../../../peer/JournalDefaults.ts"
import type { CellReport, JournalReport } from "../../../peer/JournalReport.ts"
import type { PeerReport } from "../../../peer/PeerReport.ts"
import type { JournalingReport } from "../CellCopies.ts"
import { contactAt, idealReports } from "./Views.ts"

/** A genesis whose founders stand at `places`, with lists of two. */
export const genesisAt = (places: ReadonlyArray<number>, cells = 128): Genesis => ({
  version: 1,
  cluster: "test",
  cells,
  replicas: 3,
  successors: 2,
  mode: "replay",
  hash: ["sha1"],
  secret: "0".repeat(64),
  founders: places.toSorted((a, b) => a - b).map(contactAt),
})

/** The report that tells of these cells, one row each, and of the rest nothing in particular. */
export const journalWith = (
  cells: ReadonlyArray<CellReport>,
  more: Partial<JournalReport> = {},
): JournalReport => ({
  durability: journalDefaults.durability,
  standby: journalDefaults.standby,
  sessionState: journalDefaults.sessionState,
  limits: {
    sessionEntries: journalDefaults.sessionEntries,
    sessionBytes: journalDefaults.sessionBytes,
    sessionIdleMs: journalDefaults.sessionIdleMs,
    bodyBytes: 1_048_576,
    answerMs: 30_000,
  },
  bytes: 1_000,
  sessions: 3,
  sessionsLed: 1,
  behind: 0,
  unready: 0,
  fenced: { count: 0, clients: [] },
  pending: 0,
  tombstones: 0,
  views: cells.map(({ view }) => view),
  rows: cells.map(
    (
      { active, ballot, corrupt, cell, commit, draining, epoch, head, headAtCommit, leads, length, role },
      i,
    ) => [
      cell,
      1,
      epoch,
      [
        role === "former" ? "f" : "",
        leads ? "L" : "",
        active ? "A" : "",
        draining ? "D" : "",
        corrupt ? "X" : "",
      ].join(""),
      i,
      length,
      commit,
      head,
      headAtCommit,
      ballot,
    ],
  ),
  omitted: 0,
  ...more,
})

/** What the hash of a cell's log says at `length`. */
export const headOf = (cell: number, length: number): string => `${cell}-${length}`

/**
 * Reports of an ideal ring whose cells are in order too: led by the first peer at or after their home, replicated by
 * the two after it, each in epoch 1 with five entries, the last of which only the leader knows to be committed.
 */
export const idealJournals = (
  places: ReadonlyArray<number>,
  genesis: Genesis,
): ReadonlyArray<JournalingReport> => {
  const sorted = places.toSorted((a, b) => a - b)
  const contacts = sorted.map(contactAt)
  const cells = new Map<string, Array<CellReport>>(contacts.map(({ name }) => [name, []]))
  for (let cell = 0; cell < genesis.cells; cell++) {
    const home = homeOf(cell, genesis.cells)
    const first = Math.max(
      0,
      contacts.findIndex(({ id }) => id >= home),
    )
    const view = Array.from(
      { length: Math.min(genesis.replicas, contacts.length) },
      (_, i) => contacts[(first + i) % contacts.length]?.name ?? "",
    )
    for (const [i, name] of view.entries()) {
      cells.get(name)?.push({
        cell,
        epoch: 1,
        role: "member",
        view,
        leads: i === 0,
        active: i === 0,
        draining: false,
        corrupt: false,
        sealed: false,
        length: 5,
        commit: i === 0 ? 5 : 4,
        head: headOf(cell, 5),
        headAtCommit: headOf(cell, i === 0 ? 5 : 4),
        ballot: null,
      })
    }
  }
  return idealReports(places, genesis.successors).map((report) => ({
    ...report,
    journal: journalWith(cells.get(report.self.name) ?? []),
  }))
}

/** The reports with one cell's report at one peer altered; `null` takes it away. */
export const withCell = (
  reports: ReadonlyArray<JournalingReport>,
  name: string,
  cells: ReadonlyArray<CellReport>,
): ReadonlyArray<PeerReport> =>
  reports.map((report) => (report.self.name === name ? { ...report, journal: journalWith(cells) } : report))
