import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  add,
  countBefore,
  dropBefore,
  emptySubstream,
  includes,
  indexOf,
  indicesIn,
  lastBefore,
  type Substream,
} from "./Substream.ts"

/** The same as a plain list of [id, index]. */
type Model = ReadonlyArray<readonly [string, number]>

/** All that can be asked of a substream. */
const seen = (substream: Substream, ids: ReadonlyArray<string>) => ({
  indices: indicesIn(substream, 0, 1000),
  places: [...ids, "none"].map((id) => indexOf(substream, id)),
  at: probes.map((index) => [
    countBefore(substream, index),
    includes(substream, index),
    lastBefore(substream, index),
  ]),
})

const lastOf = (model: Model, id: string): number | undefined => model.findLast(([one]) => one === id)?.[1]

const probes = Array.from({ length: 30 }, (_, i) => i)

const expected = (model: Model): ReturnType<typeof seen> => {
  const indices = model.map(([, index]) => index)
  return {
    indices,
    // The same id again is of a session that began anew: the last counts, also when those before are dropped.
    places: [...model.map(([id]) => lastOf(model, id)), undefined],
    at: probes.map((index) => [
      indices.filter((one) => one < index).length,
      indices.includes(index),
      indices.findLast((one) => one < index) ?? -1,
    ]),
  }
}

describe("a substream", () => {
  it("is a value: whatever is made of older versions, each stays what it was", () => {
    const steps = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 0, max: 4 }), fc.nat(30)), {
      maxLength: 25,
    })
    fc.assert(
      fc.property(steps, (list) => {
        const versions: Array<readonly [Substream, Model]> = [[emptySubstream, []]]
        for (const [which, gap, id] of list) {
          const [substream, model] = versions[which % versions.length] ?? [emptySubstream, []]
          const wanted = lastOf(model, `${id}`)
          // Being asked now, or not, must not change what it answers later.
          expect(gap % 2 === 0 ? indexOf(substream, `${id}`) : wanted).toBe(wanted)
          const index = (model.at(-1)?.[1] ?? -1) + 1 + gap
          versions.push(
            gap === 4
              ? [dropBefore(substream, id), model.filter(([, one]) => one >= id)]
              : [add(substream, `${id}`, index), [...model, [`${id}`, index]]],
          )
        }
        for (const [substream, model] of versions) {
          const ids = model.map(([id]) => id)
          expect(seen(substream, ids)).toEqual(expected(model))
        }
      }),
      { seed: 3 },
    )
  })
})
