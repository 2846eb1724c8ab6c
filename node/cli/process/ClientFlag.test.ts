import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ClientSource } from "../../dispatcher/DispatchOptions.ts"
import { clientSources, clientsOrDefault, writeClientSources } from "./ClientFlag.ts"

const source: fc.Arbitrary<ClientSource> = fc.oneof(
  fc.constantFrom({ kind: "cookie" }, { kind: "basic" }, { kind: "address" }),
  fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/).map((header) => ({ kind: "header" as const, header })),
)

test("what is written for a process is what it reads", () => {
  fc.assert(
    fc.property(fc.array(source, { minLength: 1, maxLength: 5 }), (sources) => {
      expect(clientSources(writeClientSources(sources))).toEqual(sources)
    }),
  )
})

test("header names are the same in any case; the default is our cookie", () => {
  expect(clientSources("header:X-User")).toEqual([{ kind: "header", header: "x-user" }])
  expect(clientsOrDefault([])).toEqual([{ kind: "cookie" }])
  expect(clientsOrDefault([clientSources("header:a,basic"), clientSources("address")])).toHaveLength(3)
})

describe("what is no source is refused", () => {
  test.each(["", "header", "header:", "header:two words", "header:a:b", "cookie,", "Cookie"])(
    "%j",
    (written) => {
      expect(() => clientSources(written)).toThrow(/header:NAME, cookie, basic or address/)
    },
  )
})
