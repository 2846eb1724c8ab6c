import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { HASH_NAMES, type HashName } from "../peer/Genesis.ts"
import { cellOf } from "../ring/Cell.ts"
import { isRingId } from "../ring/RingId.ts"
import { makeHasher } from "./Hasher.ts"

/** Names as clients have them, of any length and script, lone surrogates included. */
const name = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 130 }),
  fc.string({ unit: "binary", maxLength: 130 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((codes) => String.fromCharCode(...codes)),
)
const chain = fc.array(fc.constantFrom(...HASH_NAMES), { minLength: 1, maxLength: 4 })

/** The same by Node's own hashes. */
const expected = (hashes: ReadonlyArray<HashName>, text: string): string => {
  const digest = hashes.reduce(
    (bytes, hash) => createHash(hash).update(bytes).digest(),
    Buffer.from(text, "utf8"),
  )
  return digest.toString("hex").slice(0, 40).padEnd(40, "0")
}

test("every chain of hashes gives the id that Node's hashes give", () => {
  fc.assert(
    fc.property(chain, name, (hashes, text) => {
      expect(makeHasher(hashes)(text)).toBe(expected(hashes, text))
    }),
    { numRuns: 300 },
  )
})

test("SHA-1 of names of every length up to three blocks, ASCII and not", () => {
  const hasher = makeHasher(["sha1"])
  for (let length = 0; length <= 192; length++) {
    for (const unit of ["a", "\u007f", "\u00e9", "\u4e16", "\u{1f600}"]) {
      const text = unit.repeat(length)
      expect(hasher(text)).toBe(expected(["sha1"], text))
    }
  }
})

test("an id is a ring id; its upper bits and its cell are the same by the short way", () => {
  fc.assert(
    fc.property(chain, name, fc.integer({ min: 0, max: 20 }), (hashes, text, power) => {
      const hasher = makeHasher(hashes)
      const id = hasher(text)
      expect(isRingId(id)).toBe(true)
      expect(hasher.upper(text)).toBe(Number(BigInt(`0x${id}`) >> 128n))
      expect(hasher.cell(text, 2 ** power)).toBe(cellOf(id, 2 ** power))
    }),
    { numRuns: 300 },
  )
})

describe("published vectors", () => {
  // FIPS 180-4 examples for SHA-1 and SHA-256 (cut to 160 bits), RFC 1321 A.5 for MD5 (32 zero bits added).
  test.each<[HashName, string, string]>([
    ["sha1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ["sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    [
      "sha1",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    ],
    ["sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a3"],
    [
      "sha256",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce459",
    ],
    ["md5", "", "d41d8cd98f00b204e9800998ecf8427e00000000"],
    ["md5", "message digest", "f96b697d7cb7938d525a2f31aaf161d000000000"],
  ])("%s of %j", (hash, text, id) => {
    expect(makeHasher([hash])(text)).toBe(id)
  })
})

test("MD5 fills the cells as evenly as the others", () => {
  // 64 cells, 6,400 fixed names: chi-squared with 63 degrees of freedom stays below 103 in 999 of 1,000 cases.
  for (const hash of HASH_NAMES) {
    const hasher = makeHasher([hash])
    const counts = Array.from({ length: 64 }, () => 0)
    for (let client = 0; client < 6400; client++) {
      const cell = hasher.cell(`client-${client}`, 64)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
    expect(counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(103)
  }
})

test("a chain without a hash is refused", () => {
  expect(() => makeHasher([])).toThrow(/hash chain is empty; name at least one of sha1, md5, sha256/)
})
