import * as fc from "fast-check"
import { expect, test } from "vitest"
import { LineSplitter } from "./LineSplitter.ts"

const split = (bytes: Buffer, maxBytes: number, cuts: ReadonlyArray<number>): Array<string> => {
  const splitter = new LineSplitter(maxBytes)
  const lines: Array<string> = []
  let from = 0
  for (const cut of [...new Set(cuts.map((each) => each % (bytes.length + 1)))].toSorted((a, b) => a - b)) {
    lines.push(...splitter.push(bytes.subarray(from, cut)))
    from = cut
  }
  lines.push(...splitter.push(bytes.subarray(from)), ...splitter.end())
  return lines
}

const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", "🦆", "\n", " "), maxLength: 80 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

test("the lines are those of the text, however it arrives", () => {
  fc.assert(
    fc.property(text, cuts, (given, at) => {
      const whole = given.endsWith("\n") ? given.slice(0, -1) : given
      expect(split(Buffer.from(given), 4096, at)).toEqual(given === "" ? [] : whole.split("\n"))
    }),
    { seed: 41 },
  )
})

test("a line that is too long comes in pieces: bounded, whole characters, nothing lost", () => {
  fc.assert(
    fc.property(text, cuts, fc.integer({ min: 4, max: 12 }), (given, at, maxBytes) => {
      const lines = split(Buffer.from(given), maxBytes, at)
      for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes)
      expect(lines.join("")).toBe(given.replaceAll("\n", ""))
    }),
    { seed: 42 },
  )
})

test("a return before the newline belongs to it", () => {
  expect(new LineSplitter(80).push(Buffer.from("one\r\ntwo\n"))).toEqual(["one", "two"])
})

test("bytes that are no UTF-8 do no harm", () => {
  const lines = split(Buffer.from([...Array<number>(6).fill(0x80), 0x0a, 0xff]), 4, [3])
  expect(lines).toEqual(["\ufffd".repeat(4), "\ufffd".repeat(2), "\ufffd"])
})
