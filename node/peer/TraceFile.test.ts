import { appendFileSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import { opened } from "../testing/Opened.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { openTrace } from "./TraceFile.ts"

const line = (seq: number): TraceLine => ({
  t: 5,
  peer: "a",
  incarnation: 1,
  boot: 1,
  seq,
  type: "durable",
  upTo: seq,
})

test("lines are in the file as soon as they are taken, behind those of earlier lives", async () => {
  await using folder = await scratchDirectory()
  const file = join(folder.path, "a.jsonl")
  for (const seq of [0, 1]) {
    await using trace = await opened(openTrace(file, () => {}))
    trace.value([line(seq), line(seq + 10)])
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3 * seq + 3)
    // A process that is killed while it writes leaves half a line.
    appendFileSync(file, '{"t":')
  }
  const seqs = readFileSync(file, "utf8")
    .split("\n")
    .map((text) => (text.endsWith("}") ? (JSON.parse(text) as TraceLine).seq : text))
  expect(seqs).toEqual([0, 10, '{"t":', 1, 11, '{"t":'])
})

test("a file that cannot be opened is named, with what to do", async () => {
  await expect(opened(openTrace("/dev/null/trace", () => {}))).rejects.toMatchObject({
    reason: expect.stringMatching(/^--trace \/dev\/null\/trace cannot be written: .*; choose another file$/),
  })
})
