import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Contact, placeholder } from "../peer/Contact.ts"
import { between, inArc } from "../ring/Arc.ts"
import { fromBigInt, next, type RingId, SIZE } from "../ring/RingId.ts"
import { nextHop } from "./NextHop.ts"
import { rankFingers } from "./RankFingers.ts"
import { contactAt, ownerAmong, settledRing, walk } from "./SettledRing.samples.ts"

const peer = (value: number): Contact => contactAt(fromBigInt(BigInt(value)))
const id = (value: number): RingId => fromBigInt(BigInt(value))
const everyone = () => true

const settled = (peers: ReadonlyArray<Contact>, length: number) => settledRing(peers, length, rankFingers)

const worst = (peers: number): number => Math.ceil(Math.log2(peers))
const value = fc.bigInt({ min: 0n, max: SIZE - 1n })
/** Ids spread evenly at random, or crowded into one corner of the ring across zero. */
const ids = (size: { readonly minLength: number; readonly maxLength: number }) =>
  fc
    .oneof(
      fc.uniqueArray(value, size),
      fc.uniqueArray(fc.integer({ min: -600, max: 600 }).map(BigInt), size),
      fc.uniqueArray(
        fc.integer({ min: 0, max: 159 }).map((bit) => (1n << BigInt(bit)) - 1n),
        {
          ...size,
          maxLength: Math.min(size.maxLength, 100),
        },
      ),
    )
    .map((values) => values.map(fromBigInt).toSorted())

describe("in a settled ring", () => {
  test("every lookup ends at the owner within ceil(log2 N) hops: all pairs of small rings", () => {
    for (const size of [...Array(17).keys(), 31, 32].map((n) => n + 1)) {
      const peers = Array.from({ length: size }, (_, index) => peer(10 * index + 5))
      for (const length of [1, 2, 4]) {
        const ring = settled(peers, length)
        for (let start = 0; start < size; start++) {
          for (let key = 0; key <= size; key++) {
            for (const offset of [4, 5, 6]) {
              const hops = walk(ring, start, id(10 * key + offset))
              expect(hops, `${size} peers, L ${length}, from ${start}`).toBeTypeOf("number")
              expect(hops, `${size} peers, L ${length}, from ${start}`).toBeLessThanOrEqual(worst(size))
            }
          }
        }
      }
    }
  })

  test("every lookup ends at the owner within ceil(log2 N) hops: random rings up to 256, whatever the ids", () => {
    const lookups = fc.array(fc.tuple(fc.nat(), value, fc.nat()), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(
        ids({ minLength: 1, maxLength: 256 }),
        fc.integer({ min: 1, max: 8 }),
        lookups,
        (sorted, length, keys) => {
          const ring = settled(sorted.map(contactAt), length)
          for (const [start, random, near] of keys) {
            const member = sorted[near % sorted.length] ?? id(0)
            for (const key of [fromBigInt(random), member, next(member)]) {
              const hops = walk(ring, start % sorted.length, key)
              expect(hops).toBeTypeOf("number")
              expect(hops).toBeLessThanOrEqual(worst(sorted.length))
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe("whatever the tables hold", () => {
  const small = fc.integer({ min: 0, max: 24 })
  const anyContact = fc.oneof(
    { weight: 5, arbitrary: small.map(peer) },
    { weight: 1, arbitrary: small.map((n) => placeholder(id(n))) },
  )
  const tables = fc.record({
    self: small.map(peer),
    predecessor: fc.option(small.map(peer), { nil: null }),
    successors: fc.array(anyContact, { maxLength: 6 }),
    fingers: fc.array(anyContact, { maxLength: 6 }),
    key: small.map(id),
    dead: fc.uniqueArray(small.map(id), { maxLength: 12 }),
  })

  test("a forward makes headway, nothing goes to the dead, to nobody or to itself", () => {
    fc.assert(
      fc.property(tables, ({ self, predecessor, successors, fingers, key, dead }) => {
        const usable = (candidate: Contact) => !dead.includes(candidate.id)
        const hop = nextHop(self, predecessor, successors, fingers, key, usable)
        const isAPeer =
          hop.kind === "here" || (hop.to.incarnation === 1 && usable(hop.to) && hop.to.id !== self.id)
        const isAhead =
          hop.kind === "here" ||
          (hop.kind === "forward" ? between(self.id, hop.to.id, key) : inArc(self.id, key, hop.to.id))
        expect({ isAPeer, isAhead }).toEqual({ isAPeer: true, isAhead: true })
      }),
      { numRuns: 2000 },
    )
  })

  test("the dead are passed over: the first living listed peer at or after the key is final", () => {
    const ring = fc.uniqueArray(small, { minLength: 1, maxLength: 16 })
    const dying = fc.uniqueArray(small.map(id), { maxLength: 12 })
    fc.assert(
      fc.property(ring, small, fc.nat(), dying, (values, key, at, dead) => {
        const peers = values.toSorted((a, b) => a - b).map(peer)
        const self = peers[at % peers.length] ?? peer(0)
        const table = settled(peers, 5).tables.get(self)
        if (table === undefined) throw new Error(`${self.name} is no peer of the ring`)
        const { predecessor, successors, fingers } = table
        const usable = (other: Contact) => other === self || !dead.includes(other.id)
        const hop = nextHop(self, predecessor, successors, fingers, id(key), usable)
        const owner = ownerAmong(peers.filter(usable), id(key)) ?? self
        const isRight =
          owner === self
            ? hop.kind === "here" || !usable(predecessor)
            : successors.includes(owner)
              ? hop.kind === "final" && hop.to === owner
              : hop.kind !== "here" || !successors.some(usable)
        expect(isRight).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test("a peer that is its own predecessor owns everything", () => {
    fc.assert(
      fc.property(small.map(peer), small.map(id), (self, key) => {
        expect(nextHop(self, self, [self, self], [], key, everyone)).toEqual({ kind: "here" })
      }),
    )
  })
})

test("the list of a newcomer that comes round past it sends a key before the predecessor back to the ring", () => {
  // 30 joined between 10 and 50 with 10's list, then 20 joined between 10 and 30.
  const [self, predecessor] = [peer(30), peer(20)]
  const hop = nextHop(self, predecessor, [peer(50), peer(10), peer(50), peer(10)], [], id(15), everyone)
  expect(hop).toEqual({ kind: "forward", to: peer(10) })
})

test("a predecessor that is gone leaves its keys to the peer whose list comes round without it", () => {
  const dead = (candidate: Contact) => candidate.id !== id(20)
  const list = [peer(50), peer(10), peer(20), peer(30)]
  expect(nextHop(peer(30), peer(20), list, [], id(15), dead)).toEqual({ kind: "here" })
  expect(nextHop(peer(30), null, list, [peer(20)], id(15), everyone)).toEqual({ kind: "final", to: peer(20) })
})

test("with every successor gone a finger past the key is the best guess at the owner", () => {
  const dead = new Set([id(20), id(40)])
  const fingers = [peer(80), peer(60)]
  const ask = (key: number) =>
    nextHop(peer(0), null, [peer(20), peer(40)], fingers, id(key), (to) => !dead.has(to.id))
  expect(ask(10)).toEqual({ kind: "final", to: peer(60) })
  expect(ask(60)).toEqual({ kind: "final", to: peer(60) })
  expect(ask(70)).toEqual({ kind: "forward", to: peer(60) })
})
