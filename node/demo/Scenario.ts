import { busiest } from "../testing/Load.ts"
import {
  everyClientIsServed,
  movedAwayFrom,
  ringIsClean,
  servesAgain,
  standbysAreReady,
} from "../testing/LoadOnRing.ts"
import type { LocalRing } from "../testing/LocalRing.ts"
import { startPeer } from "../testing/LonePeer.ts"
import { SHOP_SERVICE } from "../testing/services/Services.ts"
import type { SessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

/** What befalls a ring while clients use it. */
export interface Scenario {
  /** One line on what happens, for whoever watches. */
  readonly about: (seconds: number) => string
  /** What `up` is told beside the way that it keeps sessions. */
  readonly flags: (seconds: number) => ReadonlyArray<string>
  /** Clients name their requests and send them again, at another dispatcher if need be. */
  readonly persistent?: true
  /** The longest that a client may wait between two good answers, in ms, if it is not what the way promises. */
  readonly gapMs?: number
  /** Done when nothing more is to come of it; throws when the ring does not get over it. */
  readonly befall: (scene: Scene) => Promise<void>
}

/** A ring, its clients, and the reporter. */
export interface Scene {
  readonly ring: LocalRing
  readonly load: SessionLoad
  readonly clients: number
  /** How long all of it is to last, roughly, in seconds. */
  readonly seconds: number
  /** Gaps count as this one's from here on; `peer` is what it happens to. */
  readonly phase: (what: string, peer?: string) => void
  /** Nothing happens for so many seconds. */
  readonly pause: (seconds: number) => Promise<void>
}

/** kill -9 of the peer that gave most of the latest answers, those of `spared` aside; its name. */
const killBusiest = async ({ clients, load, phase, ring }: Scene, spared = ""): Promise<string> => {
  const latest = load.outcomes.slice(-4 * clients)
  const victim = busiest(latest.filter(({ peer }) => peer !== spared))
  phase(`kill -9 of ${victim}`, victim)
  await ring.signal(victim, "SIGKILL")
  return victim
}

/** Waits until the clients of `peer` are served by others and then, since it came back, by it again. */
const goesAndComesBack = async ({ clients, load, phase }: Scene, peer: string): Promise<void> => {
  await movedAwayFrom(load, clients, peer)
  phase(`return of ${peer}`, peer)
  await servesAgain(load, peer, load.outcomes.length)
}

export const SCENARIOS = {
  kill: {
    about: (seconds) =>
      `${seconds / 5} s later the peer that serves most of them is killed (kill -9), at ${(seconds * 3) / 5} s it is back`,
    flags: (seconds) => [`--restart-after=${(seconds * 2) / 5}s`],
    befall: async (scene) => {
      const victim = await killBusiest(scene)
      await scene.pause((scene.seconds * 2) / 5)
      scene.phase(`return of ${victim}`, victim)
      await scene.pause((scene.seconds * 2) / 5)
    },
  },
  "two-kills": {
    about: () =>
      "two peers are killed (kill -9), the second once the first is back, the ring is whole and its standbys are ready",
    flags: () => ["--restart-after=1s"],
    befall: async (scene) => {
      const first = await killBusiest(scene)
      await goesAndComesBack(scene, first)
      await ringIsClean(scene.ring)
      await standbysAreReady(scene.ring)
      await goesAndComesBack(scene, await killBusiest(scene, first))
      await ringIsClean(scene.ring)
    },
  },
  freeze: {
    about: () =>
      "the peer that serves most of them stands still (kill -STOP), and goes on when it was replaced",
    flags: () => [],
    befall: async (scene) => {
      const { load, phase, ring, clients } = scene
      const zombie = busiest(load.outcomes.slice(-4 * clients))
      phase(`kill -STOP of ${zombie}`, zombie)
      await ring.signal(zombie, "SIGSTOP")
      await movedAwayFrom(load, clients, zombie)
      phase(`return of ${zombie}`, zombie)
      await ring.signal(zombie, "SIGCONT")
      await servesAgain(load, zombie, load.outcomes.length)
      await ringIsClean(ring)
    },
  },
  "leave-join": {
    about: () => "the peer that serves most of them leaves in good order, and joins again",
    flags: () => ["--restart-after=never"],
    gapMs: 300,
    befall: async ({ clients, load, pause, phase, ring, seconds }) => {
      const leaver = busiest(load.outcomes.slice(-4 * clients))
      phase(`leave of ${leaver}`, leaver)
      await ring.signal(leaver, "SIGTERM")
      await movedAwayFrom(load, clients, leaver)
      const state = async () => (await ring.file()).peers.find(({ name }) => name === leaver)?.state
      await until(`${leaver} has left`, async () => ((await state()) === "left" ? true : undefined), 35_000)
      await pause(seconds / 5)
      phase(`join of ${leaver}`, leaver)
      await using joiner = await startPeer(ring, leaver, [`--service=${SHOP_SERVICE}`])
      await servesAgain(load, leaver, load.outcomes.length)
      await pause(seconds / 5)
      const wrong = joiner.said().filter(({ type }) => type === "corrupt" || type === "diverged")
      if (wrong.length > 0) throw new Error(`${leaver} joined and said ${JSON.stringify(wrong)}`)
      // Here the clients end, since the joiner goes with this scope and would leave in good order once more.
      await load.stop()
    },
  },
  dispatcher: {
    about: () => "a dispatcher is killed (kill -9); whoever used it goes on at the other",
    flags: () => ["--restart-after=never"],
    persistent: true,
    befall: async ({ clients, load, phase, ring }) => {
      const [lost] = (await ring.file()).dispatchers
      phase(`kill -9 of ${lost?.name}`)
      await ring.signal(lost?.name ?? "", "SIGKILL")
      await everyClientIsServed(load, clients, load.outcomes.length + clients)
    },
  },
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof SCENARIOS

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ReadonlyArray<ScenarioName>
