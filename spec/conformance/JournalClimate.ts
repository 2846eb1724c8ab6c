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

/** What goes wrong with single links and clocks besides, in the simulation of whole rings. */
export const LINK_FAULTS = ["hold", "slow", "jitter", "reset", "skew"] as const

export type Fault = (typeof FAULTS)[number] | (typeof LINK_FAULTS)[number]

/** How large and how long; what is not said is drawn from the seed, as walks have it: a few peers, a few seconds. */
export interface Scope {
  readonly founders: number
  /** How long there are faults, in virtual ms. */
  readonly faultsMs: number
}

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
export const climateOf = (
  seed: number,
  random: Seeded,
  sha256: JournalOptions["sha256"],
  scope?: Scope,
): Climate => {
  const climate = smallClimate(seed, random, sha256)
  return scope === undefined ? climate : widened(climate, random, scope)
}

/** The same climate over a whole ring, which is spread over three areas, with faults of links and clocks besides. */
const widened = (climate: Climate, random: Seeded, { faultsMs, founders }: Scope): Climate => {
  const one = <A>(...choices: ReadonlyArray<A>): A => choices[random.below(choices.length)] as A
  const weights = new Map(climate.weights)
  for (const fault of LINK_FAULTS) weights.set(fault, one(0, 1, 1))
  // Whoever is down sees nothing: of a large ring most should be up at most times, and connected.
  for (const cure of ["restart", "resume", "reconnect"] as const) weights.set(cure, one(3, 6, 12))
  weights.set("everything", (weights.get("everything") ?? 0) / 30)
  const { journal } = climate
  const replicas = Math.min(journal.journal.replicas, founders)
  const clients = climate.clients.clients
  return {
    ...climate,
    founders,
    weights,
    journal: {
      ...journal,
      cells: Math.max(journal.cells, 2 ** Math.floor(Math.log2(Math.max(1, founders / 4)))),
      ring: { ...journal.ring, latencyMs: [1, 2], areas: { count: 3, insideMs: 0.3 } },
      journal: { ...journal.journal, replicas: replicas % 2 === 0 ? replicas - 1 : replicas },
    },
    // Sessions last for the whole run here: who asks without a pause makes them long, and every answer tells all of one.
    clients: { ...climate.clients, clients, thinkMs: one([20, 200], [200, 2_000]) },
    calmMs: one(200, 600, 2_000),
    untilMs: faultsMs,
  }
}

const smallClimate = (seed: number, random: Seeded, sha256: JournalOptions["sha256"]): Climate => {
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
