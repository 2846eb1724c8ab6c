import type { ClientOptions } from "./VirtualClients.ts"
import type { Seeded } from "./Seeded.ts"
import type { JournalOptions } from "./VirtualJournal.ts"

/** What can go wrong in a walk. */
export const FAULTS = [
  "crash",
  "vanish",
  "wipe",
  "restart",
  "pause",
  "resume",
  "cut",
  "split",
  "reconnect",
  "suspect",
  "join",
  "leave",
  "storage",
  "clock",
  "service",
  "trap",
  "everything",
] as const

export type Fault = (typeof FAULTS)[number]

/** All that is drawn for one walk before it begins: each has other faults, and other delays. */
export interface Climate {
  readonly founders: number
  readonly journal: JournalOptions
  readonly clients: ClientOptions
  /** How often each fault is drawn, beside the others. */
  readonly weights: ReadonlyMap<Fault, number>
  /** Between two faults, in ms, at most. */
  readonly calmMs: number
  /** Until faults stop. */
  readonly untilMs: number
}

/** The climate of a seed; `random` is drawn from. */
export const climateOf = (seed: number, random: Seeded, sha256: JournalOptions["sha256"]): Climate => {
  const one = <A>(...choices: ReadonlyArray<A>): A => choices[random.below(choices.length)] as A
  const replicas = one(3, 3, 3, 3, 5)
  const cookies = one(true, false)
  const weights = new Map<Fault, number>()
  // Most walks know only some kinds of fault, so that others are seen undisturbed.
  for (const fault of FAULTS) weights.set(fault, one(0, 0, 1, 1, 3))
  weights.set("restart", one(1, 3, 6))
  weights.set("resume", 2)
  weights.set("reconnect", 2)
  return {
    founders: replicas + one(0, 0, 1, 2, 3),
    journal: {
      ring: {
        seed,
        latencyMs: one([0.3, 2], [0.3, 2], [0.1, 20]),
        delayed: one([0, 0], [0.02, 300], [0.1, 60], [0.2, 400], [0.05, 2_000]),
        loss: one(0, 0, 0.02, 0.1, 0.3),
        duplication: one(0, 0.05, 0.3),
        successors: 4,
        suspectTicks: one(3, 3, 5),
      },
      cells: one(1, 1, 2, 4),
      journal: {
        replicas,
        standby: one("warm", "cold"),
        sessionState: cookies ? "cookie" : "any",
        sessionEntries: 10_000,
        sessionBytes: 2 ** 24,
        // Where state hangs on more than cookies a session that ends of itself leaves some behind: core says why that is
        // taken into account (core/handoff/Expiry.ts), and this service would be found out.
        idleMs: cookies ? one(1e15, 1_500, 5_000) : 1e15,
        replays: one(1, 4),
      },
      diskMs: one([0.1, 1], [0.1, 1], [1, 10]),
      slowDisk: one([0, 0], [0.05, 100], [0.3, 40], [0.02, 1_500]),
      torn: one(0, 0.5, 1),
      service: {
        startMs: one([20, 60], [100, 600]),
        runMs: one([0.1, 2], [0.5, 20]),
        slow: one([0, 0], [0.1, 300], [0.02, 2_000]),
        unjournaled: one(0, 0, 0.1),
        fatal: one(0, 0, 0.02),
        stateInCookies: cookies,
      },
      ...(sha256 === undefined ? {} : { sha256 }),
    },
    clients: {
      clients: one(1, 2, 4, 8),
      thinkMs: one([0, 5], [0, 50], [20, 200]),
      looks: one(0, 0.2, 0.5),
      patienceMs: one(150, 500, 1_500),
      doubled: one(0, 0, 0.2),
      astray: one(0.05, 0.3),
    },
    weights,
    calmMs: one(60, 200, 600, 1_500),
    untilMs: one(3_000, 6_000),
  }
}
