/** The longest text, in bytes, that fits into one block of SHA-1 beside its padding and its length. */
const LONGEST = 55

/** The block being hashed, as sixteen big-endian words; every call overwrites it whole. */
const block = new Int32Array(16)

const K0 = 0x5a827999
const K1 = 0x6ed9eba1
const K2 = 0x8f1bbcdc | 0
const K3 = 0xca62c1d6 | 0

/**
 * SHA-1 of a short ASCII text, without allocating anything: the hot path from a client's name to its place.
 *
 * Ordinary names hash here several times faster than in @noble/hashes, whose digests it is tested against for every
 * length. The rounds are written out because a loop over them costs a third more, which would miss the goal
 * (Hasher.bench.ts).
 *
 * Source: FIPS 180-4, sections 5.1.1 and 6.1.2.
 *
 * @param digest receives the digest in its first 20 bytes; untouched when not hashed.
 * @returns whether `text` was hashed: false unless it is ASCII of at most 55 characters.
 */
export const sha1Short = (text: string, digest: DataView): boolean => {
  if (text.length > LONGEST || !load(text)) return false
  compress(digest)
  return true
}

/** Fills the block with `text`, the bit that ends it, zeros, and its length in bits. */
const load = (text: string): boolean => {
  const { length } = text
  let at = 0
  let word = 0
  for (; at + 4 <= length; at += 4) {
    const c0 = text.charCodeAt(at)
    const c1 = text.charCodeAt(at + 1)
    const c2 = text.charCodeAt(at + 2)
    const c3 = text.charCodeAt(at + 3)
    if ((c0 | c1 | c2 | c3) > 0x7f) return false
    block[word++] = (c0 << 24) | (c1 << 16) | (c2 << 8) | c3
  }
  let last = 0
  let shift = 24
  for (; at < length; at++, shift -= 8) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return false
    last |= code << shift
  }
  block[word++] = last | (0x80 << shift)
  while (word < 15) block[word++] = 0
  block[15] = length << 3
  return true
}

const rotateLeft1 = (word: number): number => (word << 1) | (word >>> 31)

/** The first and only block of a message: digest := compression of `block` from SHA-1's initial state. */
const compress = (digest: DataView): void => {
  let w0 = block[0] ?? 0
  let w1 = block[1] ?? 0
  let w2 = block[2] ?? 0
  let w3 = block[3] ?? 0
  let w4 = block[4] ?? 0
  let w5 = block[5] ?? 0
  let w6 = block[6] ?? 0
  let w7 = block[7] ?? 0
  let w8 = block[8] ?? 0
  let w9 = block[9] ?? 0
  let w10 = block[10] ?? 0
  let w11 = block[11] ?? 0
  let w12 = block[12] ?? 0
  let w13 = block[13] ?? 0
  let w14 = block[14] ?? 0
  let w15 = block[15] ?? 0

  let a = 0x67452301
  let b = 0xefcdab89 | 0
  let c = 0x98badcfe | 0
  let d = 0x10325476
  let e = 0xc3d2e1f0 | 0

  // Rounds 0 to 19.
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + K0 + w0) | 0
  b = (b << 30) | (b >>> 2)
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + K0 + w1) | 0
  a = (a << 30) | (a >>> 2)
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + K0 + w2) | 0
  e = (e << 30) | (e >>> 2)
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + K0 + w3) | 0
  d = (d << 30) | (d >>> 2)
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + K0 + w4) | 0
  c = (c << 30) | (c >>> 2)
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + K0 + w5) | 0
  b = (b << 30) | (b >>> 2)
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + K0 + w6) | 0
  a = (a << 30) | (a >>> 2)
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + K0 + w7) | 0
  e = (e << 30) | (e >>> 2)
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + K0 + w8) | 0
  d = (d << 30) | (d >>> 2)
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + K0 + w9) | 0
  c = (c << 30) | (c >>> 2)
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + K0 + w10) | 0
  b = (b << 30) | (b >>> 2)
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + K0 + w11) | 0
  a = (a << 30) | (a >>> 2)
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + K0 + w12) | 0
  e = (e << 30) | (e >>> 2)
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + K0 + w13) | 0
  d = (d << 30) | (d >>> 2)
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + K0 + w14) | 0
  c = (c << 30) | (c >>> 2)
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + K0 + w15) | 0
  b = (b << 30) | (b >>> 2)
  w0 = rotateLeft1(w13 ^ w8 ^ w2 ^ w0)
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + K0 + w0) | 0
  a = (a << 30) | (a >>> 2)
  w1 = rotateLeft1(w14 ^ w9 ^ w3 ^ w1)
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + K0 + w1) | 0
  e = (e << 30) | (e >>> 2)
  w2 = rotateLeft1(w15 ^ w10 ^ w4 ^ w2)
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + K0 + w2) | 0
  d = (d << 30) | (d >>> 2)
  w3 = rotateLeft1(w0 ^ w11 ^ w5 ^ w3)
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + K0 + w3) | 0
  c = (c << 30) | (c >>> 2)
  w4 = rotateLeft1(w1 ^ w12 ^ w6 ^ w4)

  // Rounds 20 to 39.
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K1 + w4) | 0
  b = (b << 30) | (b >>> 2)
  w5 = rotateLeft1(w2 ^ w13 ^ w7 ^ w5)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K1 + w5) | 0
  a = (a << 30) | (a >>> 2)
  w6 = rotateLeft1(w3 ^ w14 ^ w8 ^ w6)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K1 + w6) | 0
  e = (e << 30) | (e >>> 2)
  w7 = rotateLeft1(w4 ^ w15 ^ w9 ^ w7)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K1 + w7) | 0
  d = (d << 30) | (d >>> 2)
  w8 = rotateLeft1(w5 ^ w0 ^ w10 ^ w8)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K1 + w8) | 0
  c = (c << 30) | (c >>> 2)
  w9 = rotateLeft1(w6 ^ w1 ^ w11 ^ w9)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K1 + w9) | 0
  b = (b << 30) | (b >>> 2)
  w10 = rotateLeft1(w7 ^ w2 ^ w12 ^ w10)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K1 + w10) | 0
  a = (a << 30) | (a >>> 2)
  w11 = rotateLeft1(w8 ^ w3 ^ w13 ^ w11)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K1 + w11) | 0
  e = (e << 30) | (e >>> 2)
  w12 = rotateLeft1(w9 ^ w4 ^ w14 ^ w12)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K1 + w12) | 0
  d = (d << 30) | (d >>> 2)
  w13 = rotateLeft1(w10 ^ w5 ^ w15 ^ w13)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K1 + w13) | 0
  c = (c << 30) | (c >>> 2)
  w14 = rotateLeft1(w11 ^ w6 ^ w0 ^ w14)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K1 + w14) | 0
  b = (b << 30) | (b >>> 2)
  w15 = rotateLeft1(w12 ^ w7 ^ w1 ^ w15)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K1 + w15) | 0
  a = (a << 30) | (a >>> 2)
  w0 = rotateLeft1(w13 ^ w8 ^ w2 ^ w0)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K1 + w0) | 0
  e = (e << 30) | (e >>> 2)
  w1 = rotateLeft1(w14 ^ w9 ^ w3 ^ w1)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K1 + w1) | 0
  d = (d << 30) | (d >>> 2)
  w2 = rotateLeft1(w15 ^ w10 ^ w4 ^ w2)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K1 + w2) | 0
  c = (c << 30) | (c >>> 2)
  w3 = rotateLeft1(w0 ^ w11 ^ w5 ^ w3)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K1 + w3) | 0
  b = (b << 30) | (b >>> 2)
  w4 = rotateLeft1(w1 ^ w12 ^ w6 ^ w4)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K1 + w4) | 0
  a = (a << 30) | (a >>> 2)
  w5 = rotateLeft1(w2 ^ w13 ^ w7 ^ w5)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K1 + w5) | 0
  e = (e << 30) | (e >>> 2)
  w6 = rotateLeft1(w3 ^ w14 ^ w8 ^ w6)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K1 + w6) | 0
  d = (d << 30) | (d >>> 2)
  w7 = rotateLeft1(w4 ^ w15 ^ w9 ^ w7)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K1 + w7) | 0
  c = (c << 30) | (c >>> 2)
  w8 = rotateLeft1(w5 ^ w0 ^ w10 ^ w8)

  // Rounds 40 to 59.
  e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + K2 + w8) | 0
  b = (b << 30) | (b >>> 2)
  w9 = rotateLeft1(w6 ^ w1 ^ w11 ^ w9)
  d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + K2 + w9) | 0
  a = (a << 30) | (a >>> 2)
  w10 = rotateLeft1(w7 ^ w2 ^ w12 ^ w10)
  c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + K2 + w10) | 0
  e = (e << 30) | (e >>> 2)
  w11 = rotateLeft1(w8 ^ w3 ^ w13 ^ w11)
  b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + K2 + w11) | 0
  d = (d << 30) | (d >>> 2)
  w12 = rotateLeft1(w9 ^ w4 ^ w14 ^ w12)
  a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + K2 + w12) | 0
  c = (c << 30) | (c >>> 2)
  w13 = rotateLeft1(w10 ^ w5 ^ w15 ^ w13)
  e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + K2 + w13) | 0
  b = (b << 30) | (b >>> 2)
  w14 = rotateLeft1(w11 ^ w6 ^ w0 ^ w14)
  d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + K2 + w14) | 0
  a = (a << 30) | (a >>> 2)
  w15 = rotateLeft1(w12 ^ w7 ^ w1 ^ w15)
  c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + K2 + w15) | 0
  e = (e << 30) | (e >>> 2)
  w0 = rotateLeft1(w13 ^ w8 ^ w2 ^ w0)
  b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + K2 + w0) | 0
  d = (d << 30) | (d >>> 2)
  w1 = rotateLeft1(w14 ^ w9 ^ w3 ^ w1)
  a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + K2 + w1) | 0
  c = (c << 30) | (c >>> 2)
  w2 = rotateLeft1(w15 ^ w10 ^ w4 ^ w2)
  e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + K2 + w2) | 0
  b = (b << 30) | (b >>> 2)
  w3 = rotateLeft1(w0 ^ w11 ^ w5 ^ w3)
  d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + K2 + w3) | 0
  a = (a << 30) | (a >>> 2)
  w4 = rotateLeft1(w1 ^ w12 ^ w6 ^ w4)
  c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + K2 + w4) | 0
  e = (e << 30) | (e >>> 2)
  w5 = rotateLeft1(w2 ^ w13 ^ w7 ^ w5)
  b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + K2 + w5) | 0
  d = (d << 30) | (d >>> 2)
  w6 = rotateLeft1(w3 ^ w14 ^ w8 ^ w6)
  a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + K2 + w6) | 0
  c = (c << 30) | (c >>> 2)
  w7 = rotateLeft1(w4 ^ w15 ^ w9 ^ w7)
  e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + K2 + w7) | 0
  b = (b << 30) | (b >>> 2)
  w8 = rotateLeft1(w5 ^ w0 ^ w10 ^ w8)
  d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + K2 + w8) | 0
  a = (a << 30) | (a >>> 2)
  w9 = rotateLeft1(w6 ^ w1 ^ w11 ^ w9)
  c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + K2 + w9) | 0
  e = (e << 30) | (e >>> 2)
  w10 = rotateLeft1(w7 ^ w2 ^ w12 ^ w10)
  b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + K2 + w10) | 0
  d = (d << 30) | (d >>> 2)
  w11 = rotateLeft1(w8 ^ w3 ^ w13 ^ w11)
  a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + K2 + w11) | 0
  c = (c << 30) | (c >>> 2)
  w12 = rotateLeft1(w9 ^ w4 ^ w14 ^ w12)

  // Rounds 60 to 79.
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K3 + w12) | 0
  b = (b << 30) | (b >>> 2)
  w13 = rotateLeft1(w10 ^ w5 ^ w15 ^ w13)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K3 + w13) | 0
  a = (a << 30) | (a >>> 2)
  w14 = rotateLeft1(w11 ^ w6 ^ w0 ^ w14)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K3 + w14) | 0
  e = (e << 30) | (e >>> 2)
  w15 = rotateLeft1(w12 ^ w7 ^ w1 ^ w15)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K3 + w15) | 0
  d = (d << 30) | (d >>> 2)
  w0 = rotateLeft1(w13 ^ w8 ^ w2 ^ w0)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K3 + w0) | 0
  c = (c << 30) | (c >>> 2)
  w1 = rotateLeft1(w14 ^ w9 ^ w3 ^ w1)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K3 + w1) | 0
  b = (b << 30) | (b >>> 2)
  w2 = rotateLeft1(w15 ^ w10 ^ w4 ^ w2)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K3 + w2) | 0
  a = (a << 30) | (a >>> 2)
  w3 = rotateLeft1(w0 ^ w11 ^ w5 ^ w3)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K3 + w3) | 0
  e = (e << 30) | (e >>> 2)
  w4 = rotateLeft1(w1 ^ w12 ^ w6 ^ w4)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K3 + w4) | 0
  d = (d << 30) | (d >>> 2)
  w5 = rotateLeft1(w2 ^ w13 ^ w7 ^ w5)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K3 + w5) | 0
  c = (c << 30) | (c >>> 2)
  w6 = rotateLeft1(w3 ^ w14 ^ w8 ^ w6)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K3 + w6) | 0
  b = (b << 30) | (b >>> 2)
  w7 = rotateLeft1(w4 ^ w15 ^ w9 ^ w7)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K3 + w7) | 0
  a = (a << 30) | (a >>> 2)
  w8 = rotateLeft1(w5 ^ w0 ^ w10 ^ w8)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K3 + w8) | 0
  e = (e << 30) | (e >>> 2)
  w9 = rotateLeft1(w6 ^ w1 ^ w11 ^ w9)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K3 + w9) | 0
  d = (d << 30) | (d >>> 2)
  w10 = rotateLeft1(w7 ^ w2 ^ w12 ^ w10)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K3 + w10) | 0
  c = (c << 30) | (c >>> 2)
  w11 = rotateLeft1(w8 ^ w3 ^ w13 ^ w11)
  e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + K3 + w11) | 0
  b = (b << 30) | (b >>> 2)
  w12 = rotateLeft1(w9 ^ w4 ^ w14 ^ w12)
  d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + K3 + w12) | 0
  a = (a << 30) | (a >>> 2)
  w13 = rotateLeft1(w10 ^ w5 ^ w15 ^ w13)
  c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + K3 + w13) | 0
  e = (e << 30) | (e >>> 2)
  w14 = rotateLeft1(w11 ^ w6 ^ w0 ^ w14)
  b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + K3 + w14) | 0
  d = (d << 30) | (d >>> 2)
  w15 = rotateLeft1(w12 ^ w7 ^ w1 ^ w15)
  a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + K3 + w15) | 0
  c = (c << 30) | (c >>> 2)

  digest.setInt32(0, a + 0x67452301)
  digest.setInt32(4, b + 0xefcdab89)
  digest.setInt32(8, c + 0x98badcfe)
  digest.setInt32(12, d + 0x10325476)
  digest.setInt32(16, e + 0xc3d2e1f0)
}
