import { describe, expect, test } from "vitest"
import { makeHasher } from "../hashing/Hasher.ts"
import type { Contact } from "../peer/Contact.ts"
import { BITS, fromBigInt, type RingId } from "../ring/RingId.ts"
import { idFingers } from "./IdFingers.ts"
import { paperPeer, paperStep } from "./PaperRouting.ts"
import { rankFingers } from "./RankFingers.ts"
import { contactAt, settledRing, type SettledRing, walk } from "./SettledRing.samples.ts"

// Every counterexample to the paper's routing, first with the paper's algorithm, then with ours on the same ring.

/** A small ring's id as the same fraction of the real one: order, arcs and fingers are those of the small ring. */
const scaled = (value: number, bits: number): RingId => fromBigInt(BigInt(value) << BigInt(BITS - bits))

const everyId = (bits: number): ReadonlyArray<number> => [...Array(2 ** bits).keys()]

const ringOf = (
  peers: ReadonlyArray<number>,
  bits: number,
  fingersOf: (peers: ReadonlyArray<Contact>, index: number) => ReadonlyArray<Contact>,
): SettledRing =>
  settledRing(
    peers.map((value) => contactAt(scaled(value, bits))),
    1,
    fingersOf,
  )

/** Hops of the lookups of these keys from every peer; words for one that went wrong. */
const lookups = (ring: SettledRing, keys: ReadonlyArray<RingId>): ReadonlyArray<number | string> =>
  ring.peers.flatMap((_, start) => keys.map((key) => walk(ring, start, key)))

const worst = (hops: ReadonlyArray<number | string>): number | string =>
  hops.find((one) => typeof one === "string") ?? Math.max(...hops.map(Number))

/** Receivers of the copies that the peer at `self` sends on; [self] when it answers itself. */
const receivers = (
  peers: ReadonlyArray<number>,
  self: number,
  key: number,
  bits = 4,
): ReadonlyArray<number> => {
  const step = paperStep(paperPeer(peers, self, bits), key)
  return step.kind === "answer" ? [self] : step.to
}

/** The peers that would answer for `key` themselves. */
const owners = (peers: ReadonlyArray<number>, key: number): ReadonlyArray<number> =>
  peers.filter((self) => paperStep(paperPeer(peers, self, 4), key).kind === "answer")

interface Erratum {
  readonly claim: string
  readonly peers: ReadonlyArray<number>
  /** Of the ring's ids; 4 unless said otherwise. */
  readonly bits?: number
  /** What the paper's algorithm does, and what it ought to do. */
  readonly paper: () => unknown
  readonly fault: unknown
  readonly right: unknown
}

const errata: ReadonlyArray<Erratum> = [
  {
    claim: "line 3 has no wrap-around: keys past the last peer belong to nobody",
    peers: [4, 9, 14],
    paper: () => [15, 0, 2].map((key) => owners([4, 9, 14], key)),
    fault: [[], [], []],
    right: [[4], [4], [4]],
  },
  {
    claim: "a single peer, its own predecessor, owns nothing",
    peers: [5],
    paper: () => everyId(4).flatMap((key) => owners([5], key)),
    fault: [],
    right: everyId(4).map(() => 5),
  },
  {
    claim: "both bounds of line 7 are inclusive, no break: a key that is a finger goes two ways",
    peers: [0, 1, 2, 4, 8],
    paper: () => receivers([0, 1, 2, 4, 8], 0, 2),
    fault: [1, 2],
    right: [2],
  },
  {
    claim: "both bounds of line 7 are inclusive, no break: three copies to one peer",
    peers: [0, 8, 9],
    paper: () => receivers([0, 8, 9], 0, 8),
    fault: [8, 8, 8],
    right: [8],
  },
  {
    claim: "a key between the peer and its first successor is dropped",
    peers: [0, 4, 8, 12],
    paper: () => receivers([0, 4, 8, 12], 0, 3),
    fault: [],
    right: [4],
  },
  {
    claim: "a key past the last finger is dropped",
    peers: [0, 1, 2, 4, 8, 12],
    paper: () => receivers([0, 1, 2, 4, 8, 12], 0, 11),
    fault: [],
    right: [8],
  },
  {
    claim: "a key between two fingers on either side of zero is dropped",
    peers: [3, 9, 13],
    paper: () => receivers([3, 9, 13], 9, 1),
    fault: [],
    right: [13],
  },
  {
    claim: '"no more than log2(N) hops": by its fingers 3 hops among 4 peers, even when routed correctly',
    peers: [0, 9, 14, 15],
    paper: () =>
      worst(
        lookups(
          ringOf([0, 9, 14, 15], 4, idFingers),
          everyId(4).map((key) => scaled(key, 4)),
        ),
      ),
    fault: 3,
    right: 2,
  },
  {
    claim: '"no more than log2(N) hops": by its fingers 8 hops among 9 peers, even when routed correctly',
    peers: [0, 128, 192, 224, 240, 248, 252, 254, 255],
    bits: 8,
    paper: () => {
      const ring = ringOf([0, 128, 192, 224, 240, 248, 252, 254, 255], 8, idFingers)
      return worst(
        lookups(
          ring,
          everyId(8).map((key) => scaled(key, 8)),
        ),
      )
    },
    fault: 8,
    right: 4,
  },
]

describe.each(errata)("$claim", ({ peers, bits = 4, paper, fault, right }) => {
  test("the paper's algorithm", () => {
    expect(paper()).toEqual(fault)
    expect(fault).not.toEqual(right)
  })

  test("ours: every key from every peer reaches its one owner within ceil(log2 N) hops", () => {
    const keys = everyId(bits).map((key) => scaled(key, bits))
    const found = worst(lookups(ringOf(peers, bits, rankFingers), keys))
    expect(found).toBeTypeOf("number")
    expect(found).toBeLessThanOrEqual(Math.ceil(Math.log2(peers.length)))
  })
})

/** A ring of peers whose ids are those of the names `peer-0`, `peer-1` and so on. */
const hashedRing = (size: number, fingersOf: typeof rankFingers<Contact>): SettledRing => {
  const hasher = makeHasher(["sha1"])
  const ids = Array.from({ length: size }, (_, n) => hasher(`peer-${n}`)).toSorted()
  return settledRing(ids.map(contactAt), 1, fingersOf)
}

describe("brackets read as the integer part: log2(100) = 6.6, the paper's figures show 7 hops", () => {
  const ring = hashedRing(100, rankFingers)
  // Which peer owns a key decides the way to it, so one key of each peer stands for all.
  const found = worst(
    lookups(
      ring,
      ring.peers.map((peer) => peer.id),
    ),
  )

  test("the integer part, 6, is exceeded", () => {
    expect(found).toBeGreaterThan(Math.floor(Math.log2(100)))
  })

  test("rounded up, 7, it is the bound, and it is reached", () => {
    expect(found).toBe(Math.ceil(Math.log2(100)))
  })
})

test("128 peers with hashed ids: more than 7 hops by the paper's fingers, 7 by rank", () => {
  const [byId, byRank] = [idFingers<Contact>, rankFingers<Contact>].map((fingersOf) => {
    const ring = hashedRing(128, fingersOf)
    return worst(
      lookups(
        ring,
        ring.peers.map((peer) => peer.id),
      ),
    )
  })
  expect(byId).toBeGreaterThan(7)
  expect(byRank).toBe(7)
})
