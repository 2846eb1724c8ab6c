import fc from "fast-check"
import { expect, test } from "vitest"
import { WIRE_VERSION } from "../../core/codec/Codec.ts"
import { names, peers, ringIds } from "../../core/codec/Message.arbitrary.ts"
import { decodeControl, encodeControl, type Control } from "./Control.ts"
import { decodeGreeting, encodeGreeting, type Greeting, GREETING_LIMIT } from "./Handshake.ts"

const disks = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString("hex"))

const hellos = fc.record({
  type: fc.constant("Hello" as const),
  cluster: names,
  peer: fc.option(fc.record({ contact: peers, boot: fc.maxSafeNat(), disk: disks })),
  expected: fc.option(fc.record({ id: ringIds, incarnation: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })),
})

const refusals = fc.record({
  type: fc.constant("Refusal" as const),
  code: fc.constantFrom(
    "Malformed",
    "WrongVersion",
    "WrongCluster",
    "NotExpected",
    "TooMany",
    "Self",
    "Late",
    "OtherDisk",
  ),
  text: fc.string({ unit: "grapheme", maxLength: 20 }),
})

const greetings: fc.Arbitrary<Greeting> = fc.oneof(hellos, refusals)

const controls: fc.Arbitrary<Control> = fc.oneof(
  fc.record({
    type: fc.constant("Goodbye"),
    code: fc.constantFrom("Done", "Stopping", "Replaced", "Protocol", "Stalled", "Other"),
    text: fc.string({ unit: "grapheme", maxLength: 20 }),
  }),
  fc.record({ type: fc.constantFrom("Probe", "Echo") }),
)

const read = (bytes: Uint8Array) => decodeGreeting(bytes, 0, bytes.length)

test("greetings and control frames come back as they were, from anywhere in a buffer", () => {
  fc.assert(
    fc.property(greetings, controls, fc.nat(9), (greeting, control, gap) => {
      const [a, b] = [encodeGreeting(greeting), encodeControl(control)]
      const both = Buffer.concat([Buffer.alloc(gap), a, b])
      expect(a.length).toBeLessThanOrEqual(GREETING_LIMIT)
      expect(decodeGreeting(both, gap, gap + a.length)).toEqual(greeting)
      expect(decodeControl(both, gap + a.length, both.length)).toEqual(control)
    }),
  )
})

test("any bytes give something or a problem", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        greetings.map((one) => encodeGreeting(one)),
        controls.map(encodeControl),
        fc.uint8Array(),
      ),
      fc.nat(),
      fc.nat(255),
      (bytes, at, byte) => {
        const changed = bytes.slice()
        if (changed.length > 0) changed[at % changed.length] = byte
        expect(read(changed)).toHaveProperty("type")
        expect(decodeControl(changed, 0, changed.length)).toHaveProperty("type")
        expect(read(changed.subarray(0, at % (changed.length + 1)))).toHaveProperty("type")
      },
    ),
    { numRuns: 1_000 },
  )
})

test("a hello of another version is known for one, whatever follows; a refusal is understood from any version", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: WIRE_VERSION + 1, max: 65_535 }),
      fc.uint8Array(),
      refusals,
      (version, rest, refusal) => {
        const hello = encodeGreeting({ type: "Hello", cluster: "c", peer: null, expected: null }, version)
        expect(read(Buffer.concat([hello.subarray(0, 12), rest]))).toEqual({ type: "OtherVersion", version })
        expect(read(encodeGreeting(refusal, version))).toEqual(refusal)
      },
    ),
  )
})

test("a reason that only a later version knows reads as Other", () => {
  const bytes = encodeGreeting({ type: "Refusal", code: "Self", text: "x" })
  bytes[12] = 99
  expect(read(bytes)).toEqual({ type: "Refusal", code: "Other", text: "x" })
})
