import fc from "fast-check"
import { expect, test } from "vitest"
import { isAddress, isName } from "../peer/Genesis.ts"
import { addresses, names, ringIds } from "./Message.arbitrary.ts"
import { Reader } from "./Reader.ts"
import { Writer } from "./Writer.ts"

const readerOf = (write: (writer: Writer) => void): Reader => {
  const writer = new Writer(0)
  write(writer)
  return new Reader(writer.bytes, 0, writer.at)
}

/** What reading gives, or undefined when it fails. */
const outcome = <A>(reader: Reader, read: (reader: Reader) => A): A | undefined => {
  const value = read(reader)
  return reader.finish() === undefined ? value : undefined
}

/** Texts that are names or addresses, or nearly. */
const nearly = fc
  .oneof(
    names,
    addresses,
    fc.string({ unit: fc.constantFrom(..."aZ09.-_:[]fg \u00e9".split("")), maxLength: 12 }),
  )
  .chain((text) => fc.constantFrom(text, `${text}:1`, `${text}0`, `[${text}]:80`, text.slice(1), `:${text}`))

test("a name is read exactly when Genesis calls it one", () => {
  fc.assert(
    fc.property(nearly, (text) => {
      const read = outcome(
        readerOf((w) => w.text(text)),
        (r) => r.name("x"),
      )
      expect(read).toBe(isName(text) ? text : undefined)
    }),
    { numRuns: 1_000 },
  )
})

test("an address is read exactly when Genesis calls it one", () => {
  fc.assert(
    fc.property(nearly, (text) => {
      const read = outcome(
        readerOf((w) => w.text(text)),
        (r) => r.address("x"),
      )
      expect(read).toBe(isAddress(text) ? text : undefined)
    }),
    { numRuns: 2_000 },
  )
})

test("ids and numbers come back, and numbers only up to the bound", () => {
  fc.assert(
    fc.property(ringIds, fc.maxSafeNat(), fc.maxSafeNat(), (id, value, most) => {
      expect(
        outcome(
          readerOf((w) => w.id(id)),
          (r) => r.id("x"),
        ),
      ).toBe(id)
      expect(
        outcome(
          readerOf((w) => w.varint(value)),
          (r) => r.varint("x", most),
        ),
      ).toBe(value <= most ? value : undefined)
    }),
  )
})

test("texts come back, with a lone surrogate made U+FFFD", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 200 })), (text) => {
      expect(
        outcome(
          readerOf((w) => w.text(text)),
          (r) => r.text("x"),
        ),
      ).toBe(text.toWellFormed())
    }),
  )
  expect(readerOf((w) => w.text("a\ud800b")).text("x")).toBe("a\ufffdb")
})

test("after a problem everything reads as nothing, and the first problem stays", () => {
  const reader = new Reader(Uint8Array.of(9, 9, 2, 1), 1, 4)
  reader.byte("a")
  expect(reader.bool("b")).toBe(false)
  expect([
    reader.varint("c", 9),
    reader.text("d"),
    reader.name("e"),
    reader.address("f"),
    reader.id("g"),
  ]).toEqual([0, "", "", "", ""])
  expect(reader.finish()).toEqual({ type: "Problem", offset: 1, problem: "b: must be 0 or 1" })
})
