import fc from "fast-check"
import { beforeEach, expect, test } from "vitest"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { Takeovers } from "./Takeovers.ts"

let takeovers: Takeovers

beforeEach(() => {
  takeovers = new Takeovers((cell) => (cell < 64 ? "peer-1" : "peer-2"))
})

const view = (cell: number, entries: number, leads = true): ProcessEvent => ({
  type: "view",
  cell,
  epoch: 1,
  members: ["peer-2", "peer-3"],
  leads,
  entries,
})
const active = (cell: number): ProcessEvent => ({ type: "active", cell, epoch: 1 })

const takeOver = (heir: string, cell: number, entries: number, nowMs: number): void => {
  takeovers.heard(heir, view(cell, entries), nowMs)
  takeovers.heard("peer-4", view(cell, entries, false), nowMs)
  takeovers.heard(heir, active(cell), nowMs)
}

test("all cells that one inherits from the other are one line, once it is quiet", () => {
  for (let cell = 0; cell < 26; cell++) takeOver("peer-2", cell, 10, 10 * cell)
  takeOver("peer-3", 30, 1, 0)
  expect(takeovers.over(300)).toEqual([])
  expect(takeovers.over(450)).toEqual(["peer-3 took over 1 cell from peer-1, 1 journaled request"])
  expect(takeovers.over(1_000)).toEqual(["peer-2 took over 26 cells from peer-1, 260 journaled requests"])
  expect(takeovers.over(9_000)).toEqual([])
})

test("a move that never ends is told in parts", () => {
  for (let cell = 0; cell < 32; cell++) takeOver("peer-2", cell, 0, 100 * cell)
  expect(takeovers.over(3_100)).toEqual(["peer-2 took over 32 cells from peer-1, 0 journaled requests"])
  for (let cell = 32; cell < 64; cell++) takeOver("peer-2", cell, 0, 100 * cell)
  expect(takeovers.over(9_900)).toEqual(["peer-2 took over 32 cells from peer-1, 0 journaled requests"])
})

test("the next loss of a cell is from whoever took it over", () => {
  takeOver("peer-2", 5, 1, 0)
  takeOver("peer-3", 5, 2, 5_000)
  expect(takeovers.over(9_000)).toEqual([
    "peer-2 took over 1 cell from peer-1, 1 journaled request",
    "peer-3 took over 1 cell from peer-2, 2 journaled requests",
  ])
})

test("whoever goes on leading took over nothing, and what is forgotten is no news but not unknown", () => {
  takeOver("peer-1", 5, 1, 0)
  takeOver("peer-2", 6, 1, 0)
  takeovers.forget()
  takeOver("peer-2", 6, 1, 10)
  expect(takeovers.over(9_000)).toEqual([])
})

test("every cell that changed hands is in exactly one line", () => {
  const moves = fc.array(fc.tuple(fc.nat(127), fc.constantFrom("peer-1", "peer-2", "peer-3"), fc.nat(300)))
  fc.assert(
    fc.property(moves, (all) => {
      const own = new Takeovers((cell) => (cell < 64 ? "peer-1" : "peer-2"))
      const leaders = new Map<number, string>()
      const lines: Array<string> = []
      let [nowMs, changes] = [0, 0]
      for (const [cell, heir, pause] of all) {
        nowMs += pause
        own.heard(heir, active(cell), nowMs)
        if ((leaders.get(cell) ?? (cell < 64 ? "peer-1" : "peer-2")) !== heir) changes++
        leaders.set(cell, heir)
        lines.push(...own.over(nowMs))
      }
      lines.push(...own.over(nowMs + 10_000))
      const told = lines.map((line) => Number(/took over (\d+)/.exec(line)?.[1]))
      expect(told.reduce((sum, n) => sum + n, 0)).toBe(changes)
    }),
  )
})
