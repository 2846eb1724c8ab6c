import fc from "fast-check"
import { expect, test } from "vitest"
import { type Contact, isPlaceholder } from "../peer/Contact.ts"
import { named, nobody, peer } from "../peer/Peer.samples.ts"
import { between } from "../ring/Arc.ts"
import { next } from "../ring/RingId.ts"
import {
  adopt,
  alone,
  dropFirst,
  ideal,
  idealPredecessor,
  isNearer,
  type SuccessorList,
} from "./SuccessorList.ts"

const small = fc.nat(20)
const lists: fc.Arbitrary<SuccessorList> = fc
  .array(small, { minLength: 1, maxLength: 8 })
  .map((ids) => [peer(ids[0] ?? 0), ...ids.slice(1).map((id) => peer(id))])
const rings: fc.Arbitrary<ReadonlyArray<Contact>> = fc
  .uniqueArray(small, { minLength: 1, maxLength: 12 })
  .map((ids) => ids.toSorted((a, b) => a - b).map((id) => peer(id)))

test("a list is adopted whole from its new head: the head, and all but the last of what it reported", () => {
  fc.assert(
    fc.property(small, lists, (head, reported) => {
      const adopted = adopt(peer(head), reported)
      expect(adopted[0]).toEqual(peer(head))
      expect([...adopted.slice(1), reported.at(-1)]).toEqual(reported)
    }),
  )
})

test("dropping the first keeps the length and appends the id directly after the last, which skips nobody", () => {
  fc.assert(
    fc.property(lists, small, (list, anyone) => {
      const dropped = dropFirst(list)
      const filled = dropped.at(-1) ?? dropped[0]
      const last = list.at(-1) ?? list[0]
      expect(dropped).toHaveLength(list.length)
      expect(dropped.slice(0, -1)).toEqual(list.slice(1))
      expect(isPlaceholder(filled)).toBe(true)
      expect(filled.id).toBe(next(last.id))
      expect(between(last.id, peer(anyone).id, filled.id)).toBe(false)
    }),
  )
})

test("dropping all leaves nobody, each directly after the one before", () => {
  expect(dropFirst(dropFirst([peer(7), peer(9)]))).toEqual([nobody(10), nobody(11)])
  expect(dropFirst([peer(7)])).toEqual([nobody(8)])
})

test("the ideal list and predecessor are those found by walking the ring from the next id on", () => {
  fc.assert(
    fc.property(rings, fc.nat(), fc.integer({ min: 1, max: 8 }), (ring, at, length) => {
      const self = ring[at % ring.length] ?? peer(0)
      const clockwise = [
        ...ring.filter((one) => one.id > self.id),
        ...ring.filter((one) => one.id <= self.id),
      ]
      const wanted = Array.from({ length }, (_, i) => clockwise[i % clockwise.length])
      expect(named(ideal(ring, self.id, length))).toEqual(wanted.map((one) => one?.name))
      expect(idealPredecessor(ring, self)).toEqual(clockwise.at(-2) ?? self)
    }),
  )
})

test("whoever is not among the members has no ideal list", () => {
  expect(() => ideal([peer(1), peer(2)], peer(3).id, 2)).toThrow(/is not among the 2 members/)
})

test("alone, a member is all its own successors", () => {
  expect(named(alone(peer(5), 3))).toEqual(["p5", "p5", "p5"])
  expect(idealPredecessor([peer(5)], peer(5))).toEqual(peer(5))
})

test("nearer means strictly between the member and its first successor", () => {
  fc.assert(
    fc.property(small, small, lists, (self, candidate, list) => {
      const isStrictlyBetween = between(peer(self).id, peer(candidate).id, list[0].id)
      expect(isNearer(peer(self), peer(candidate), list)).toBe(isStrictlyBetween)
    }),
  )
  expect(isNearer(peer(3), peer(3), [peer(3)])).toBe(false)
  expect(isNearer(peer(3), peer(5), [peer(5)])).toBe(false)
  expect(isNearer(peer(3), peer(4), [peer(3)])).toBe(true)
})
