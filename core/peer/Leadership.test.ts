import fc from "fast-check"
import { expect, test } from "vitest"
import { homeOf } from "../ring/Cell.ts"
import { fromBigInt } from "../ring/RingId.ts"
import { ownerAmong } from "../routing/SettledRing.samples.ts"
import type { Contact } from "./Contact.ts"
import { leadershipOf } from "./Leadership.ts"
import { member, newcomer, peer, take } from "./Peer.samples.ts"

const CELLS = 16
/** The peer at `n` 256ths of the ring, where the homes of cells are far apart. */
const at = (n: number): Contact => ({ ...peer(n), id: fromBigInt(BigInt(n) << 152n) })
const places = fc.uniqueArray(fc.nat(255), { minLength: 3, maxLength: 9 })

test("a peer leads the cells whose homes it owns among all whom it knows and takes for alive", () => {
  fc.assert(
    fc.property(places, fc.nat(8), fc.nat(8), fc.boolean(), (numbers, which, known, isDead) => {
      const sorted = numbers.map(at).toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const self = sorted[which % sorted.length] ?? at(0)
      const index = sorted.indexOf(self)
      const others = [...sorted.slice(index + 1), ...sorted.slice(0, index)]
      const predecessor = others.at(-1) ?? self
      const config = { ...newcomer(0).config, self, cells: CELLS }
      // The nearest are successors, the others fingers; which come first in a table says nothing.
      const listed = 1 + (known % (others.length - 1))
      const state = member(0, others.slice(0, listed), predecessor, { config, fingers: others.toReversed() })
      const { state: now } = isDead ? take(state, { type: "suspect", peer: predecessor }) : { state }
      const living = isDead ? sorted.filter((one) => one !== predecessor) : sorted
      for (let cell = 0; cell < CELLS; cell++) {
        const owner = ownerAmong(living, homeOf(cell, CELLS))
        const { leads, hint } = leadershipOf(now, cell)
        expect(leads).toBe(owner === self)
        expect([null, owner]).toContain(leads ? owner : hint)
      }
    }),
  )
})

test("a peer that joins leads nothing, one that leaves names its heir", () => {
  expect(leadershipOf(newcomer(8), 0)).toEqual({ leads: false, hint: null })
  const alone = member(8, [8, 8], 8)
  expect(leadershipOf(alone, 0)).toEqual({ leads: true, hint: null })
  expect(leadershipOf(take(alone, { type: "leave" }).state, 0)).toEqual({ leads: false, hint: null })
  const left = take(member(8, [12, 16], 4), { type: "leave" }).state
  const whole = { ...left, config: { ...left.config, cells: 1 }, predecessor: peer(8) }
  expect(leadershipOf(whole, 0)).toEqual({ leads: false, hint: peer(12) })
})
