/** Which header field a line holds, for the few fields a proxy must know. Bits, so that sets of them are numbers. */
export const OTHER = 1 << 0
export const HOST = 1 << 1
export const CONTENT_LENGTH = 1 << 2
export const TRANSFER_ENCODING = 1 << 3
export const CONNECTION = 1 << 4
export const KEEP_ALIVE = 1 << 5
/** Any `Proxy-*`. */
export const PROXY = 1 << 6
export const TE = 1 << 7
export const TRAILER = 1 << 8
export const UPGRADE = 1 << 9
export const EXPECT = 1 << 10
export const COOKIE = 1 << 11
export const SET_COOKIE = 1 << 12
export const AUTHORIZATION = 1 << 13
export const FORWARDED_FOR = 1 << 14
export const FORWARDED_PROTO = 1 << 15
export const FORWARDED_HOST = 1 << 16
export const RINGSTEAD_CLIENT = 1 << 17
export const RINGSTEAD_STATUS = 1 << 18
export const RINGSTEAD_LEADER = 1 << 19
/** Any other `Ringstead-*`, and `Ringstead_*`. */
export const RINGSTEAD_OTHER = 1 << 20
export const RINGSTEAD_PEER = 1 << 21
export const RINGSTEAD_REQUEST = 1 << 22
export const IDEMPOTENCY_KEY = 1 << 23

/** Fields that concern one connection only and are never passed on (RFC 9110 section 7.6.1). */
export const HOP_BY_HOP = CONNECTION | KEEP_ALIVE | PROXY | TE | TRAILER | TRANSFER_ENCODING | UPGRADE

/** All of `Ringstead-*`: between dispatcher and peer only, whoever else sends them. */
export const RINGSTEAD =
  RINGSTEAD_CLIENT |
  RINGSTEAD_STATUS |
  RINGSTEAD_LEADER |
  RINGSTEAD_PEER |
  RINGSTEAD_REQUEST |
  RINGSTEAD_OTHER

interface Known {
  readonly name: Buffer
  readonly kind: number
}

const known: ReadonlyArray<Known> = [
  { name: Buffer.from("host"), kind: HOST },
  { name: Buffer.from("content-length"), kind: CONTENT_LENGTH },
  { name: Buffer.from("transfer-encoding"), kind: TRANSFER_ENCODING },
  { name: Buffer.from("connection"), kind: CONNECTION },
  { name: Buffer.from("keep-alive"), kind: KEEP_ALIVE },
  { name: Buffer.from("te"), kind: TE },
  { name: Buffer.from("trailer"), kind: TRAILER },
  { name: Buffer.from("upgrade"), kind: UPGRADE },
  { name: Buffer.from("expect"), kind: EXPECT },
  { name: Buffer.from("cookie"), kind: COOKIE },
  { name: Buffer.from("set-cookie"), kind: SET_COOKIE },
  { name: Buffer.from("authorization"), kind: AUTHORIZATION },
  { name: Buffer.from("x-forwarded-for"), kind: FORWARDED_FOR },
  { name: Buffer.from("x-forwarded-proto"), kind: FORWARDED_PROTO },
  { name: Buffer.from("x-forwarded-host"), kind: FORWARDED_HOST },
  { name: Buffer.from("idempotency-key"), kind: IDEMPOTENCY_KEY },
  { name: Buffer.from("ringstead-peer"), kind: RINGSTEAD_PEER },
  { name: Buffer.from("ringstead-request"), kind: RINGSTEAD_REQUEST },
]
/** Those that would share a slot. */
const ringsteadKnown: ReadonlyArray<Known> = [
  { name: Buffer.from("ringstead-client"), kind: RINGSTEAD_CLIENT },
  { name: Buffer.from("ringstead-status"), kind: RINGSTEAD_STATUS },
  { name: Buffer.from("ringstead-leader"), kind: RINGSTEAD_LEADER },
]

/** A name is found by its length and the low bits of its first letter, then compared: most fields miss at once. */
const slot = (length: number, first: number): number => (length << 5) | (first & 31)
const LONGEST = 31
const bySlot: ReadonlyArray<Known | undefined> = Array.from({ length: (LONGEST + 1) << 5 }, (_, index) =>
  known.find(({ name }) => slot(name.length, name[0] as number) === index),
)

const proxy = Buffer.from("proxy-")
const ringstead = Buffer.from("ringstead")
const HYPHEN = 0x2d
const UNDERSCORE = 0x5f
const P = 0x70
const R = 0x72

const startsWith = (bytes: Uint8Array, start: number, name: Uint8Array): boolean => {
  // Or-ing 0x20 lowers letters; of the bytes a token may hold it turns none else into a letter or a hyphen.
  for (let i = 0; i < name.length; i++) if (((bytes[start + i] as number) | 0x20) !== name[i]) return false
  return true
}

/** The kind of the field whose name, a valid token, is `bytes[start, end)`. */
export const fieldKind = (bytes: Uint8Array, start: number, end: number): number => {
  const length = end - start
  const first = (bytes[start] as number) | 0x20
  const candidate = length > LONGEST ? undefined : bySlot[slot(length, first)]
  if (candidate !== undefined && startsWith(bytes, start, candidate.name)) return candidate.kind
  if (first === P && length > proxy.length && startsWith(bytes, start, proxy)) return PROXY
  if (first === R && length > ringstead.length + 1 && startsWith(bytes, start, ringstead)) {
    const next = bytes[start + ringstead.length]
    // CGI, WSGI and their like make one of the two: a service could not tell a forged field from ours.
    if (next === UNDERSCORE) return RINGSTEAD_OTHER
    if (next !== HYPHEN) return OTHER
    const same = ringsteadKnown.find(({ name }) => name.length === length && startsWith(bytes, start, name))
    return same?.kind ?? RINGSTEAD_OTHER
  }
  return OTHER
}
