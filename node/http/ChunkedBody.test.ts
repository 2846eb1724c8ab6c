import fc from "fast-check"
import { expect, test } from "vitest"
import { ChunkedBody } from "./ChunkedBody.ts"

const seed = 20_260_801

/** Feeds `text` cut at `cuts`. @returns what was taken and what was left over, or "broken", or "unfinished". */
const read = (
  text: string,
  cuts: ReadonlyArray<number> = [],
): { body: string; rest: string } | "broken" | "unfinished" => {
  const body = new ChunkedBody()
  let taken = ""
  const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length]
  for (let i = 0; i + 1 < places.length; i++) {
    const bytes = Buffer.from(text.slice(places[i], places[i + 1]), "latin1")
    const used = body.read(bytes, 0, bytes.length, (data, from, to) => {
      taken += data.toString("latin1", from, to)
    })
    if (used < 0) return "broken"
    if (body.done) return { body: taken, rest: text.slice((places[i] ?? 0) + used) }
  }
  return "unfinished"
}

const data = fc.string({
  unit: fc.constantFrom("a", "\r", "\n", "0", ";", "\xff"),
  minLength: 1,
  maxLength: 40,
})
const extension = fc.constantFrom("", ";a", ";a=b", ';a="b c"')
const trailer = fc.constantFrom("", "A: b\r\n", "A: b\r\nC:\r\n")

test("a body in chunks is read whole however its bytes arrive, and nothing after it is touched", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(data, extension, fc.boolean())),
      trailer,
      fc.constantFrom("", "GET / HTTP/1.1\r\n", "\r\n"),
      fc.array(fc.nat(200)),
      (chunks, end, rest, cuts) => {
        const text =
          chunks
            .map(([content, more, upper]) => {
              const size = content.length.toString(16)
              return `${upper ? size.toUpperCase().padStart(4, "0") : size}${more}\r\n${content}\r\n`
            })
            .join("") + `0\r\n${end}\r\n${rest}`
        const whole = { body: chunks.map(([content]) => content).join(""), rest }
        expect(read(text)).toEqual(whole)
        expect(read(text, cuts)).toEqual(whole)
      },
    ),
    { seed, numRuns: 300 },
  )
})

test.each([
  ["no size", "\r\nabc\r\n0\r\n\r\n"],
  ["a size that is no hexadecimal number", "g\r\n"],
  ["a signed size", "+3\r\nabc\r\n0\r\n\r\n"],
  ["0x", "0x3\r\nabc\r\n0\r\n\r\n"],
  ["a space before the size", " 3\r\nabc\r\n"],
  ["a space after the size", "3 \r\nabc\r\n"],
  ["nine digits", "000000003\r\nabc\r\n"],
  ["a bare LF after the size", "3\nabc\r\n0\r\n\r\n"],
  ["a bare CR after the size", "3\rabc"],
  ["a bare LF in an extension", "3;a\nabc\r\n"],
  ["a control byte in an extension", "3;\x01\r\nabc\r\n"],
  ["an endless extension", `3;${"a".repeat(20_000)}`],
  ["data longer than its size", "3\r\nabcd\r\n0\r\n\r\n"],
  ["data shorter than its size", "4\r\nabc\r\n0\r\n\r\n"],
  ["a bare LF after the data", "3\r\nabc\n0\r\n\r\n"],
  ["a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"],
  ["a trailer that is no field", "0\r\nabc\r\n\r\n"],
  ["an endless trailer", `0\r\n${"A: b\r\n".repeat(5_000)}`],
])("broken: %s", (_, text) => {
  expect(read(text)).toBe("broken")
  expect(
    read(
      text,
      Array.from({ length: Math.min(text.length, 300) }, (__, i) => i),
    ),
  ).toBe("broken")
})

test("what is only a part stays unfinished", () => {
  const text = "3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"
  for (let length = 0; length < text.length; length++) expect(read(text.slice(0, length))).toBe("unfinished")
})
