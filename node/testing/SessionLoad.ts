import fc from "fast-check"
import type { Outcome } from "./Load.ts"
import { SessionLedger, type SessionVerdict } from "./SessionLedger.ts"
import { ShopClient, type ShopClientOptions } from "./ShopClient.ts"

/** A steady load of people in the sample shop, each with a cookie jar, who count along. */
export interface SessionLoadOptions extends ShopClientOptions {
  readonly clients: number
  readonly ratePerClient: number
  /** Every so many of a client's requests one puts tea in the cart; default 10. */
  readonly teaEvery?: number
  /** Seed of the order in which clients have their turns within an interval, and of who takes tea when; default 1. */
  readonly seed?: number
}

export interface SessionLoad {
  /** Every outcome so far, in the order of completion. */
  readonly outcomes: ReadonlyArray<Outcome>
  readonly people: ReadonlyArray<ShopClient>
  readonly verdict: () => SessionVerdict
  /** Lets requests in flight end, then closes every connection. */
  readonly stop: () => Promise<void>
}

/** Starts the load; it runs until stopped. */
export const startSessionLoad = (options: SessionLoadOptions): SessionLoad => {
  const outcomes: Array<Outcome> = []
  const ledger = new SessionLedger()
  const interval = 1000 / options.ratePerClient
  const teaEvery = options.teaEvery ?? 10
  const turns = shuffled(options.clients, options.seed ?? 1)
  const stopped = new AbortController()
  const people = turns.map((_, i) => new ShopClient(i, options, ledger))
  const runs = people.map(async (client, i) => {
    const turn = turns[i] ?? 0
    // Phases are spread over the interval, so that the load is steady and not a burst.
    let due = performance.now() + (interval * turn) / options.clients
    for (let n = 1; !stopped.signal.aborted; n++) {
      const wait = due - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      outcomes.push(await client.ask((n + turn) % teaEvery === 0 ? "tea" : "visit"))
      due = Math.max(due + interval, performance.now())
    }
  })
  const stop = async (): Promise<void> => {
    stopped.abort()
    await Promise.all(runs)
    for (const client of people) client.close()
  }
  return { outcomes, people, verdict: () => ledger.verdict(), stop }
}

/** The numbers below `count` in an order that depends on the seed alone. */
const shuffled = (count: number, seed: number): ReadonlyArray<number> => {
  const numbers = Array.from({ length: count }, (_, i) => i)
  const [order = numbers] = fc.sample(fc.noBias(fc.shuffledSubarray(numbers, { minLength: count })), {
    seed,
    numRuns: 1,
  })
  return order
}
