import { hash } from "node:crypto"
import { afterAll, expect, test } from "vitest"
import type { Sha256 } from "../../core/replication/Chain.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import { eachSeed } from "./EachSeed.ts"
import { FAULTS } from "./JournalClimate.ts"
import { walk, type WalkReport } from "./JournalWalk.ts"

const WALKS = 400

const sha256: Sha256 = (bytes) => hash("sha256", bytes) as Hash
const traced = import.meta.env["RING_SEED"] !== undefined

const reports: Array<WalkReport> = []

const sum = (of: (report: WalkReport) => number): number =>
  reports.reduce((all, report) => all + of(report), 0)
const worst = (of: (report: WalkReport) => number): number => Math.max(...reports.map(of))

afterAll(() => {
  if (reports.length === 0) return
  console.log(
    [
      `${reports.length} walks: ${sum(({ committed }) => committed)} entries committed, ${sum(({ views }) => views)} changes of view,`,
      `${sum(({ answered }) => answered)} requests answered, ${sum(({ messages }) => messages)} messages;`,
      `all answered within ${worst(({ answeredMs }) => answeredMs)} virtual ms of the last fault, all whole ${worst(({ wholeMs }) => wholeMs)} later`,
    ].join(" "),
  )
})

test(`${WALKS} walks keep every promise of the journal`, { timeout: 900_000 }, () => {
  eachSeed(WALKS, (seed) => {
    reports.push(walk(seed, { sha256, traced }))
  })
  if (traced) return
  const injected = new Set(reports.flatMap(({ faults }) => [...faults]))
  const unseen = FAULTS.filter(
    (fault) => !injected.has(fault) && !["restart", "resume", "reconnect"].includes(fault),
  )
  expect(unseen).toEqual([])
})
