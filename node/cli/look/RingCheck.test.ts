import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { placeholder } from "../../../core/peer/Contact.ts"
import { flawsOf } from "./RingCheck.ts"
import { contactAt, idealViews } from "./testing/Views.ts"

/** Places on a small ring, so that neighbours and wrap-around are common. */
const places = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 9 })
const length = fc.integer({ min: 1, max: 5 })

test("an ideal ring has no flaw, whatever its size against L and in whatever order it is told", () => {
  fc.assert(
    fc.property(
      places.chain((all) => fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), length)),
      ([all, l]) => {
        expect(flawsOf(idealViews(all, l), l)).toEqual([])
      },
    ),
  )
})

test("any one thing that a peer has wrong is found, and the peer is named", () => {
  const wrong = fc.tuple(places, length, fc.nat(), fc.nat(), fc.integer({ min: 256, max: 300 }))
  fc.assert(
    fc.property(wrong, ([all, l, who, where, stranger]) => {
      const views = idealViews(all, l)
      const victim = who % views.length
      const alter = (change: (view: (typeof views)[number]) => Partial<(typeof views)[number]>) =>
        flawsOf(
          views.map((view, i) => (i === victim ? { ...view, ...change(view) } : view)),
          l,
        )
      const name = views[victim]?.self.name ?? ""
      const other = contactAt(stranger)
      const swap = alter(({ successors }) => ({
        successors: successors.map((entry, i) => (i === where % l ? other : entry)),
      }))
      expect(swap).toEqual([expect.stringMatching(`^${name} has the successors .*${other.name}`)])
      expect(alter(() => ({ predecessor: other }))).toEqual([
        expect.stringContaining(`${name} has the predecessor ${other.name}`),
      ])
      expect(alter(() => ({ member: false }))).toContain(`${name} has not joined yet`)
      expect(alter(() => ({ leaving: true }))).toContain(`${name} is leaving`)
      const suspect = views[where % views.length]?.self
      if (suspect === undefined || suspect.name === name) return
      expect(alter(() => ({ suspected: [suspect] }))).toEqual([
        `${name} takes ${suspect.name} for dead, which answers`,
      ])
    }),
  )
})

describe("what it looks like", () => {
  test("two rings are not one, though each is in order", () => {
    const flaws = flawsOf([...idealViews([1, 3], 2), ...idealViews([2, 4], 2)], 2)
    expect(flaws).toContain("p1 has the successors p3 p1, and should have p2 p3")
    expect(flaws).toHaveLength(8)
  })

  test("a filled-in entry stands for nobody", () => {
    const [first, ...rest] = idealViews([1, 2, 3], 2)
    if (first === undefined) throw new Error("three views")
    const [head] = first.successors
    if (head === undefined) throw new Error("two successors")
    const healing = { ...first, successors: [head, placeholder(head.id)] }
    expect(flawsOf([healing, ...rest], 2)).toEqual(["p1 has the successors p2 -, and should have p2 p3"])
  })

  test("a peer that came back as another incarnation is not the one in the list", () => {
    const views = idealViews([1, 2], 1)
    const reborn = views.map((view) =>
      view.self.name === "p2" ? { ...view, self: { ...view.self, incarnation: 2 } } : view,
    )
    expect(flawsOf(reborn, 1)).toHaveLength(2)
  })

  test("suspecting somebody who is gone is right", () => {
    const views = idealViews([1, 2], 1).map((view) => ({ ...view, suspected: [contactAt(9)] }))
    expect(flawsOf(views, 1)).toEqual([])
  })
})
