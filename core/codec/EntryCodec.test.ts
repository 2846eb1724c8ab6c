import { readFileSync, writeFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Entry } from "../replication/Entry.ts"
import { entries } from "./Entry.arbitrary.ts"
import { entrySamples } from "./Entry.samples.ts"
import { decodeEntry, encodeEntry, ENTRY_VERSION } from "./EntryCodec.ts"
import { fromHexText, hex, plain } from "./HexText.samples.ts"

test("what is decoded is what was encoded", () => {
  fc.assert(
    fc.property(entries, (entry) => {
      expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
    }),
  )
})

test("an encoded entry keeps no memory beside its own bytes, and a decoded one lies in them", () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const bytes = encodeEntry(entry)
      expect(bytes.buffer.byteLength).toBe(bytes.length)
      const decoded = decodeEntry(bytes)
      if (decoded.type !== "request") return
      expect(decoded.request.buffer).toBe(bytes.buffer)
      expect(decoded.response.buffer).toBe(bytes.buffer)
    }),
  )
})

/** Bytes are either refused with a place in them, or what encoding the entry gives. */
const accountedFor = (bytes: Uint8Array): boolean => {
  const result = decodeEntry(bytes)
  return result.type === "Problem"
    ? result.problem !== "" && result.offset >= 0 && result.offset <= bytes.length
    : hex(encodeEntry(result)) === hex(bytes)
}

describe("any bytes give an entry or a problem", () => {
  test("random ones", () => {
    const begun = fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 60 }))
    fc.assert(
      fc.property(begun, ([kind, rest]) => {
        expect(accountedFor(Uint8Array.from([ENTRY_VERSION, kind, ...rest]))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test("entries with one byte changed, taken out or put in", () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(255), fc.nat(2), (entry, at, byte, how) => {
        const bytes = [...encodeEntry(entry)]
        bytes.splice(at % bytes.length, how === 2 ? 0 : 1, ...(how === 1 ? [] : [byte]))
        expect(accountedFor(Uint8Array.from(bytes))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test("entries cut short, at every length", () => {
    for (const entry of entrySamples) {
      const bytes = encodeEntry(entry)
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeEntry(bytes.subarray(0, length))).toMatchObject({ type: "Problem" })
      }
    }
  })
})

test.each([
  ["another version", Uint8Array.of(2, 2, 1, 65, 0), 0, /version: must be 1, not 2/],
  ["another kind", Uint8Array.of(1, 3, 1, 65, 0), 1, /kind: must be 1 .request. or 2 .expire./],
  ["a client without name", Uint8Array.of(1, 2, 0, 0), 2, /client: must be 1 to 256 bytes/],
  ["another way of replay", Uint8Array.of(1, 1, 1, 65, 0, 1, 65, 3, 0, 0), 7, /replay: must be 0, 1 or 2/],
  ["a request beyond the end", Uint8Array.of(1, 1, 1, 65, 0, 1, 65, 0, 9, 0), 9, /request: 9 bytes long/],
  ["bytes after the end", Uint8Array.of(1, 2, 1, 65, 0, 7), 5, /ends before this byte/],
])("refused, with its place: %s", (_, bytes, offset, words) => {
  expect(decodeEntry(bytes)).toMatchObject({
    type: "Problem",
    offset,
    problem: expect.stringMatching(words),
  })
})

test("what could not be decoded is not encoded", () => {
  const [sample] = entrySamples
  const wrong: ReadonlyArray<Entry> = [
    { type: "expire", client: "", at: 0 },
    { type: "expire", client: "\u00fc".repeat(129), at: 0 },
    { type: "expire", client: "ada", at: -1 },
    { type: "expire", client: "ada", at: 0.5 },
    { ...(sample as Entry & { type: "request" }), id: "" },
    { ...(sample as Entry & { type: "request" }), id: "i".repeat(513) },
  ]
  for (const entry of wrong) expect(() => encodeEntry(entry)).toThrow(/cannot encode/)
})

// Changed on purpose? Then ENTRY_VERSION is another, and the bytes of this one must still be read.
describe("golden bytes (a new version? RINGSTEAD_GOLDEN=write npx vitest run core/codec)", () => {
  const file = new URL("golden.entries.json", import.meta.url)
  const current = {
    version: ENTRY_VERSION,
    entries: entrySamples.map((entry) => ({ entry: plain(entry), hex: hex(encodeEntry(entry)) })),
  }
  if (process.env["RINGSTEAD_GOLDEN"] === "write") {
    writeFileSync(file, `${JSON.stringify(current, undefined, 1)}\n`)
  }
  const golden = JSON.parse(readFileSync(file, "utf8")) as typeof current

  test("the format is that of this version", () => {
    expect(current).toEqual(golden)
  })

  test("old bytes are still read", () => {
    for (const one of golden.entries) expect(plain(decodeEntry(fromHexText(one.hex)))).toEqual(one.entry)
  })
})
