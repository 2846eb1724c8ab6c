import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutants, obligations } from "../Systems.ts"
import { CLAIMS } from "./Claims.ts"
import { mismatches, text } from "./Ledger.ts"

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

test("LEDGER.md is what `ringstead prove --ledger` writes", () => {
  expect(read("../LEDGER.md")).toBe(text(obligations, mutants))
})

test("every proved claim rests on obligations, and every obligation carries a claim", () => {
  expect(mismatches(obligations)).toEqual([])
  expect(mismatches(obligations.filter(({ name }) => !name.startsWith("arithmetic/Rank")))).toEqual([
    "hops rests on arithmetic/RankBound, which is no obligation",
    "hops rests on arithmetic/RankFinger, which is no obligation",
  ])
})

/** The first cells of the rows of the tables in a section of README. */
const rowsOf = (section: string): ReadonlyArray<string> => {
  const [, rest = ""] = read("../../README.md").split(`## ${section}`)
  return [...(rest.split("\n## ")[0] ?? "").matchAll(/^\| ([^|]+?) +\|.*\|$/gm)].map(([, row = ""]) => row)
}

test("every promise of README.md is a row of the ledger, and the other way round", () => {
  const service = rowsOf("What a service is promised")
  const rows = [
    ...service.slice(service.indexOf("mode") + 1, service.indexOf("flag")),
    ...rowsOf("Promises, and what holds us to them").slice(1),
  ].filter((row) => !/^-+$/.test(row))
  const promises = [...new Set(CLAIMS.flatMap((claim) => claim.promises ?? []))]
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.filter((row) => !promises.some((promise) => row.startsWith(promise)))).toEqual([])
  expect(promises.filter((promise) => !rows.some((row) => row.startsWith(promise)))).toEqual([])
})

test("every test that the ledger names exists, and none is all of them", () => {
  const commands = CLAIMS.filter(({ grade }) => grade === "tested").map(({ command }) => command)
  const paths = commands.flatMap((command) =>
    command.split("; ").map((one) => {
      const [, project, files = ""] =
        /^npx vitest run --project (fast|compute|slow|long) (.+)$/.exec(one) ?? []
      expect(project).not.toBe(undefined)
      return files.split(" ")
    }),
  )
  const missing = paths.flat().filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))
  expect(missing).toEqual([])
})

test("obligations have names of their own", () => {
  expect(new Set(obligations.map(({ name }) => name)).size).toBe(obligations.length)
})
