import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { emptyFifo, lengthOf, push, shift } from "./Fifo.ts"

describe("a fifo", () => {
  it("gives what it was given, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat())), (list) => {
        let fifo = emptyFifo<number>()
        const model: Array<number> = []
        for (const item of list) {
          const [first, rest] = (item === null ? shift(fifo) : undefined) ?? [undefined, fifo]
          expect(first).toBe(item === null ? model.shift() : undefined)
          fifo = item === null ? rest : push(rest, item)
          if (item !== null) model.push(item)
          expect(lengthOf(fifo)).toBe(model.length)
        }
      }),
      { seed: 4 },
    )
  })
})
