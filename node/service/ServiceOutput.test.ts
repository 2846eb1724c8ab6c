import { PassThrough } from "node:stream"
import { expect, test } from "vitest"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { until } from "../testing/Until.ts"
import type { ServiceLog } from "./ServiceLog.ts"
import { followOutput, LINE_BYTES, tellingLine } from "./ServiceOutput.ts"

const follow = (append?: ServiceLog["append"]) => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const kept: Array<string> = []
  const events: Array<ProcessEvent> = []
  const log: ServiceLog = {
    file: "service.log",
    append: async (lines) => {
      kept.push(...lines)
      await append?.(lines)
    },
  }
  const output = followOutput({ stdout, stderr }, log, (event) => events.push(event))
  return { stdout, stderr, kept, events, output }
}

test("lines of both streams are shown and kept, the unfinished last one too", async () => {
  const { stdout, stderr, kept, events, output } = follow()
  stdout.end("one\ntw")
  stderr.end("oh\n")
  await output.ended
  expect(events).toContainEqual({ type: "service", stream: "out", line: "one" })
  expect(events).toContainEqual({ type: "service", stream: "out", line: "tw" })
  expect(events).toContainEqual({ type: "service", stream: "err", line: "oh" })
  expect(kept.toSorted()).toEqual(["oh", "one", "tw"])
})

test("a line without end comes in bounded pieces", async () => {
  const { stdout, stderr, events, output } = follow()
  stdout.end("x".repeat(3 * LINE_BYTES + 1))
  stderr.end()
  await output.ended
  const lengths = events.map((event) => (event.type === "service" ? event.line.length : 0))
  expect(lengths).toEqual([LINE_BYTES, LINE_BYTES, LINE_BYTES, 1])
})

test("of a flood all is kept, some is shown, and how much was not is told", async () => {
  const { stdout, stderr, kept, events, output } = follow()
  stdout.end("flood\n".repeat(20_000))
  stderr.end()
  await output.ended
  const shown = events.filter((event) => event.type === "service").length
  const told = events
    .filter((event) => event.type === "warning")
    .map((event) =>
      Number(/^([0-9]+) lines of the service not shown; they are in service.log$/.exec(event.reason)?.[1]),
    )
  expect(kept.length).toBe(20_000)
  expect(shown).toBeLessThan(20_000)
  expect(shown + told.reduce((sum, each) => sum + each, 0)).toBe(20_000)
})

test("nothing more is read while what was read is not in the log", async () => {
  const { promise: stuck, resolve: release } = Promise.withResolvers<void>()
  const { stdout, stderr, kept, output } = follow(() => stuck)
  stderr.end()
  let taken = 0
  while (taken < 1000 && stdout.write(`${"x".repeat(1023)}\n`)) taken++
  await until("the first piece arrives", () => kept.length > 0 || undefined)
  // The pipe fills up and stays so: what the service writes now waits for the log.
  while (taken < 1000 && stdout.write(`${"x".repeat(1023)}\n`)) taken++
  expect(taken).toBeLessThan(200)
  release()
  stdout.end()
  await output.ended
})

test("a stream that is destroyed is a stream that ended", async () => {
  const { stdout, stderr, events, output } = follow()
  stdout.write("last words")
  await until("it is read", () => stdout.readableLength === 0 || undefined)
  stdout.destroy()
  stderr.destroy(new Error("reset"))
  await output.ended
  expect(events).toContainEqual({ type: "service", stream: "out", line: "last words" })
})

test("the telling line is the last that names an error, else the last", () => {
  const uncaught = ["Error: Cannot find module 'x'", "    at Error (node:internal)", "}", "Node.js v24.21.0"]
  expect(tellingLine(uncaught)).toBe("Error: Cannot find module 'x'")
  expect(tellingLine(["sh: 1: nosuch: not found"])).toBe("sh: 1: nosuch: not found")
  expect(tellingLine(["starting", "bye\u001b[31mnow"])).toBe("bye [31mnow")
  expect(tellingLine(["x".repeat(1000)]).length).toBe(300)
  expect(tellingLine([])).toBe("")
})
