import fc from "fast-check"
import { expect, test } from "vitest"
import type { Leader } from "../ingress/PeerHeaders.ts"
import { Leaders, type LeaderSource } from "./Leaders.ts"

const seed = 20_260_801
const peer = (name: string): Leader => ({ name, http: `${name}:1` })

/** A ring that a test answers for by hand. */
const asked = () => {
  const questions: Array<{
    readonly cell: number
    readonly avoid: string | null
    readonly answer: (leader: Leader | null) => void
  }> = []
  const source: LeaderSource = {
    reachable: () => true,
    find: (cell, avoid) => new Promise((resolve) => questions.push({ cell, avoid, answer: resolve })),
  }
  return { questions, leaders: new Leaders(8, source) }
}

test("is a map from cells to leaders from which a peer can be struck", () => {
  const step = fc.oneof(
    fc.record({ cell: fc.nat(7), learn: fc.constantFrom("a", "b", "c") }),
    fc.record({ forget: fc.constantFrom("a", "b", "c") }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { leaders } = asked()
      const model = new Map<number, string>()
      for (const one of steps) {
        if ("forget" in one) {
          leaders.forget(one.forget)
          for (const [cell, name] of model) if (name === one.forget) model.delete(cell)
        } else {
          leaders.learn(one.cell, peer(one.learn))
          model.set(one.cell, one.learn)
        }
        for (let cell = 0; cell < 8; cell++) expect(leaders.get(cell)?.name).toBe(model.get(cell))
      }
    }),
    { seed },
  )
})

test("who asks the same at the same time shares one question", async () => {
  const { questions, leaders } = asked()
  const searches = [leaders.find(3, null), leaders.find(3, null), leaders.find(4, null), leaders.find(3, "a")]
  expect(questions.map(({ cell, avoid }) => [cell, avoid])).toEqual([
    [3, null],
    [4, null],
    [3, "a"],
  ])
  for (const { answer } of questions) answer(peer("b"))
  expect(await Promise.all(searches)).toEqual([peer("b"), peer("b"), peer("b"), peer("b")])
  expect(leaders.get(3)).toEqual(peer("b"))
  void leaders.find(3, null)
  expect(questions).toHaveLength(4)
})

test("an answer that names the failed peer is passed on but not remembered, no answer neither", async () => {
  const { questions, leaders } = asked()
  const searches = [leaders.find(3, "a"), leaders.find(4, "a")]
  questions[0]?.answer(peer("a"))
  questions[1]?.answer(null)
  expect(await Promise.all(searches)).toEqual([peer("a"), null])
  expect([leaders.get(3), leaders.get(4)]).toEqual([undefined, undefined])
})

test("what the peers of a cell said meanwhile is not forgotten for the ring's word", async () => {
  const { questions, leaders } = asked()
  const search = leaders.find(3, null)
  leaders.learn(3, peer("b"))
  questions[0]?.answer(peer("a"))
  expect(await search).toEqual(peer("a"))
  expect(leaders.get(3)).toEqual(peer("b"))
})
