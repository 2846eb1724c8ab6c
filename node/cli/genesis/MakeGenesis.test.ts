import fc from "fast-check"
import { expect, test } from "vitest"
import { HASH_NAMES, isUnprotected, MODES, parseGenesis } from "../../../core/peer/Genesis.ts"
import { founder } from "./Founder.ts"
import { cautionsOf, clashOf, makeGenesis } from "./MakeGenesis.ts"

const founders = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), { minLength: 1, maxLength: 12 })
  .map((names) => names.map((name, i) => founder(`${name}=127.0.0.1:${7000 + i},127.0.0.1:${8000 + i}`)))

const choices = fc.record({
  cluster: fc.constantFrom("local", "a.b-c_d"),
  cells: fc.integer({ min: 0, max: 20 }).map((bits) => 2 ** bits),
  replicas: fc.constantFrom(1, 3, 5, 7, 9),
  successors: fc.constant(undefined),
  mode: fc.constantFrom(...MODES),
  hash: fc.array(fc.constantFrom(...HASH_NAMES), { minLength: 1, maxLength: 3 }),
  secret: fc.constant("0".repeat(64)),
  founders,
})

test("whatever is chosen, the file can be read back, and says so", () => {
  fc.assert(
    fc.property(choices, (chosen) => {
      const genesis = makeGenesis(chosen)
      expect(parseGenesis(JSON.stringify(genesis))).toEqual(genesis)
      expect(genesis.successors).toBeGreaterThanOrEqual(Math.max(1, chosen.replicas - 1))
      expect(new Set(genesis.founders)).toEqual(new Set(chosen.founders))
    }),
  )
})

test("fewer founders than replicas, or than L + 1, is said", () => {
  fc.assert(
    fc.property(choices, (chosen) => {
      const genesis = makeGenesis(chosen)
      const cautions = cautionsOf(genesis).join("\n")
      expect(cautions.includes("unprotected")).toBe(isUnprotected(genesis))
      expect(cautions.includes("may not heal")).toBe(genesis.founders.length < genesis.successors + 1)
    }),
  )
})

test("a founder stands at the SHA-1 of its name, or where it is placed", () => {
  expect(founder("a=h:1,h:2").id).toBe("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")
  expect(founder("a=h:1,[::1]:2@8")).toMatchObject({ id: `8${"0".repeat(39)}`, ring: "h:1", http: "[::1]:2" })
  expect(() => founder("a=h:1")).toThrow(/NAME=RINGHOST:PORT,HTTPHOST:PORT/)
  expect(() => founder("a=h:1,h:2@zz")).toThrow(/hexadecimal/)
})

test.each([
  [["a=h:1,h:2", "a=h:3,h:4"], "founders a and a have the same name a"],
  [["a=h:1,h:2@8", "b=h:3,h:4@80"], `founders a and b have the same place 8${"0".repeat(39)}`],
  [["a=h:1,h:2", "b=h:2,h:3"], "founders a and b have the same address h:2"],
  [["a=h:1,h:1"], "founder a has the same address h:1 for its ring port and its HTTP port"],
  [["a=h:1,h:2", "b=h:3,h:4"], undefined],
])("%j clash: %s", (written, clash) => {
  expect(clashOf(written.map(founder))).toBe(clash)
})
