import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { Fault, Plan } from "../plan/Plan.ts"
import { runOf } from "../check/testing/Runs.ts"
import { ToxiproxyError } from "../toxiproxy/ToxiproxyApi.ts"
import type { Deed } from "./Deed.ts"
import { GATE_MS, Nemesis } from "./Nemesis.ts"

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "hrtime"] })
})

afterEach(() => {
  vi.useRealTimers()
})

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const planOf = (faults: ReadonlyArray<Fault>, faultsMs: number): Plan => ({
  ...runOf({}).plan,
  faults,
  faultsMs,
})

/** Hands that need time for what they do, and write down when they did it, in ms since the beginning. */
class FakeHands {
  readonly did: Array<string> = []
  private readonly start = performance.now()
  wholeMs = 100
  amiss = ""
  undoMs = 50
  deed: Partial<Deed> = {}

  at(what: string): void {
    this.did.push(`${Math.round(performance.now() - this.start)} ${what}`)
  }

  readonly ready = (number: number, { verb, forMs }: Fault): Deed => ({
    assumption: "FailuresEnd",
    apply: async () => {
      this.at(`${verb} ${number}`)
      await wait(10)
      return { bit: true, proof: "seen" }
    },
    ...(forMs !== undefined && {
      undo: async () => {
        this.at(`undo ${number}`)
        await wait(this.undoMs)
        return undefined
      },
    }),
    ...this.deed,
  })

  readonly whole = async (withinMs: number): Promise<string> => {
    await wait(this.amiss === "" ? this.wholeMs : withinMs)
    this.at(this.amiss === "" ? "whole" : "not whole")
    return this.amiss
  }

  readonly heal = (): Promise<void> => Promise.resolve()
}

const play = async (hands: FakeHands, plan: Plan): Promise<Nemesis> => {
  const nemesis = new Nemesis(hands, () => {})
  const played = nemesis.play(plan).then(() => hands.at("end"))
  await vi.runAllTimersAsync()
  await played
  return nemesis
}

const kill = (at: number, forMs: number, target = "p0"): Fault => ({
  at,
  verb: "kill",
  targets: [target],
  forMs,
})

test("faults come at their times, the ring is looked at as soon as none lasts, and the phase ends on time", async () => {
  const hands = new FakeHands()
  const nemesis = await play(hands, planOf([kill(1_000, 500), kill(3_000, 500)], 5_000))
  expect(hands.did).toEqual([
    "1000 kill 0",
    "1510 undo 0",
    "1660 whole",
    "3000 kill 1",
    "3510 undo 1",
    "3660 whole",
    "5000 end",
  ])
  expect(nemesis.found()).toMatchObject([
    { fault: 0, bit: true, proof: "seen", assumption: "FailuresEnd" },
    { fault: 1, bit: true },
  ])
  const [one] = nemesis.found()
  const [undone, whole] = [one?.undoneAt ?? 0, one?.wholeAt ?? 0]
  expect([undone - (one?.appliedAt ?? 0), whole - undone]).toEqual([560e6, 100e6])
})

test("links that are healed one after another are whole no later than when that began", async () => {
  const hands = new FakeHands()
  hands.undoMs = 1_000
  const nemesis = await play(hands, planOf([cut(0, "p1")], 2_000))
  const [one] = nemesis.found()
  expect(((one?.undoneAt ?? 0) - (one?.appliedAt ?? 0)) / 1e6).toBe(200)
})

test("a peer that takes long to start delays the next fault, and not those after it", async () => {
  const hands = new FakeHands()
  hands.undoMs = 1_500
  const faults = [kill(0, 500), kill(1_000, 200), kill(1_100, 100, "p1"), kill(6_000, 200)]
  await play(hands, planOf(faults, 8_000))
  // The third belongs to the second, which came 1,110 ms late; the fourth has time enough.
  expect(hands.did.filter((line) => !line.endsWith("whole"))).toEqual([
    "0 kill 0",
    "510 undo 0",
    "2110 kill 1",
    "2210 kill 2",
    "2320 undo 1",
    "2320 undo 2",
    "6000 kill 3",
    "6210 undo 3",
    "8000 end",
  ])
})

test("a ring that does not become whole is waited for so long and no longer", async () => {
  const hands = new FakeHands()
  hands.amiss = "cell 3 has no leader"
  const nemesis = await play(hands, planOf([kill(0, 100), kill(1_000, 100)], 2_000))
  expect(hands.did).toContain(`${160 + GATE_MS} kill 1`)
  expect(nemesis.found().map(({ wholeAt }) => wholeAt)).toEqual([null, null])
  const healed = nemesis.healAll(3_000)
  await vi.runAllTimersAsync()
  expect(await healed).toBe("cell 3 has no leader")
})

const cut = (at: number, to: string): Fault => ({
  at,
  verb: "cut",
  targets: [["p0", to]],
  forMs: 200,
  shape: "flapping",
})

test("a link that comes and goes is not waited for; other links are", async () => {
  const hands = new FakeHands()
  hands.wholeMs = 2_000
  await play(hands, planOf([cut(0, "p1"), cut(500, "p1"), cut(1_000, "p2")], 4_000))
  expect(hands.did.filter((line) => line.includes("cut"))).toEqual(["0 cut 0", "500 cut 1", "2750 cut 2"])
})

test("what lasts to the end is healed, and what cannot be undone is told", async () => {
  const hands = new FakeHands()
  const nemesis = await play(hands, planOf([{ at: 0, verb: "kill", targets: ["p0"] }], 1_000))
  expect(hands.did).toEqual(["0 kill 0", "1000 end"])
  expect(nemesis.found()[0]?.undoneAt).toBe(null)

  hands.deed = { undo: () => Promise.reject(new Error("p0 ended")) }
  const broken = await play(hands, planOf([kill(0, 100)], 1_000))
  const healed = broken.healAll(1_000)
  await vi.runAllTimersAsync()
  expect(await healed).toBe("fault 0 was not undone: p0 ended")
})

test("what was seen when it was undone counts too; what cannot be done here is told, and what fails did not bite", async () => {
  const hands = new FakeHands()
  hands.deed = { undo: () => Promise.resolve({ bit: false, proof: "nothing came after it" }) }
  const held = await play(hands, planOf([kill(0, 100)], 500))
  expect(held.found()[0]).toMatchObject({ bit: false, proof: "seen; nothing came after it" })

  hands.deed = { unavailable: "libfaketime is not installed" }
  const missing = await play(hands, planOf([kill(0, 100)], 500))
  expect(missing.found()[0]).toMatchObject({ bit: null, unavailable: "libfaketime is not installed" })

  hands.deed = { apply: () => Promise.reject(new Error("no such peer")) }
  const failed = await play(hands, planOf([kill(0, 100)], 500))
  expect(failed.found()[0]).toMatchObject({ bit: false, proof: "no such peer" })
})

test("where links cannot be governed any more the harness has failed, and nothing more is done", async () => {
  const hands = new FakeHands()
  hands.deed = { apply: () => Promise.reject(new ToxiproxyError("fetch failed")) }
  const nemesis = new Nemesis(hands, () => {})
  const played = nemesis.play(planOf([kill(0, 100), kill(1_000, 100)], 2_000)).catch(String)
  await vi.runAllTimersAsync()
  expect(await played).toBe("Error: fetch failed")
  expect(nemesis.found()).toHaveLength(1)
  await expect(nemesis.healAll(1_000)).rejects.toThrow("fetch failed")
})
