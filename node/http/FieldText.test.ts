import fc from "fast-check"
import { expect, test } from "vitest"
import { readClient, readLeader, clientLine, leaderLine } from "../ingress/PeerHeaders.ts"
import { decodeText, encodeText, textOf } from "./FieldText.ts"

const seed = 20_260_801
const text = fc.string({ unit: "grapheme", maxLength: 40 })

test("any text comes back from a field value, which is plain ASCII without spaces", () => {
  fc.assert(
    fc.property(text, (original) => {
      const value = encodeText(original)
      expect(value).toMatch(/^[\x21-\x7e]*$/)
      expect(decodeText(value)).toBe(original)
      expect(readClient(clientLine(original).slice("Ringstead-Client: ".length, -2))).toBe(original)
    }),
    { seed },
  )
  expect(["%", "%zz", "%ff", "a%c3"].map(decodeText)).toEqual([undefined, undefined, undefined, undefined])
})

test("bytes are read as UTF-8 when they are, else as latin1", () => {
  fc.assert(
    fc.property(text, (original) => {
      expect(textOf(Buffer.from(original).toString("latin1"))).toBe(original)
    }),
    { seed },
  )
  expect(textOf("caf\xe9")).toBe("caf\u00e9")
})

test("a leader comes back from its header, and nothing else is taken for one", () => {
  const leader = { name: "p-1", http: "[::1]:80" }
  expect(readLeader(leaderLine(leader).slice("Ringstead-Leader: ".length, -2))).toEqual(leader)
  for (const value of ["", " ", "p", "p ", " h:1", "p h:1 x", "p h", "p h:", "p h:x", "p :1", "p h:65536"])
    expect(readLeader(value)).toBeUndefined()
})
