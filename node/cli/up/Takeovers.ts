import type { ProcessEvent } from "../../log/ProcessEvent.ts"

/** Cells that go from one peer to another at about the same time. */
interface Move {
  readonly heir: string
  /** null: it is not known who led them. */
  readonly loser: string | null
  cells: number
  entries: number
  readonly beganMs: number
  grewMs: number
}

/** A move is told when nothing was added to it for so long, or at the latest when it has gone on for so long. */
const QUIET_MS = 400
const LONGEST_MS = 3_000

/**
 * Who serves which cell in the mode `replay`, and the moves from one peer to another: one for all cells that one inherits
 * from the other at a time, however many there are.
 */
export class Takeovers {
  readonly #leaders = new Map<number, string>()
  readonly #entries = new Map<number, number>()
  readonly #first: (cell: number) => string | undefined
  #moves: Array<Move> = []

  /** @param first the name of the peer that led a cell at the beginning. */
  constructor(first: (cell: number) => string | undefined) {
    this.#first = first
  }

  /** What `who` said. */
  heard(who: string, event: ProcessEvent, nowMs: number): void {
    if (event.type === "view") {
      if (event.leads) this.#entries.set(event.cell, event.entries)
      return
    }
    if (event.type !== "active") return
    const loser = this.#leaders.get(event.cell) ?? this.#first(event.cell) ?? null
    this.#leaders.set(event.cell, who)
    if (loser === who) return
    let move = this.#moves.find((one) => one.heir === who && one.loser === loser)
    if (move === undefined) {
      move = { heir: who, loser, cells: 0, entries: 0, beganMs: nowMs, grewMs: nowMs }
      this.#moves.push(move)
    }
    move.cells++
    move.entries += this.#entries.get(event.cell) ?? 0
    move.grewMs = nowMs
  }

  /** The lines for moves that are over. */
  over(nowMs: number): ReadonlyArray<string> {
    const isOver = ({ beganMs, grewMs }: Move): boolean =>
      nowMs - grewMs >= QUIET_MS || nowMs - beganMs >= LONGEST_MS
    const done = this.#moves.filter(isOver)
    this.#moves = this.#moves.filter((move) => !isOver(move))
    return done.map(lineOf)
  }

  /** Moves so far are no news. */
  forget(): void {
    this.#moves = []
  }
}

const lineOf = ({ cells, entries, heir, loser }: Move): string =>
  `${heir} took over ${count(cells, "cell", "cells")}${loser === null ? "" : ` from ${loser}`}, ` +
  count(entries, "journaled request", "journaled requests")

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
