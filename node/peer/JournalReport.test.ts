import * as HashMap from "effect/HashMap"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Contact } from "../../core/peer/Contact.ts"
import { newcomer, peer } from "../../core/peer/Peer.samples.ts"
import type { JournalConfig } from "../../core/peer/JournalConfig.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { Ballot } from "../../core/replication/Ballot.ts"
import { type Hash, NO_HASH } from "../../core/replication/Durable.ts"
import { add, emptySubstream } from "../../core/handoff/Substream.ts"
import { newCellSessions, newHandoff } from "../../core/handoff/Handoff.ts"
import { newSession, type Session } from "../../core/handoff/Session.ts"
import { append, emptyLog, headAt, type Log } from "../../core/replication/Log.ts"
import type { Replica } from "../../core/replication/Replica.ts"
import { cellsOf, HASH_DIGITS, type JournalFacts, journalReport } from "./JournalReport.ts"
import { journalDefaults } from "./JournalDefaults.ts"

const config: JournalConfig = {
  replicas: 3,
  boot: 1,
  standby: "warm",
  sessionState: "any",
  sessionEntries: 10,
  sessionBytes: 1_000,
  idleMs: 1_000,
  replays: 4,
}
const facts: JournalFacts = {
  options: { ...journalDefaults, bodyLimit: 1_048_576, serviceAnswerMs: 30_000 },
  bytes: 4_096,
}

/** A log of this many entries, whose hashes say `seed` and their place. */
const logOf = (length: number, seed = 1): Log => {
  const hash = (i: number): Hash => `${seed}${String(i).padStart(8, "0")}`.padEnd(64, "f") as Hash
  return append(
    emptyLog,
    Array.from({ length }, (_, i) => ({ digest: NO_HASH, head: hash(i + 1), bytes: new Uint8Array(1) })),
  )
}

interface Choices {
  readonly epoch?: number
  readonly view?: ReadonlyArray<Contact>
  readonly role?: "member" | "former" | "tombstone"
  readonly length?: number
  readonly seed?: number
  readonly commit?: number
  readonly ballot?: Ballot | null
  readonly leading?: { readonly active: boolean; readonly draining: boolean } | null
}

const replica = (cell: number, choices: Choices = {}): Replica => {
  const log = logOf(choices.length ?? 0, choices.seed)
  return {
    record: {
      cell,
      role: choices.role ?? "member",
      epoch: choices.epoch ?? 0,
      view: choices.view ?? [peer(1), peer(2), peer(3)],
      base: { length: 0, head: NO_HASH },
      ballot: choices.ballot ?? null,
      accepted: null,
      next: null,
    },
    log,
    commit: choices.commit ?? log.length,
    rewrites: 0,
    leading: choices.leading ?? null,
  } as Replica
}

const stateWith = (replicas: ReadonlyArray<Replica | null>): PeerState => ({
  ...newcomer(1, { cells: replicas.length, journal: config }),
  replicas,
})

const report = (replicas: ReadonlyArray<Replica | null>) => {
  const found = journalReport(stateWith(replicas), facts)
  if (found === null) throw new Error("a journal")
  return found
}

test("without a journal there is nothing to report", () => {
  expect(journalReport(newcomer(1, { journal: null }), facts)).toBeNull()
})

const choices: fc.Arbitrary<Choices | null> = fc.option(
  fc
    .record({
      epoch: fc.nat(3),
      view: fc.shuffledSubarray([peer(1), peer(2), peer(3)], { minLength: 1 }),
      role: fc.constantFrom("member" as const, "former" as const, "tombstone" as const),
      length: fc.nat(4),
      ballot: fc.option(fc.constant({ counter: 2, id: peer(2).id, boot: 7 })),
      leading: fc.option(fc.record({ active: fc.boolean(), draining: fc.boolean() })),
    })
    .chain((chosen) => fc.nat(chosen.length).map((commit) => ({ ...chosen, commit }))),
  { freq: 4 },
)

/** Few kinds of cells, so that alike ones lie side by side. */
const runs = fc
  .array(fc.tuple(choices, fc.integer({ min: 1, max: 5 })), { maxLength: 12 })
  .map((parts) =>
    parts
      .flatMap(([choice, count]) => Array.from({ length: count }, () => choice))
      .map((choice, cell) => (choice === null ? null : replica(cell, choice))),
  )

test("what is read from a report is what the replicas are, cell by cell, also after a journey as JSON", () => {
  fc.assert(
    fc.property(runs, (replicas) => {
      const found = JSON.parse(JSON.stringify(report(replicas))) as ReturnType<typeof report>
      const kept = replicas.flatMap((one) => (one === null || one.record.role === "tombstone" ? [] : [one]))
      expect(found.omitted).toBe(0)
      expect(found.tombstones).toBe(replicas.filter((one) => one?.record.role === "tombstone").length)
      expect(cellsOf(found)).toEqual(
        kept.map(({ commit, leading, log, record }) => ({
          cell: record.cell,
          epoch: record.epoch,
          role: record.role,
          view: record.view.map(({ name }) => name),
          leads: leading !== null,
          active: leading?.active === true,
          draining: leading?.draining === true,
          corrupt: false,
          sealed: record.ballot !== null,
          length: log.length,
          commit,
          head: log.head.slice(0, HASH_DIGITS),
          headAtCommit: headAt(log, commit)?.slice(0, HASH_DIGITS),
          ballot: record.ballot === null ? null : `2.${peer(2).id.slice(0, 8)}.7`,
        })),
      )
    }),
  )
})

/** So many cells of which no two are alike. */
const busy = (count: number) =>
  Array.from({ length: count }, (_, cell) =>
    replica(cell, {
      length: 3,
      commit: 2,
      seed: cell + 1,
      epoch: 123,
      ballot: { counter: 7, id: peer(9).id, boot: 12 },
    }),
  )

describe("a report is small", () => {
  test("a ring that has served nobody yet has one row for each stretch of cells alike, however many cells", () => {
    const [mine, ours] = [
      [peer(1), peer(2), peer(3)],
      [peer(3), peer(1), peer(2)],
    ]
    const cells = Array.from({ length: 2 ** 16 }, (_, cell) =>
      replica(cell, cell < 2 ** 15 ? { view: mine } : { view: ours }),
    )
    expect(report(cells).rows).toHaveLength(2)
  })

  test("1,024 cells of which no two are alike", () => {
    const found = report(busy(1_024))
    expect(found.omitted).toBe(0)
    expect(JSON.stringify(found).length).toBeLessThan(2 ** 17)
  })

  test("more than fit are left out, the highest ones, and counted", () => {
    const found = report(busy(10_000))
    expect(JSON.stringify(found).length).toBeLessThan(2 ** 20)
    expect(found.omitted).toBeGreaterThan(0)
    expect(cellsOf(found).map(({ cell }) => cell)).toEqual(
      Array.from({ length: 10_000 - found.omitted }, (_, cell) => cell),
    )
  })
})

const session = (count: number, fenced: boolean): Session => ({
  ...newSession,
  entries: Array.from({ length: count }, (_, i) => i).reduce((all, i) => add(all, `${i}`, i), emptySubstream),
  fenced: fenced ? { entry: 0, difference: { where: "/", journaled: "1", replayed: "2", flag: null } } : null,
})
const sessions = (...all: ReadonlyArray<readonly [string, Session]>) => ({
  ...newCellSessions,
  behind: 2,
  sessions: HashMap.fromIterable(all),
})

test("sessions are counted where there are any, fenced ones by name, those led once more", () => {
  const state: PeerState = {
    ...stateWith([
      replica(0, { leading: { active: true, draining: false } }),
      replica(1),
      replica(2, { role: "former" }),
      null,
    ]),
    handoff: {
      ...newHandoff(4),
      cells: [
        sessions(["a", session(2, false)], ["b", session(1, true)], ["blank", session(0, false)]),
        sessions(["c", session(3, true)]),
        sessions(["gone", session(3, true)]),
        null,
      ],
    },
    persists: { issued: 9, durable: 7 },
  }
  expect(journalReport(state, facts)).toMatchObject({
    sessions: 3,
    sessionsLed: 2,
    behind: 4,
    pending: 2,
    bytes: 4_096,
    fenced: { count: 2, clients: ["b", "c"] },
  })
})
