import * as fc from "fast-check"
import { expect, test } from "vitest"
import { runOf } from "../check/testing/Runs.ts"
import type { Plan } from "../plan/Plan.ts"
import { isHttp, layoutOf, portsOf } from "./Layout.ts"

const plans: fc.Arbitrary<Plan> = fc
  .record({
    peers: fc.integer({ min: 1, max: 7 }),
    dispatchers: fc.integer({ min: 0, max: 3 }),
    joining: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ peers, dispatchers, joining }) => ({
    ...runOf({}).plan,
    peers,
    dispatchers,
    faults: Array.from({ length: joining }, (_, n) => ({
      at: n,
      verb: "join" as const,
      targets: [`p${peers + n}`],
    })),
  }))

test("every port is used once, every pair of peers has a link each way, and nobody dials a real address", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const ports = Array.from({ length: portsOf(plan) }, (_, n) => 20_000 + n)
      const { peers, dispatchers, pipes } = layoutOf(plan, ports)
      const own = [...peers.flatMap(({ ring, http }) => [ring, http]), ...dispatchers.map(({ http }) => http)]
      const listening = [...own, ...pipes.map(({ listen }) => listen)]
      expect(listening.toSorted()).toEqual(ports.map((port) => `127.0.0.1:${port}`).toSorted())
      expect(new Set(pipes.map(({ name }) => name)).size).toBe(pipes.length)
      const wanted = peers.flatMap(({ name: to, ring, http }) => [
        ...peers.filter(({ name }) => name !== to).map(({ name }) => `${name} ${to} ${ring} false`),
        ...dispatchers.flatMap(({ name }) => [`${name} ${to} ${ring} false`, `${name} ${to} ${http} true`]),
      ])
      const there = pipes.map((pipe) => `${pipe.from} ${pipe.to} ${pipe.upstream} ${isHttp(pipe)}`)
      expect(there.toSorted()).toEqual(wanted.toSorted())
    }),
  )
})

test("a peer that joins twice has one place", () => {
  const join = { at: 0, verb: "join" as const, targets: ["p3"] }
  const plan = { ...runOf({}).plan, peers: 3, dispatchers: 1, faults: [join, { ...join, at: 5_000 }] }
  const { peers } = layoutOf(
    plan,
    Array.from({ length: portsOf(plan) }, (_, n) => 20_000 + n),
  )
  expect(peers.map(({ name }) => name)).toEqual(["p0", "p1", "p2", "p3"])
})
