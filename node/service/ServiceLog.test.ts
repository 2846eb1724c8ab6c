import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { openServiceLog, type ServiceLog } from "./ServiceLog.ts"

const withLog = (
  file: string,
  maxBytes: number,
  use: (log: ServiceLog) => Promise<unknown>,
  problems: Array<string> = [],
): Promise<unknown> =>
  Effect.runPromise(
    Effect.scoped(
      openServiceLog({ file, maxBytes, onProblem: (problem) => problems.push(problem) }).pipe(
        Effect.flatMap((log) => Effect.promise(() => use(log))),
      ),
    ),
  )

test("lines are appended in order, also to what was there", async () => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "deep", "service.log")
  await withLog(file, 1000, async (log) => {
    void log.append(["one", "two"])
    void log.append([])
    void log.append(["three"])
  })
  await withLog(file, 1000, (log) => log.append(["four"]))
  expect(await readFile(file, "utf8")).toBe("one\ntwo\nthree\nfour\n")
})

test("the log and its predecessor stay within their size, and the newest lines are there", async () => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "service.log")
  await withLog(file, 100, async (log) => {
    for (let i = 1000; i < 1100; i++) await log.append([`line ${i}`])
  })
  expect((await stat(file)).size).toBeLessThanOrEqual(100)
  expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(100)
  const kept = (await readFile(`${file}.1`, "utf8")) + (await readFile(file, "utf8"))
  const lines = kept.trim().split("\n")
  expect(lines).toEqual(lines.map((_, i) => `line ${1100 - lines.length + i}`))
})

test("a disk that is full is told once and stops nobody", async () => {
  const problems: Array<string> = []
  await withLog(
    "/dev/full",
    1000,
    async (log) => {
      await log.append(["one"])
      await log.append(["two"])
    },
    problems,
  )
  expect(problems).toEqual(["cannot write the service's log /dev/full: ENOSPC"])
})

test("a log that cannot be opened is an error that names it", async () => {
  await expect(withLog("/dev/null/service.log", 1000, async () => {})).rejects.toThrow(
    /^cannot write the service's log \/dev\/null\/service.log: .*; make its directory writable$/,
  )
})
