import { describe, expect, test, vi } from "vitest"
import { REFOUND_TICKS } from "../../core/peer/PeerState.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import { inArc } from "../../core/ring/Arc.ts"
import { atLeastOneRing } from "../ring/invariants/AtLeastOneRing.ts"
import { atMostOneRing } from "../ring/invariants/AtMostOneRing.ts"
import { connectedAppendages } from "../ring/invariants/ConnectedAppendages.ts"
import { oneLiveSuccessor } from "../ring/invariants/OneLiveSuccessor.ts"
import { orderedRing } from "../ring/invariants/OrderedRing.ts"
import { churn, type Weather } from "./Churn.ts"
import { eachSeed } from "./EachSeed.ts"
import { fingersAreExact, flaws } from "./Ideal.ts"
import { type Seeded, seeded } from "./Seeded.ts"
import { lookUpSettled } from "./SettledLookups.ts"
import { virtualPeer, virtualPeers } from "./VirtualPeer.ts"
import { VirtualRing } from "./VirtualRing.ts"

// Seconds of work at most, on a machine that may be doing a lot else.
vi.setConfig({ testTimeout: 60_000 })

/** Within this after the last fault a ring without loss is ideal, and a moment later its fingers are exact. */
const IDEAL_MS = 3000
const EXACT_MS = 20_000

/** A ring of so many founders that has come up, and the random numbers of its seed. */
const founded = (seed: number, size: number): { readonly ring: VirtualRing; readonly random: Seeded } => {
  const ring = new VirtualRing({ seed, successors: size < 7 ? 2 : 4 })
  ring.found(virtualPeers(size))
  ring.run(500)
  return { ring, random: seeded(seed) }
}

const pick = (ring: VirtualRing, random: Seeded) => {
  const peer = ring.states()[random.below(ring.states().length)]?.config.self
  if (peer === undefined) throw new RangeError("an empty ring has nobody to choose")
  return peer
}

/** Lets the ring become ideal, then its fingers exact, then looks up from everywhere: what was wrong, a line each. */
const settle = (ring: VirtualRing, idealMs = IDEAL_MS): ReadonlyArray<string> => {
  ring.runUntil(() => flaws(ring.states()).length === 0, idealMs)
  const problems = flaws(ring.states())
  if (problems.length > 0) return problems
  ring.runUntil(() => fingersAreExact(ring.states()), EXACT_MS)
  return lookUpSettled(ring).problems
}

describe("a ring of 1 to 64 peers", () => {
  test("founded at once is ideal as soon as all are up, and nobody was suspected", () => {
    eachSeed(15, (seed) => {
      const { ring } = founded(seed, 1 + (seed % 64))
      expect(flaws(ring.states())).toEqual([])
      expect(ring.trace.filter(({ record }) => record.type === "suspected")).toEqual([])
      expect(lookUpSettled(ring).problems).toEqual([])
    })
  })

  test("grown from one peer, each through any that is there, is ideal", () => {
    eachSeed(3, (seed) => {
      const { ring, random } = founded(seed, 1)
      for (let n = 1; n <= seed % 40; n++) {
        ring.join(virtualPeer(n), [pick(ring, random)])
        if (n % 4 === 0) ring.run(random.below(400))
      }
      expect(settle(ring, 2 * IDEAL_MS)).toEqual([])
    })
  })

  test("has one owner for the home of every cell", () => {
    eachSeed(10, (seed) => {
      const { ring } = founded(seed, 1 + (seed % 64))
      for (const cells of [1, 16, 256]) {
        for (let cell = 0; cell < cells; cell++) {
          const home = homeOf(cell, cells)
          const owners = ring
            .states()
            .filter(({ predecessor, config }) => inArc(predecessor.id, home, config.self.id))
          expect(owners).toHaveLength(1)
        }
      }
    })
  })
})

describe("under churn every lookup is answered once, and the ring is ideal again afterwards", () => {
  const required = [atLeastOneRing, atMostOneRing, orderedRing, connectedAppendages, oneLiveSuccessor]
  const weathers: ReadonlyArray<readonly [Weather, string, number]> = [
    ["mild", "one fault at a time; one ordered ring and connected appendages after every change", 3],
    ["rough", "loss, duplication, reordering, pauses", 3],
    ["wild", "and partitions, and half of the ring lost at once", 3],
  ]
  test.each(weathers)("%s: %s", (weather, _, runs) => {
    eachSeed(runs, (seed) => {
      expect(churn(seed, weather, weather === "mild" ? required : []).problems).toEqual([])
    })
  })
})

test("the same seed is the same campaign", () => {
  eachSeed(1, (seed) => {
    expect(churn(seed, "wild")).toEqual(churn(seed, "wild"))
  })
})

describe("a ring that was cut", () => {
  test("in halves for a minute is one ring again", () => {
    eachSeed(2, (seed) => {
      const { ring, random } = founded(seed, 8 + (seed % 9))
      const names = ring.states().map((state) => state.config.self.name)
      const side = new Set(names.filter(() => random.next() < 0.5))
      ring.partition(
        side,
        names.filter((name) => !side.has(name)),
      )
      ring.run(60_000)
      ring.heal()
      expect(settle(ring, 10_000)).toEqual([])
    })
  })

  test("and one of which no two neighbours have ever met: a single seed makes two rings one", () => {
    eachSeed(3, (seed) => {
      const { ring, random } = founded(seed, 3 + (seed % 12))
      const host = pick(ring, random)
      ring.found(virtualPeers(3 + (seed % 7), 100))
      ring.run(1000)
      ring.meet(`p${100 + random.below(3)}`, host)
      expect(settle(ring, 20_000)).toEqual([])
    })
  })
})

describe("a peer", () => {
  test("that leaves costs no lookup, and nobody finds out by silence", () => {
    eachSeed(5, (seed) => {
      const { ring, random } = founded(seed, 8 + (seed % 24))
      const leaver = pick(ring, random)
      ring.leave(leaver.name)
      const tokens = ring
        .states()
        .flatMap(({ config }) =>
          Array.from({ length: 8 }, () => ring.find(config.self.name, pick(ring, random).id)),
        )
      ring.run(250)
      expect(tokens.filter((token) => (ring.answer(token)?.owner ?? null) === null)).toEqual([])
      expect(settle(ring)).toEqual([])
      const reasons = ring.trace.flatMap(({ record }) => (record.type === "suspected" ? [record.reason] : []))
      expect(new Set(reasons)).toEqual(new Set(["leaving"]))
    })
  })

  test.each(["kill", "vanish"] as const)(
    "that is restarted at once after a %s is let in though it is still listed",
    (end) => {
      eachSeed(5, (seed) => {
        const { ring, random } = founded(seed, 5 + (seed % 24))
        const founders = ring.states().map((state) => state.config.self)
        const self = pick(ring, random)
        ring[end](self.name)
        ring.restart({ ...self, incarnation: 1 + random.below(2) }, founders)
        expect(settle(ring, 2 * IDEAL_MS)).toEqual([])
      })
    },
  )

  test("that stands still is left out, and taken back when it goes on", () => {
    eachSeed(5, (seed) => {
      const { ring, random } = founded(seed, 8 + (seed % 24))
      const { name } = pick(ring, random)
      ring.pause(name)
      const others = () => ring.states().filter((state) => state.config.self.name !== name)
      ring.runUntil(() => flaws(others()).length === 0, IDEAL_MS)
      expect(flaws(others())).toEqual([])
      ring.resume(name)
      expect(settle(ring)).toEqual([])
    })
  })
})

test("a whole cluster that was shut down and is started again is ideal once all are up", () => {
  eachSeed(5, (seed) => {
    const { ring, random } = founded(seed, 1 + (seed % 24))
    const founders = ring.states().map((state) => state.config.self)
    for (const { name } of founders) ring.vanish(name)
    for (const self of founders) {
      ring.restart(self, founders)
      ring.run(random.below(200))
    }
    expect(settle(ring, REFOUND_TICKS * ring.options.tickMs + 2 * IDEAL_MS)).toEqual([])
  })
})
