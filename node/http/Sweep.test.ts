import { expect, test } from "vitest"
import { until } from "../testing/Until.ts"
import { Sweep, type Swept } from "./Sweep.ts"

/** Counts its ticks. */
class Member implements Swept {
  ticks = 0
  latest = 0

  onTick(now: number): void {
    this.ticks++
    this.latest = now
  }
}

test("looks at each member every tick, with a clock that goes on, until there is none", async () => {
  const sweep = new Sweep(2)
  const [one, other] = [new Member(), new Member()]
  sweep.add(one)
  sweep.add(other)
  await until("ticks", () => (one.ticks >= 2 && other.ticks >= 2 ? true : undefined))
  expect(one.latest).toBe(sweep.coarse)
  sweep.delete(other)
  const before = other.ticks
  const reached = one.ticks + 2
  await until("more ticks", () => (one.ticks >= reached ? true : undefined))
  expect(other.ticks).toBe(before)
  sweep.delete(one)
  sweep.add(one)
  const again = one.ticks
  await until("ticks again", () => (one.ticks > again ? true : undefined))
  sweep.delete(one)
})

test("the coarse clock is never ahead", () => {
  const sweep = new Sweep(1_000)
  expect(sweep.coarse).toBeLessThanOrEqual(sweep.now())
})
