import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MAX_CELLS } from "../ring/Cell.ts"
import { fromBigInt, SIZE } from "../ring/RingId.ts"
import {
  defaultSuccessors,
  type Genesis,
  HASH_NAMES,
  isAddress,
  isName,
  isUnprotected,
  parseGenesis,
} from "./Genesis.ts"

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/)
const host = fc.constantFrom("127.0.0.1", "localhost", "peer-1.example.org", "[::1]", "[fe80::2]")
const address = fc.tuple(host, fc.integer({ min: 1, max: 65_535 })).map(([at, port]) => `${at}:${port}`)

const founders = fc
  .uniqueArray(
    fc.record({
      id: fc.bigInt({ min: 0n, max: SIZE - 1n }).map(fromBigInt),
      incarnation: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      name,
      ring: address,
      http: address,
    }),
    { minLength: 1, maxLength: 8, comparator: (a, b) => a.id === b.id || a.name === b.name },
  )
  .map((peers) => peers.toSorted((a, b) => (a.id < b.id ? -1 : 1)))

const genesis: fc.Arbitrary<Genesis> = fc
  .record({
    version: fc.constant(1 as const),
    cluster: name,
    cells: fc.integer({ min: 0, max: 20 }).map((power) => 2 ** power),
    replicas: fc.constantFrom(1, 3, 5, 7, 9),
    hash: fc.array(fc.constantFrom(...HASH_NAMES), { minLength: 1, maxLength: 4 }),
    secret: fc.stringMatching(/^[0-9a-f]{64}$/),
    founders,
  })
  .chain((rest) =>
    fc
      .integer({ min: Math.max(1, rest.replicas - 1), max: 16 })
      .map((successors) => ({ ...rest, successors })),
  )

const problemOf = (value: unknown): string => {
  const result = parseGenesis(JSON.stringify(value))
  return "problem" in result ? result.problem : ""
}

test("every valid genesis is read back as it was written", () => {
  fc.assert(
    fc.property(genesis, (value) => {
      expect(parseGenesis(JSON.stringify(value, null, 2))).toEqual(value)
    }),
  )
})

test("no text and no JSON makes it throw, and what is no genesis gets one line that says why", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseGenesis(text)).toEqual({ problem: expect.stringMatching(/^[^\n]+$/) })
    }),
    { numRuns: 500 },
  )
})

describe("each field, were it anything else, is refused by its name", () => {
  const anything = fc.jsonValue()
  const shape = genesis.map((value) => ({ ...value }))

  test.each(["version", "cluster", "cells", "replicas", "successors", "hash", "secret", "founders"] as const)(
    "%s",
    (field) => {
      fc.assert(
        fc.property(shape, anything, (value, other) => {
          const wrong = JSON.stringify({ ...value, [field]: other })
          const result = parseGenesis(wrong)
          // Arbitrary JSON may hit on a possible value; any other must be blamed on the field.
          const isBlamed = "problem" in result ? result.problem.includes(field) : true
          expect({ isBlamed, field, result }).toMatchObject({ isBlamed: true })
          const { [field]: _, ...without } = value
          expect(problemOf(without)).toContain(field)
        }),
      )
    },
  )

  test.each(["id", "incarnation", "name", "ring", "http"] as const)("founders[i].%s", (field) => {
    const picked = fc.tuple(shape, fc.nat(), anything)
    fc.assert(
      fc.property(picked, ([value, pick, other]) => {
        const at = pick % value.founders.length
        const put = (change: object) => ({
          ...value,
          founders: value.founders.map((founder, i) => (i === at ? { ...founder, ...change } : founder)),
        })
        const result = parseGenesis(JSON.stringify(put({ [field]: other })))
        const isBlamed = "problem" in result ? result.problem.includes("founders[") : true
        expect({ isBlamed, field, result }).toMatchObject({ isBlamed: true })
        expect(problemOf(put({ [field]: undefined }))).toContain(`founders[${at}].${field}`)
      }),
    )
  })
})

describe("values just outside what a field allows", () => {
  const [valid] = fc.sample(
    genesis.filter((value) => value.replicas === 3 && value.founders.length >= 2),
    { seed: 1, numRuns: 1 },
  )
  const [first, second] = valid?.founders ?? []

  test.each<[string, object]>([
    ["version", { version: 2 }],
    ["cluster", { cluster: "" }],
    ["cluster", { cluster: "a".repeat(65) }],
    ["cluster", { cluster: "a b" }],
    ["cluster", { cluster: "a\n" }],
    ["cells", { cells: 0 }],
    ["cells", { cells: 3 }],
    ["cells", { cells: "8" }],
    ["cells", { cells: 2 * MAX_CELLS }],
    ["replicas", { replicas: 2 }],
    ["replicas", { replicas: 11 }],
    ["replicas", { replicas: 2.5 }],
    ["successors", { successors: 1 }],
    ["successors", { successors: 17 }],
    ["hash", { hash: [] }],
    ["hash", { hash: ["sha1", "sha512"] }],
    ["hash", { hash: "sha1" }],
    ["secret", { secret: "0".repeat(63) }],
    ["secret", { secret: "A".repeat(64) }],
    ["founders", { founders: [] }],
    ["founders[1]: founders must be in increasing order", { founders: [second, first] }],
    ["founders[1]: founders must be in increasing order", { founders: [first, { ...first, name: "other" }] }],
    ["founders[1]: two founders are named", { founders: [first, { ...second, name: first?.name }] }],
    ["founders[0].id", { founders: [{ ...first, id: first?.id.slice(1) }] }],
    ["founders[0].incarnation", { founders: [{ ...first, incarnation: 0 }] }],
    ["founders[0].incarnation", { founders: [{ ...first, incarnation: 2 ** 32 }] }],
    ["founders[0].name", { founders: [{ ...first, name: "" }] }],
    ["founders[0].ring", { founders: [{ ...first, ring: "127.0.0.1" }] }],
    ["founders[0].http", { founders: [{ ...first, http: "127.0.0.1:65536" }] }],
    ["founders[0] is not an object", { founders: [null] }],
  ])("%s (%#)", (expected, change) => {
    expect(problemOf(valid)).toBe("")
    expect(problemOf({ ...valid, ...change })).toContain(expected)
  })
})

test("what is not an object is no genesis", () => {
  expect(parseGenesis("{")).toEqual({ problem: "it is not JSON" })
  expect(parseGenesis("[]")).toEqual({ problem: "it is not an object" })
  expect(parseGenesis("null")).toEqual({ problem: "it is not an object" })
})

test("names and addresses", () => {
  fc.assert(
    fc.property(name, address, (text, where) => {
      expect([isName(text), isAddress(where)]).toEqual([true, true])
    }),
  )
  for (const text of ["", "a b", "é", "a/b", "a\u0000", "x".repeat(65), 7, null])
    expect(isName(text)).toBe(false)
  for (const text of [
    "",
    "host",
    ":80",
    "host:0",
    "host:65536",
    "host:8o",
    "a b:80",
    "host:80 ",
    "::1:80",
    80,
  ]) {
    expect(isAddress(text)).toBe(false)
  }
})

test("fewer founders than replicas are allowed and marked; small clusters have short successor lists", () => {
  fc.assert(
    fc.property(genesis, (value) => {
      expect(isUnprotected(value)).toBe(value.founders.length < value.replicas)
    }),
  )
  expect([1, 3, 6, 7, 128].map(defaultSuccessors)).toEqual([2, 2, 2, 4, 4])
})
