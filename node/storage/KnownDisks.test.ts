import { readFile, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fromHex } from "../../core/ring/RingId.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { KnownDisks } from "./KnownDisks.ts"

const peer = (digit: string, incarnation: number) => ({
  id: fromHex(digit.repeat(40)),
  incarnation,
  name: `peer-${digit}`,
  ring: "127.0.0.1:20001",
  http: "127.0.0.1:20002",
})

const [first, second] = ["1".repeat(32), "2".repeat(32)]

const asked = (data: string, ask: (known: KnownDisks) => ReadonlyArray<boolean>): ReadonlyArray<boolean> => {
  const known = new KnownDisks(data)
  try {
    return ask(known)
  } finally {
    known.close()
  }
}

const askAll = (known: KnownDisks): ReadonlyArray<boolean> => [
  known.isKnown(peer("a", 1), first),
  known.isKnown(peer("a", 1), second),
  known.isKnown(peer("a", 2), second),
  known.isKnown(peer("b", 1), first),
  known.isKnown(peer("a", 1), first),
]

test("an incarnation has the disk that it was first met with, for ever", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  expect(asked(data, askAll)).toEqual([true, false, true, true, true])
  const text = await readFile(join(data, "known-disks"), "utf8")
  expect(asked(data, askAll)).toEqual([true, false, true, true, true])
  expect(await readFile(join(data, "known-disks"), "utf8")).toBe(text)
})

test("a line that is cut off or damaged is forgotten, and no other", async () => {
  await using scratch = await scratchDirectory()
  const data = scratch.path
  const file = join(data, "known-disks")
  asked(data, (known) => ["a", "b", "c"].map((digit) => known.isKnown(peer(digit, 1), first)))
  const whole = await readFile(file, "utf8")
  await writeFile(file, whole.replace(first, second))
  await truncate(file, whole.length - 1 - 5)
  const ask = (known: KnownDisks): ReadonlyArray<boolean> =>
    ["a", "b", "c"].map((digit) => known.isKnown(peer(digit, 1), second))
  expect(asked(data, ask)).toEqual([true, false, true])
  expect(asked(data, ask)).toEqual([true, false, true])
})
