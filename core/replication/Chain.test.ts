import { createHash, hash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { chain, digestOf, headAfter } from "./Chain.ts"
import { type Hash, NO_HASH } from "./Durable.ts"
import type { SentItem } from "./ReplicaMessage.ts"

const native = (bytes: Uint8Array): Hash => hash("sha256", bytes) as Hash

const blocks = fc.uint8Array({ minLength: 1, maxLength: 300 })

test("digest and head are those of SHA-256 by another hand", () => {
  fc.assert(
    fc.property(blocks, blocks, (one, two) => {
      expect(digestOf(one)).toBe(native(one))
      const head = createHash("sha256")
        .update(Buffer.from(native(one), "hex"))
        .update(Buffer.from(native(two), "hex"))
        .digest("hex")
      expect(headAfter(native(one), native(two))).toBe(head)
    }),
  )
})

test("a native SHA-256 gives the same chain", () => {
  fc.assert(
    fc.property(fc.array(blocks, { maxLength: 5 }), (list) => {
      const items = list.map((bytes) => ({ bytes }))
      expect(chain(NO_HASH, items, native)).toEqual(chain(NO_HASH, items))
    }),
  )
})

test("a chain in two parts is the chain in one, and an expired entry leaves the headOf as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(blocks, fc.boolean()), { maxLength: 6 }), fc.nat(6), (list, cut) => {
      const whole = chain(
        NO_HASH,
        list.map(([bytes]) => ({ bytes })),
      )
      const sent = list.map(([bytes, expired]): SentItem =>
        expired ? { digest: digestOf(bytes) } : { bytes },
      )
      const first = chain(NO_HASH, sent.slice(0, cut))
      const rest = chain(first.at(-1)?.head ?? NO_HASH, sent.slice(cut))
      const both = [...first, ...rest]
      expect(both.map(({ digest, head }) => ({ digest, head }))).toEqual(
        whole.map(({ digest, head }) => ({ digest, head })),
      )
      expect(both.map(({ bytes }) => bytes)).toEqual(list.map(([bytes, expired]) => (expired ? null : bytes)))
    }),
  )
})

const headOf = (...texts: ReadonlyArray<string>) =>
  chain(
    NO_HASH,
    texts.map((text) => ({ bytes: new TextEncoder().encode(text) })),
  ).at(-1)?.head

test("the head depends on every entry and on their order", () => {
  expect(
    new Set([headOf("a", "b"), headOf("b", "a"), headOf("ab"), headOf("a"), headOf("a", "b", "b")]).size,
  ).toBe(5)
})
