import type { PeerReport } from "../../peer/PeerReport.ts"
import { type CellReport, cellsOf } from "../../peer/JournalReport.ts"

/** What one peer has of a cell. */
export interface Copy {
  /** Of the peer. */
  readonly name: string
  readonly report: CellReport
}

/** All that the peers that answer have of a cell. */
export interface CellCopies {
  readonly cell: number
  /** The highest epoch that a member tells of; 0 when there is none. */
  readonly epoch: number
  /** The view of that epoch as its members tell it, the leader first; empty when there is none. */
  readonly view: ReadonlyArray<string>
  /** What the members of that view have. */
  readonly copies: ReadonlyArray<Copy>
  /** What others have: former members, members of an earlier view, and whoever is at odds. */
  readonly others: ReadonlyArray<Copy>
  /** The copy of the leader that serves in that epoch, null when there is none. */
  readonly leader: Copy | null
}

/** A report of a peer that keeps a journal. */
export type JournalingReport = PeerReport & { readonly journal: NonNullable<PeerReport["journal"]> }

export const isJournaling = (report: PeerReport): report is JournalingReport => report.journal !== null

/** Every cell of a cluster, in order; `reports` are one for each peer. */
export const copiesIn = (reports: ReadonlyArray<PeerReport>, cells: number): ReadonlyArray<CellCopies> => {
  const byCell = Array.from({ length: cells }, (): Array<Copy> => [])
  for (const { journal, self } of reports.filter(isJournaling)) {
    for (const report of cellsOf(journal)) byCell[report.cell]?.push({ name: self.name, report })
  }
  return byCell.map((copies, cell) => together(cell, copies))
}

const together = (cell: number, all: ReadonlyArray<Copy>): CellCopies => {
  const members = all.filter(({ report }) => report.role === "member")
  const epoch = Math.max(0, ...members.map(({ report }) => report.epoch))
  const current = members.filter(({ report }) => report.epoch === epoch)
  const view = (current.find(({ report }) => report.leads) ?? current[0])?.report.view ?? []
  const copies = current.filter(({ name }) => view.includes(name))
  return {
    cell,
    epoch,
    view,
    copies,
    others: all.filter((copy) => !copies.includes(copy)),
    leader: copies.find(({ report }) => report.leads && report.active) ?? null,
  }
}

/** How many copies each cell should have: r, but not more than there are, or were at the beginning, peers to hold them. */
export const copiesWanted = (replicas: number, founders: number, members: number): number =>
  Math.min(replicas, Math.max(founders, members))

/** The cells of which each thing is to be said, as one line each: `cells 0-25 40: nobody serves`. */
export class CellRemarks {
  readonly #cells = new Map<string, Array<number>>()

  /** Cells come in increasing order. */
  add(cell: number, remark: string): void {
    const cells = this.#cells.get(remark)
    if (cells === undefined) this.#cells.set(remark, [cell])
    else if (cells.at(-1) !== cell) cells.push(cell)
  }

  lines(): ReadonlyArray<string> {
    return [...this.#cells].map(([remark, cells]) => `${writeCells(cells)}: ${remark}`)
  }
}

/** Most stretches of cells that are written out. */
const STRETCHES = 8

/** Cells in increasing order as `cell 5`, or `cells 0-25 40 and 3 more`. */
export const writeCells = (cells: ReadonlyArray<number>): string => {
  const stretches: Array<[first: number, last: number]> = []
  for (const cell of cells) {
    const last = stretches.at(-1)
    if (last !== undefined && last[1] + 1 === cell) last[1] = cell
    else stretches.push([cell, cell])
  }
  const shown = stretches.slice(0, STRETCHES)
  const hidden = cells.length - shown.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  const words = shown.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
  return `${cells.length === 1 ? "cell" : "cells"} ${words.join(" ")}${hidden > 0 ? ` and ${hidden} more` : ""}`
}
