import type { Genesis } from "../../../core/peer/Genesis.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import {
  type CellCopies,
  CellRemarks,
  copiesIn,
  copiesWanted,
  type Copy,
  isJournaling,
  writeCells,
} from "./CellCopies.ts"

/**
 * What is wrong with the journals of a cluster's cells, one line for each thing with the cells it is true of; none when
 * every cell has one leader that serves, r copies of its log, and no two copies that contradict each other.
 *
 * Peers are asked at about the same time and not at the same one, while clients go on. So a copy is behind only if it
 * lacks what was committed when peers were asked before.
 *
 * @param now what the peers that answer say.
 * @param before what they said a moment ago; may be `now`.
 */
export const journalFlawsOf = (
  genesis: Genesis,
  now: ReadonlyArray<PeerReport>,
  before: ReadonlyArray<PeerReport>,
): ReadonlyArray<string> => {
  if (!now.some(isJournaling)) return []
  const remarks = new CellRemarks()
  const told = toldOf(genesis.cells, now)
  const earlier = copiesIn(before, genesis.cells)
  const surroundings: Surroundings = {
    answering: new Set(now.map(({ self }) => self.name)),
    wanted: copiesWanted(
      genesis.replicas,
      genesis.founders.length,
      now.filter(({ leaving, member }) => member && !leaving).length,
    ),
  }
  for (const copies of copiesIn(now, genesis.cells).slice(0, told)) {
    const then = earlier[copies.cell]
    const flaws = [
      ...leaderFlaws(copies),
      ...copyFlaws(copies, surroundings),
      ...lagFlaws(copies, then),
      ...hashFlaws(then === undefined ? [copies] : [copies, then]),
    ]
    for (const flaw of flaws) remarks.add(copies.cell, flaw)
  }
  return [
    ...remarks.lines(),
    ...(told < genesis.cells
      ? [`${writeCells([told])} and those after it are too many for a peer to tell of: not checked`]
      : []),
  ]
}

interface Surroundings {
  /** Names of the peers that answer. */
  readonly answering: ReadonlySet<string>
  /** Copies that a cell should have. */
  readonly wanted: number
}

/** The first cell that some peer had no room for. */
const toldOf = (cells: number, reports: ReadonlyArray<PeerReport>): number =>
  Math.min(
    cells,
    ...reports.filter(isJournaling).map(({ journal }) => {
      const [first, count] = journal.rows.at(-1) ?? [0, 0]
      return journal.omitted > 0 ? first + count : cells
    }),
  )

const leaderFlaws = ({ copies, epoch, leader, others, view }: CellCopies): ReadonlyArray<string> => {
  if (copies.length === 0) return ["no peer that answers is a member"]
  const flaws: Array<string> = []
  const leaders = copies.filter(({ report }) => report.leads)
  if (leaders.length > 1) flaws.push(`${namesOf(leaders)} all lead in the same epoch`)
  for (const { name, report } of others) {
    if (report.leads) {
      flaws.push(
        report.epoch === epoch
          ? `${name} leads and is no member of ${view.join(" ")}`
          : `${name} still leads in an epoch that is over for ${namesOf(copies)}`,
      )
    }
  }
  for (const { name } of leaders) {
    if (name !== view[0]) flaws.push(`${name} leads, which only ${view[0] ?? "nobody"} may`)
  }
  if (leader === null) {
    flaws.push(
      leaders.length > 0
        ? `${namesOf(leaders)} leads and does not serve yet`
        : `nobody leads; ${view[0] ?? "nobody"} did or should`,
    )
  }
  return flaws
}

const copyFlaws = (
  { copies, epoch, others, view }: CellCopies,
  { answering, wanted }: Surroundings,
): ReadonlyArray<string> => {
  if (copies.length === 0) return []
  const flaws: Array<string> = []
  const held = new Set(copies.map(({ name }) => name))
  for (const name of view.filter((member) => !held.has(member))) {
    const old = others.find((copy) => copy.name === name)
    flaws.push(
      !answering.has(name)
        ? `${name}, a member, does not answer`
        : old === undefined
          ? `${name}, a member, has no copy`
          : `${name}, a member, has not heard of the present view yet`,
    )
  }
  for (const { name, report } of [...copies, ...others]) {
    if (report.epoch === epoch && report.role === "member" && report.view.join(" ") !== view.join(" ")) {
      flaws.push(`${name} says the view is ${report.view.join(" ")}, others say ${view.join(" ")}`)
    }
  }
  for (const { name, report } of copies) {
    if (report.corrupt) flaws.push(`${name} found its log corrupt and takes no part; see its own messages`)
  }
  if (view.length < wanted) flaws.push(`only ${view.length} of ${wanted} copies (${view.join(" ")})`)
  return flaws
}

const lagFlaws = ({ copies }: CellCopies, then: CellCopies | undefined): ReadonlyArray<string> => {
  const committed = then?.leader?.report.commit
  const leader = then?.leader?.name
  if (committed === undefined || leader === undefined) return []
  return copies
    .filter(({ report }) => report.length < committed)
    .map(({ name }) => `${name} lacks entries that ${leader} has committed`)
}

interface Mark {
  readonly name: string
  readonly epoch: number
  readonly isCommitted: boolean
  readonly length: number
  readonly head: string
}

/** What is committed never changes; what is not is the same for all members of one epoch that have it. */
const hashFlaws = (moments: ReadonlyArray<CellCopies>): ReadonlyArray<string> => {
  const marks = moments.flatMap(({ copies, others }) => [...copies, ...others].flatMap(marksOf))
  const byLength = Map.groupBy(marks, ({ length }) => length)
  const flaws = new Set<string>()
  for (const same of byLength.values()) {
    for (const [i, one] of same.entries()) {
      for (const other of same.slice(i + 1)) {
        if (one.head === other.head) continue
        if (one.epoch !== other.epoch && !(one.isCommitted && other.isCommitted)) continue
        const [first, second] = [one.name, other.name].toSorted()
        flaws.add(
          first === second
            ? `the log of ${first} changed where it may not`
            : `the logs of ${first} and ${second} differ where they may not`,
        )
      }
    }
  }
  return [...flaws]
}

const marksOf = ({ name, report }: Copy): ReadonlyArray<Mark> => {
  const { commit, epoch, head, headAtCommit, length } = report
  const end: Mark = { name, epoch, isCommitted: commit === length, length, head }
  return commit === length || headAtCommit === null
    ? [end]
    : [end, { name, epoch, isCommitted: true, length: commit, head: headAtCommit }]
}

const namesOf = (copies: ReadonlyArray<Copy>): string => copies.map(({ name }) => name).join(" and ")
