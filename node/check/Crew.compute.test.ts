import { expect, test } from "vitest"
import type { Limits } from "../../spec/explorer/Ledger.ts"
import { search } from "./Search.ts"
import { loadSubject, subjectUrl } from "./Subjects.ts"

const searched = async (name: string, options: unknown, limits: Limits, workers: number) =>
  search({ module: subjectUrl(name), options }, limits, workers, new AbortController().signal)

const scopeOf = async (name: string, index: number, rules?: string): Promise<unknown> => {
  const { scopes } = await loadSubject(name)
  return scopes(rules === undefined ? {} : { rules })[index]?.options
}

/** Each has levels of more states than it takes to share them among three. */
test.each<readonly [name: string, options: () => Promise<unknown>, limits: Limits]>([
  ["journal", () => scopeOf("journal", 2), { states: 21_000 }],
  ["ring", () => scopeOf("ring", 0), {}],
  ["ring", () => scopeOf("ring", 0, "original"), { states: 60_000, stopAt: "all" }],
  ["core", () => scopeOf("core", 3), { states: 21_000 }],
])(
  "by three threads %s is explored as by one: the same states, the same findings",
  async (name, of, limits) => {
    const options = await of()
    const [one, three] = [await searched(name, options, limits, 1), await searched(name, options, limits, 3)]
    expect(three).toEqual(one)
    expect(one.distinct).toBeGreaterThan(20_000)
  },
)
