import fc from "fast-check"
import { expect, test } from "vitest"
import { nobody, peer } from "../peer/Peer.samples.ts"
import {
  awaitAnswer,
  CALM_TICKS,
  clear,
  type Detector,
  emptyDetector,
  heard,
  isUsable,
  MAX_SUSPECTED,
  MOST_PATIENCE,
  patienceWith,
  suspect,
  tick,
} from "./Detector.ts"

const neighbour = peer(1)
const other = peer(2)
const silence = (detector: Detector, of = neighbour): number | undefined =>
  detector.watched.get(of.id)?.silent

test("silence is the number of ticks that count since a neighbour was first watched or last heard", () => {
  const happenings = fc.array(fc.constantFrom("heard", "tick", "late tick"), { maxLength: 40 })
  fc.assert(
    fc.property(happenings, (list) => {
      let detector = tick(emptyDetector, [neighbour], true)
      let expected = 0
      for (const what of list) {
        if (what === "heard") {
          detector = heard(detector, neighbour)
          expected = 0
        } else {
          detector = tick(detector, [neighbour], what === "tick")
          if (what === "tick") expected++
        }
        expect(silence(detector)).toBe(expected)
      }
    }),
  )
})

test("who is no neighbour any more is forgotten, unless an answer is due; once it answered it is forgotten too", () => {
  let detector = tick(emptyDetector, [neighbour, other], true)
  detector = tick(awaitAnswer(detector, other), [], true)
  expect([...detector.watched.keys()]).toEqual([other.id])
  expect(silence(detector, other)).toBe(1)
  detector = tick(heard(detector, other), [], true)
  expect(detector.watched.size).toBe(0)
})

test("waiting for an answer does not forgive silence, nor does it start anew when asked twice", () => {
  let detector = tick(tick(emptyDetector, [neighbour], true), [neighbour], true)
  detector = awaitAnswer(detector, neighbour)
  expect(silence(detector)).toBe(1)
  expect(awaitAnswer(detector, neighbour)).toBe(detector)
})

test("what is no news changes nothing: the very same detector comes back", () => {
  const detector = heard(tick(emptyDetector, [neighbour], true), neighbour)
  expect(heard(detector, neighbour)).toBe(detector)
  expect(heard(detector, other)).toBe(detector)
})

test("the dead are not watched and not usable until they are cleared; nobody never is", () => {
  let detector = suspect(tick(emptyDetector, [neighbour], true), neighbour, "reset")
  expect(detector.watched.size).toBe(0)
  expect(isUsable(detector, neighbour)).toBe(false)
  detector = clear(detector, neighbour)
  expect(isUsable(detector, neighbour)).toBe(true)
  expect(isUsable(detector, nobody(1))).toBe(false)
})

test("the death of an incarnation is that of all before it and of none after it", () => {
  const detector = suspect(emptyDetector, peer(1, 2), "reset")
  expect([1, 2, 3].map((incarnation) => isUsable(detector, peer(1, incarnation)))).toEqual([
    false,
    false,
    true,
  ])
})

test("the silence of an incarnation is not held against the next one", () => {
  const silent = tick(tick(emptyDetector, [neighbour], true), [neighbour], true)
  const reborn = peer(1, 2)
  for (const detector of [tick(silent, [reborn], true), awaitAnswer(silent, reborn)]) {
    expect(detector.watched.get(neighbour.id)).toMatchObject({ peer: reborn, silent: 0 })
  }
})

test("a peer that was taken for dead for its silence alone is waited for twice as long, up to a limit, until all is calm", () => {
  const mistaken = (detector: Detector): Detector => clear(suspect(detector, neighbour, "silent"), neighbour)
  const calm = (detector: Detector, ticks: number): Detector =>
    Array.from({ length: ticks }).reduce<Detector>((all) => tick(all, [other], true), detector)
  let detector = emptyDetector
  const seen: Array<number> = []
  for (let i = 0; i < 5; i++) {
    detector = mistaken(detector)
    seen.push(patienceWith(detector, neighbour))
  }
  expect(seen).toEqual([2, 4, 4, 4, 4])
  expect(MOST_PATIENCE).toBe(4)
  expect(patienceWith(detector, other)).toBe(1)
  detector = calm(detector, CALM_TICKS - 1)
  expect(patienceWith(detector, neighbour)).toBe(4)
  detector = calm(detector, 1)
  expect(patienceWith(detector, neighbour)).toBe(2)
  detector = calm(detector, CALM_TICKS)
  expect([patienceWith(detector, neighbour), detector.mistakes.size]).toEqual([1, 0])
})

test("a peer that was reset or left and is back was no mistake", () => {
  for (const reason of ["reset", "leaving"] as const) {
    const detector = clear(suspect(emptyDetector, neighbour, reason), neighbour)
    expect(patienceWith(detector, neighbour)).toBe(1)
  }
})

test("only so many dead are remembered, the latest ones, however often they were suspected before", () => {
  let detector = emptyDetector
  for (let n = 0; n < MAX_SUSPECTED; n++) detector = suspect(detector, peer(n), "silent")
  detector = suspect(detector, peer(0), "reset")
  for (let n = MAX_SUSPECTED; n < MAX_SUSPECTED + 10; n++) detector = suspect(detector, peer(n), "silent")
  expect(detector.suspected.size).toBe(MAX_SUSPECTED)
  expect([0, 1, 10, 11].map((n) => isUsable(detector, peer(n)))).toEqual([false, true, true, false])
})

test("a detector is never changed in place", () => {
  const before = suspect(tick(emptyDetector, [neighbour], true), other, "silent")
  const copy = structuredClone(before)
  heard(tick(before, [neighbour], true), neighbour)
  awaitAnswer(before, peer(3))
  suspect(before, neighbour, "reset")
  clear(before, other)
  expect(before).toEqual(copy)
})
