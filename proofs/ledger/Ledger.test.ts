import { readFileSync } from "node:fs"
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

test("every promise of README.md is a row of the ledger, and the other way round", () => {
  const [, section = ""] = read("../../README.md").split("## What a service is promised")
  const rows = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| ([^|]+?) +\|.*\|.*\|$/gm)].map(
    ([, row]) => row,
  )
  const promises = rows.slice(rows.indexOf("mode") + 1).filter((row) => !/^(-+|`--.*|flag)$/.test(row ?? ""))
  expect(promises.length).toBeGreaterThan(6)
  expect(new Set(promises)).toEqual(new Set(CLAIMS.flatMap(({ promise }) => promise ?? [])))
})

test("obligations have names of their own", () => {
  expect(new Set(obligations.map(({ name }) => name)).size).toBe(obligations.length)
})
