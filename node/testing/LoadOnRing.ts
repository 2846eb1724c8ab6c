import type { Load, Outcome } from "./Load.ts"
import type { LocalRing } from "./LocalRing.ts"
import { until } from "./Until.ts"

/** Waits for what a load on a ring shows, or for what the ring says of itself. */

type Outcomes = Pick<Load, "outcomes">

/** Until each of `clients` clients has had an answer since the outcome numbered `since`. */
export const everyClientIsServed = (load: Outcomes, clients: number, since = 0): Promise<true> =>
  until("every client is served", () =>
    new Set(load.outcomes.slice(since).map(({ client }) => client)).size === clients ? true : undefined,
  )

/** Until every client was answered, and several times over, by others than `peer`. */
export const movedAwayFrom = async (load: Outcomes, clients: number, peer: string): Promise<void> => {
  await until(`nobody is served by ${peer}`, () =>
    load.outcomes.slice(-3 * clients).every((one) => one.peer !== peer) ? true : undefined,
  )
  await everyClientIsServed(load, clients, load.outcomes.length)
}

/** Until `peer` has given an answer since the outcome numbered `since`. */
export const servesAgain = (load: Outcomes, peer: string, since: number): Promise<Outcome> =>
  until(
    `${peer} serves again`,
    () => load.outcomes.slice(since).find((one) => one.peer === peer && one.error === ""),
    30_000,
  )

/** Until no client would wait long should a leader be lost: whoever is next in line has caught up. */
export const standbysAreReady = (ring: LocalRing): Promise<true> =>
  until(
    "every standby that is next in line has caught up",
    async () => {
      const { exitCode, stdout } = await ring.run("status", "--output", "json")
      const status = exitCode === 0 ? (JSON.parse(stdout) as { journal?: { unready?: number } }) : {}
      return status.journal?.unready === 0 ? true : undefined
    },
    60_000,
  )

export const ringIsClean = (ring: LocalRing): Promise<true> =>
  until(
    "check-ring is clean",
    async () => ((await ring.run("check-ring")).exitCode === 0 ? true : undefined),
    30_000,
  )
