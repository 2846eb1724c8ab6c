import { afterAll, expect, test } from "vitest"
import type { Contact } from "../../core/peer/Contact.ts"
import { defaultSuccessors } from "../../core/peer/Genesis.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import { idFingers } from "../../core/routing/IdFingers.ts"
import { settledRing, walk } from "../../core/routing/SettledRing.samples.ts"
import { fingersAreExact, flaws, ownerOf } from "./Ideal.ts"
import { lookUpSettled, settledKeys } from "./SettledLookups.ts"
import { type Seeded, seeded } from "./Seeded.ts"
import { drawId, virtualPeer, virtualPeers } from "./VirtualPeer.ts"
import { VirtualRing } from "./VirtualRing.ts"

const SEED = 20_050_404

/** Virtual ms within which a ring is ideal, and then its fingers exact, after one fault and after many. */
const IDEAL_MS = 3000
const EXACT_MS = 60_000

interface Row {
  readonly size: number
  readonly mean: number
  readonly worst: number
  readonly bound: number
  readonly paperMean: number
  readonly paperWorst: number
  readonly unsettledWorst: number
  readonly budget: number
  readonly afterKill: string
  readonly afterJoin: string
}

const rows: Array<Row> = []

afterAll(() => {
  const head = [
    `seed ${SEED}; hops of lookups, virtual milliseconds from a fault until the ring was ideal / all fingers exact`,
    "    N | rank fingers: mean worst bound | paper's: mean worst | unsettled: worst budget | after a kill | a join",
  ]
  const lines = rows.map((row) =>
    [
      cell(row.size, 5),
      cell(row.mean.toFixed(2), 18) + cell(row.worst, 6) + cell(row.bound, 6),
      cell(row.paperMean.toFixed(2), 13) + cell(row.paperWorst, 6),
      cell(row.unsettledWorst, 16) + cell(row.budget, 7),
      cell(row.afterKill, 12),
      row.afterJoin,
    ].join(" | "),
  )
  console.log([...head, ...lines].join("\n"))
})

const cell = (value: number | string, width: number): string => String(value).padStart(width)

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length

const log2 = (size: number): number => Math.ceil(Math.log2(size))

/** Waits until the ring is ideal, then until its fingers are exact too; says how long either took. */
const settle = (ring: VirtualRing): string => {
  const start = ring.now
  ring.runUntil(() => flaws(ring.states()).length === 0, IDEAL_MS)
  expect(flaws(ring.states())).toEqual([])
  const ideal = ring.now - start
  ring.runUntil(() => fingersAreExact(ring.states()), EXACT_MS)
  return `${ideal} / ${ring.now - start}`
}

/** Hops of the same lookups by the paper's fingers, every peer knowing one successor, as the paper has it. */
const byPaper = (peers: ReadonlyArray<Contact>, each: number): ReadonlyArray<number> => {
  const ring = settledRing(peers, 1, idFingers)
  const keys = settledKeys(peers, each, SEED)
  return keys.flatMap((mine, start) => mine.map((key) => Number(walk(ring, start, key))))
}

const members = (ring: VirtualRing): ReadonlyArray<Contact> =>
  ring.states().flatMap((state) => (state.phase === "member" ? [state.config.self] : []))

/** Joins and kills by turns, a few hundred lookups meanwhile: the worst hops; fails when a lookup goes astray. */
const unsettle = (ring: VirtualRing, random: Seeded): number => {
  const size = members(ring).length
  const pick = (): Contact => members(ring)[random.below(members(ring).length)] ?? virtualPeer(0)
  const asked: Array<{
    readonly token: number
    readonly at: string
    readonly key: RingId
    readonly fault: number
  }> = []
  const memberships: Array<ReadonlyArray<Contact>> = [members(ring)]
  let walked = 0
  ring.onSend = (_from, _to, message) => {
    if (message.type === "Lookup" && message.budget === 0) walked++
  }
  for (let fault = 1; fault <= 2 + 2 * log2(size); fault++) {
    if (fault % 2 === 0 && members(ring).length > ring.options.successors + 1) ring.kill(pick().name)
    else ring.join(virtualPeer(2 * size + fault), [pick()])
    for (let i = 0; i < 50; i++) {
      const key = drawId(random)
      const at = pick().name
      asked.push({ token: ring.find(at, key), at, key, fault })
    }
    ring.run(200)
    memberships.push(members(ring))
  }
  ring.run(2000)
  const astray = asked.flatMap(({ token, at, key, fault }) => {
    const answer = ring.answer(token)
    // An answer may be a few faults old or new: no clock tells the owner of a key to the millisecond.
    const owners = memberships.slice(Math.max(0, fault - 3), fault + 3).map((all) => ownerOf(all, key).id)
    const isRight = owners.some((owner) => owner === answer?.owner?.id)
    return isRight || !ring.isAlive(at) ? [] : [`${at} found ${answer?.owner?.name} for ${key}`]
  })
  expect(astray).toEqual([])
  expect(walked).toBe(0)
  return Math.max(...asked.map(({ token }) => ring.answer(token)?.hops ?? 0))
}

test.each([1, 2, 3, 5, 8, 16, 64, 128, 256, 1024])(
  "a ring of %i: every lookup ends at the owner, in ceil(log2 N) hops when settled, in its budget when not",
  (size) => {
    const random = seeded(SEED)
    const successors = defaultSuccessors(size)
    const ring = new VirtualRing({ seed: SEED, successors })
    ring.found(virtualPeers(size))
    ring.run(500)
    const each = Math.max(4, Math.ceil(1000 / size))
    const settled = lookUpSettled(ring, each)
    expect(settled.problems).toEqual([])
    const paper = byPaper(virtualPeers(size), each)

    if (size > 1) ring.kill(virtualPeer(random.below(size)).name)
    const afterKill = settle(ring)
    ring.join(virtualPeer(size), members(ring).slice(0, 1))
    const afterJoin = settle(ring)

    const unsettledWorst = unsettle(ring, random)
    const budget = 2 * log2(size + 1) + successors
    expect(unsettledWorst).toBeLessThanOrEqual(budget)
    settle(ring)
    expect(lookUpSettled(ring, each).problems).toEqual([])
    rows.push({
      size,
      mean: mean(settled.hops),
      worst: Math.max(...settled.hops),
      bound: log2(size),
      paperMean: mean(paper),
      paperWorst: Math.max(...paper),
      unsettledWorst,
      budget,
      afterKill,
      afterJoin,
    })
  },
)
