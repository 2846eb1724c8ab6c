import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import { exitCodeOf, statusOf } from "./RingStatus.ts"
import { writeStatus } from "./Status.ts"
import type { Answer } from "./Survey.ts"
import { contactAt, idealReports } from "./testing/Views.ts"

const genesisOf = (places: ReadonlyArray<number>): Genesis => ({
  version: 1,
  cluster: "test",
  cells: 128,
  replicas: 3,
  successors: 2,
  hash: ["sha1"],
  secret: "0".repeat(64),
  founders: places.toSorted((a, b) => a - b).map(contactAt),
})

const heard = (report: PeerReport): Answer => ({ address: report.self.ring, report, roundTripMs: 1 })
const silent = (place: number): Answer => ({
  address: contactAt(place).ring,
  report: null,
  problem: "refused",
})

test("in an ideal ring shares add up to the whole, cells to all cells, and nothing is amiss", () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 4095 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(places, (all) => {
      const status = statusOf(genesisOf(all), idealReports(all, 2).map(heard))
      expect(status).toMatchObject({ verdict: "healthy", reasons: [], unprotected: all.length < 3 })
      expect(status.peers.reduce((sum, { arcShare }) => sum + (arcShare ?? 0), 0)).toBeCloseTo(1, 9)
      expect(status.peers.reduce((sum, { cells }) => sum + (cells ?? 0), 0)).toBe(128)
      expect(exitCodeOf(status)).toBe(0)
    }),
  )
})

const down = (report: PeerReport): PeerReport => ({
  ...report,
  instance: { state: "down", pid: null, restarts: 1 },
})

describe("verdicts", () => {
  const places = [100, 1500, 3000]
  const genesis = genesisOf(places)
  const reports = idealReports(places, 2)
  const [first, second, third] = reports
  if (first === undefined || second === undefined || third === undefined) throw new Error("three reports")

  test("a founder that does not answer: degraded, and it has a row", () => {
    const status = statusOf(genesis, [heard(first), heard(second), silent(3000)])
    expect(exitCodeOf(status)).toBe(1)
    expect(status.reasons).toContain("p3000 does not answer")
    expect(status.peers.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "p100 member",
      "p1500 member",
      "p3000 silent",
    ])
  })

  test("somebody who suspects somebody alive: degraded, and it says who", () => {
    const status = statusOf(genesis, [
      heard({ ...first, suspected: [third.self] }),
      heard(second),
      heard(third),
    ])
    expect(exitCodeOf(status)).toBe(1)
    expect(status.peers[2]?.suspectedBy).toEqual(["p100"])
  })

  test("a service that is down: degraded while another peer serves, broken when none does", () => {
    const one = statusOf(genesis, [heard(down(first)), heard(second), heard(third)])
    expect([exitCodeOf(one), one.reasons]).toEqual([1, ["p100's service is down"]])
    expect(exitCodeOf(statusOf(genesis, reports.map(down).map(heard)))).toBe(2)
  })

  test("nobody answers: broken", () => {
    const status = statusOf(genesis, places.map(silent))
    expect(exitCodeOf(status)).toBe(2)
    expect(status.reasons).toEqual([expect.stringMatching(/^nobody answers; is the ring running/)])
    expect(status.peers).toHaveLength(3)
  })

  test("a newcomer that nobody named in the genesis file is a peer like the others", () => {
    const all = statusOf(genesis, idealReports([...places, 3500], 2).map(heard))
    expect(all.verdict).toBe("healthy")
    expect(all.peers.find(({ name }) => name === "p3500")).toMatchObject({ founder: false, state: "member" })
  })

  test("a founder that went in order and that nobody counts on: no complaint, and it is said", () => {
    const four = [...places, 3500]
    const gone = contactAt(3500)
    const rest = idealReports(places, 2).map((report) => ({ ...report, suspected: [gone], left: [gone] }))
    const status = statusOf(genesisOf(four), [...rest.map(heard), silent(3500)])
    expect(status.reasons).toEqual([])
    expect(status.verdict).toBe("healthy")
    expect(status.peers.find(({ name }) => name === "p3500")?.state).toBe("left")
    expect(writeStatus(status)).toMatch(/^test: healthy, 3 of 3 peers are members/)
    const counted = rest.map((report, i) => ({
      ...report,
      successors: i === 0 ? [gone, gone] : report.successors,
    }))
    expect(statusOf(genesisOf(four), [...counted.map(heard), silent(3500)]).reasons).toContain(
      "p3500 does not answer",
    )
    const crashed = rest.map((report) => ({ ...report, left: [] }))
    expect(statusOf(genesisOf(four), [...crashed.map(heard), silent(3500)]).verdict).toBe("degraded")
  })

  test("the table", () => {
    const status = statusOf(genesis, [
      heard(first),
      heard({ ...second, suspected: [third.self] }),
      silent(3000),
    ])
    expect(writeStatus(status)).toMatchInlineSnapshot(`
      "test: degraded, 2 of 3 peers are members, 128 cells, mode replay, 3 replicas
      PEER    PID  ID        STATE     ARC  CELLS  SERVICE             RTT  SUSPECTED BY
      p100   1000  06400000  member  29.2%     38  ready, pid 2000  1.0 ms  -
      p1500  1001  5dc00000  member  34.2%     43  ready, pid 2001  1.0 ms  -
      p3000     -  bb800000  silent      -      -  -                     -  p1500
      ! p3000 does not answer
      ! p100 has the successors p1500 p3000, and should have p1500 p100
      ! p100 has the predecessor p3000, and should have p1500
      ! p1500 has the successors p3000 p100, and should have p100 p1500"
    `)
  })
})
