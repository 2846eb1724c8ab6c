import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type CellReport, cellsOf } from "../../peer/JournalReport.ts"
import { copiesIn, writeCells } from "./CellCopies.ts"
import { journalFlawsOf } from "./JournalCheck.ts"
import { genesisAt, idealJournals, journalWith, withCell } from "./testing/Journals.ts"

const places = fc.uniqueArray(fc.integer({ min: 0, max: 4095 }), { minLength: 1, maxLength: 7 })

test("journals in order have no flaw, however many peers there are and whenever they were asked", () => {
  fc.assert(
    fc.property(places, (all) => {
      const genesis = genesisAt(all)
      const reports = idealJournals(all, genesis)
      expect(journalFlawsOf(genesis, reports, reports)).toEqual([])
    }),
  )
})

/** Four peers, and one cell that one of its members tells otherwise of. */
const all = [100, 1100, 2100, 3100]
const genesis = genesisAt(all, 16)
const ideal = idealJournals(all, genesis)

const alter = (
  cell: number,
  member: number,
  change: (report: CellReport) => Partial<CellReport> | null,
): { readonly name: string; readonly leader: string; readonly flaws: ReadonlyArray<string> } => {
  const { view } = copiesIn(ideal, genesis.cells)[cell] ?? { view: [] }
  const name = view[member] ?? ""
  const journal = ideal.find(({ self }) => self.name === name)?.journal
  const cells = cellsOf(journal ?? journalWith([])).flatMap((report) => {
    const changed = report.cell === cell ? change(report) : {}
    return changed === null ? [] : [{ ...report, ...changed }]
  })
  return {
    name,
    leader: view[0] ?? "",
    flaws: journalFlawsOf(genesis, withCell(ideal, name, cells), ideal),
  }
}

test("any one thing that is wrong at one peer is one line that names the cell and the peer", () => {
  const any = fc.tuple(fc.nat(15), fc.integer({ min: 1, max: 2 }))
  fc.assert(
    fc.property(any, ([cell, backup]) => {
      const expectFlaw = (
        found: ReturnType<typeof alter>,
        what: (found: ReturnType<typeof alter>) => string,
      ) => expect(found.flaws).toContain(`cell ${cell}: ${what(found)}`)
      expectFlaw(
        alter(cell, backup, () => null),
        ({ name }) => `${name}, a member, has no copy`,
      )
      expectFlaw(
        alter(cell, backup, () => ({ epoch: 0 })),
        ({ name }) => `${name}, a member, has not heard of the present view yet`,
      )
      expectFlaw(
        alter(cell, backup, () => ({ length: 3, commit: 3 })),
        ({ leader, name }) => `${name} lacks entries that ${leader} has committed`,
      )
      expectFlaw(
        alter(cell, backup, () => ({ leads: true })),
        ({ name }) => `${name} leads, which only ${alter(cell, 0, () => ({})).name} may`,
      )
      expectFlaw(
        alter(cell, backup, () => ({ epoch: 0, leads: true, active: true })),
        ({ name }) => `${name} still leads in an epoch that is over for ${namesBut(cell, name)}`,
      )
      const differs = ({ leader, name }: ReturnType<typeof alter>): string =>
        `the logs of ${[leader, name].toSorted().join(" and ")} differ where they may not`
      expectFlaw(
        alter(cell, backup, () => ({ head: "other" })),
        differs,
      )
      expectFlaw(
        alter(cell, backup, () => ({ corrupt: true })),
        ({ name }) => `${name} found its log corrupt and takes no part; see its own messages`,
      )
      expectFlaw(
        alter(cell, 0, () => ({ active: false })),
        ({ name }) => `${name} leads and does not serve yet`,
      )
      expectFlaw(
        alter(cell, 0, () => ({ leads: false, active: false })),
        ({ name }) => `nobody leads; ${name} did or should`,
      )
    }),
  )
})

const namesBut = (cell: number, name: string): string =>
  (copiesIn(ideal, genesis.cells)[cell]?.copies ?? [])
    .map((copy) => copy.name)
    .toSorted((a, b) => all.findIndex((at) => `p${at}` === a) - all.findIndex((at) => `p${at}` === b))
    .filter((other) => other !== name)
    .join(" and ")

/** With four more entries, all committed. */
const later = (report: CellReport): CellReport => ({
  ...report,
  length: 9,
  commit: 9,
  head: "9",
  headAtCommit: "9",
})

describe("what is no flaw", () => {
  test("a former member that has not been told yet that it is not needed", () => {
    expect(alter(3, 1, () => ({})).flaws).toEqual([])
    const [first, ...rest] = ideal
    if (first === undefined) throw new Error("four reports")
    const mine = cellsOf(first.journal)
    const foreign = copiesIn(ideal, 16).find(({ view }) => !view.includes(first.self.name))
    const report = foreign?.copies[0]?.report
    if (report === undefined) throw new Error("a cell of the three others")
    const old: CellReport = { ...report, role: "former", epoch: 0, leads: false, active: false }
    const journal = journalWith([...mine, old].toSorted((a, b) => a.cell - b.cell))
    expect(journalFlawsOf(genesis, [{ ...first, journal }, ...rest], ideal)).toEqual([])
  })

  test("a copy that lacks only what came while peers were asked", () => {
    const { view } = copiesIn(ideal, 16)[0] ?? { view: [] }
    const name = view[0] ?? ""
    const cells = cellsOf(ideal.find(({ self }) => self.name === name)?.journal ?? journalWith([]))
    expect(journalFlawsOf(genesis, withCell(ideal, name, cells.map(later)), ideal)).toEqual([])
  })

  test("an uncommitted entry that another epoch has not", () => {
    const { flaws } = alter(2, 1, () => ({ epoch: 0, head: "other", headAtCommit: "2-4" }))
    expect(flaws).toEqual(["cell 2: p2100, a member, has not heard of the present view yet"])
  })
})

test("peers that are gone: every cell they led or held is told of, in few lines", () => {
  const left = ideal.slice(0, 2)
  const flaws = journalFlawsOf(genesis, left, left)
  expect(flaws.join("\n")).toMatchInlineSnapshot(`
    "cells 0-7 12-15: p2100, a member, does not answer
    cells 0-11: p3100, a member, does not answer
    cells 4-7: nobody leads; p2100 did or should
    cells 8-11: nobody leads; p3100 did or should"
  `)
  expect(flaws.length).toBeLessThan(12)
})

test("cells that no peer had room to tell of are not taken for missing", () => {
  const cut = ideal.map((report) => {
    const cells = cellsOf(report.journal).filter(({ cell }) => cell < 8)
    return { ...report, journal: journalWith(cells, { omitted: 3 }) }
  })
  expect(journalFlawsOf(genesis, cut, cut)).toEqual([
    expect.stringMatching(/^cell \d and those after it are too many for a peer to tell of: not checked$/),
  ])
})

test("in a ring without journals there is nothing to check", () => {
  const reports = ideal.map((report) => ({ ...report, journal: null }))
  expect(journalFlawsOf(genesis, reports, reports)).toEqual([])
})

test("cells are written as stretches, and not endlessly", () => {
  expect(writeCells([5])).toBe("cell 5")
  expect(writeCells([0, 1, 2, 40])).toBe("cells 0-2 40")
  expect(writeCells(Array.from({ length: 100 }, (_, i) => 2 * i))).toBe(
    "cells 0 2 4 6 8 10 12 14 and 92 more",
  )
})
