import * as HashMap from "effect/HashMap"
import { describe, expect, test } from "vitest"
import { encodeEntry } from "../../core/codec/EntryCodec.ts"
import { newCellSessions, newHandoff } from "../../core/handoff/Handoff.ts"
import { newSession, type Session } from "../../core/handoff/Session.ts"
import { add, emptySubstream } from "../../core/handoff/Substream.ts"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import { member, peer } from "../../core/peer/Peer.samples.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import { chain } from "../../core/replication/Chain.ts"
import { NO_HASH } from "../../core/replication/Durable.ts"
import type { Entry } from "../../core/replication/Entry.ts"
import { append, emptyLog } from "../../core/replication/Log.ts"
import { leadingOf, type Replica, replicaOf } from "../../core/replication/Replica.ts"
import { cellOf } from "../../core/ring/Cell.ts"
import { resetAnswer, sessionAnswer, SHOWN_ENTRIES, TARGET_CHARACTERS } from "./SessionReport.ts"

const CELLS = 4
const genesis = { hash: ["sha1"], cells: CELLS } as unknown as Genesis
const cell = cellOf(makeHasher(["sha1"])("alice"), CELLS)
const view = [peer(1), peer(2), peer(3)]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const entry = (client: string, n: number, target = `/cart?n=${n}`): Entry => ({
  type: "request",
  client,
  id: `o-${n}`,
  at: 1_000 + n,
  replay: "compare",
  request: bytes(`POST ${target} HTTP/1.1\r\nhost: a\r\n\r\n`),
  response: bytes("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"),
})

/** A member that leads alice's cell, or follows in it, with these entries, of which all but the last are committed. */
const stateWith = (
  entries: ReadonlyArray<Entry>,
  change: { readonly session?: Partial<Session>; readonly replica?: Partial<Replica> } = {},
): PeerState => {
  const log = append(
    emptyLog,
    chain(
      NO_HASH,
      entries.map((one) => ({ bytes: encodeEntry(one) })),
    ),
  )
  const replica: Replica = {
    ...replicaOf(
      {
        cell,
        role: "member",
        epoch: 7,
        view,
        base: { length: 0, head: NO_HASH },
        ballot: null,
        accepted: null,
        next: null,
      },
      log,
    ),
    commit: log.length - 1,
    leading: { ...leadingOf(view, log.length, log.length), active: true },
    ...change.replica,
  }
  const own = entries.flatMap((one, index) => (one.client === "alice" ? [index] : []))
  const session: Session = {
    ...newSession,
    entries: own.reduce((all, index) => add(all, `o-${index}`, index), emptySubstream),
    bytes: 321,
    at: 5_000,
    applied: { birth: 2, last: own[1] ?? -1 },
    ...change.session,
  }
  const state = member(1, [2, 3, 1], 3)
  const { config } = state
  const at = <A>(one: A): ReadonlyArray<A | null> =>
    Array.from({ length: CELLS }, (_, i) => (i === cell ? one : null))
  return {
    ...state,
    config: { ...config, cells: CELLS, journal: {} as unknown as NonNullable<typeof config.journal> },
    replicas: at(replica),
    handoff: {
      ...newHandoff(CELLS),
      birth: 2,
      cells: at({ ...newCellSessions, sessions: HashMap.fromIterable([["alice", session]]) }),
    },
  }
}

const entries = [entry("alice", 0), entry("bob", 1), entry("alice", 2), entry("alice", 3)]

const shown = (state: PeerState, client = "alice") => {
  const answer = sessionAnswer(state, genesis, client)
  if (answer.type !== "session") throw new Error(JSON.stringify(answer))
  return answer.session
}

describe("the leader of the cell shows", () => {
  test("the client's own requests and how far they have come", () => {
    const session = shown(stateWith(entries))
    expect(session).toMatchObject({
      cell,
      epoch: 7,
      peer: "p1",
      serves: true,
      view: ["p1", "p2", "p3"],
      count: 3,
      committed: 2,
      applied: 2,
      bytes: 321,
      at: 5_000,
      fenced: null,
      diverged: null,
    })
    expect(session.entries.map(({ index, isCommitted }) => [index, isCommitted])).toEqual([
      [0, true],
      [2, true],
      [3, false],
    ])
    expect(session.entries[1]).toMatchObject({
      id: "o-2",
      at: 1_002,
      method: "POST",
      target: "/cart?n=2",
      status: 201,
      replay: "compare",
    })
  })

  test("nothing of a client that it has never heard of", () => {
    const stranger = ["bob", "carol", "dave", "erin", "frank"].find(
      (name) => cellOf(makeHasher(["sha1"])(name), CELLS) === cell,
    )
    expect(shown(stateWith(entries), stranger)).toMatchObject({ count: 0, applied: 0, at: null, entries: [] })
  })

  test("what another instance applied is not applied by this one", () => {
    expect(shown(stateWith(entries, { session: { applied: { birth: 1, last: 2 } } })).applied).toBe(0)
  })

  test("why a session is fenced, and that a peer between two views does not serve", () => {
    const fenced = {
      entry: 2,
      difference: { where: "/pid", journaled: "1", replayed: "2", flag: "--ignore /pid" },
    }
    const session = shown(stateWith(entries, { session: { fenced }, replica: { leading: null } }))
    expect(session).toMatchObject({ fenced, serves: false })
  })

  test("the last of many, with targets that fit", () => {
    const many = Array.from({ length: SHOWN_ENTRIES + 5 }, (_, i) =>
      entry("alice", i, `/${"x".repeat(9_000)}`),
    )
    const session = shown(stateWith(many))
    expect(session.count).toBe(many.length)
    expect(session.entries.map(({ index }) => index)).toEqual(
      Array.from({ length: SHOWN_ENTRIES }, (_, i) => i + 5),
    )
    expect(session.entries[0]?.target).toHaveLength(TARGET_CHARACTERS)
    expect(JSON.stringify(session).length).toBeLessThan(2 ** 20)
  })
})

describe("any other peer says who leads", () => {
  test("a backup: the first of the view", () => {
    const record = {
      ...(stateWith(entries).replicas[cell]?.record as Replica["record"]),
      view: [peer(2), peer(1)],
    }
    const state = stateWith(entries, { replica: { record, leading: null } })
    expect(sessionAnswer(state, genesis, "alice")).toEqual({
      type: "not-leader",
      leader: { name: "p2", ring: "r2:1" },
    })
  })

  test("one that has nothing of the cell: whom the ring says", () => {
    const state = { ...stateWith(entries), replicas: Array.from({ length: CELLS }, () => null) }
    expect(sessionAnswer(state, genesis, "alice")).toMatchObject({ type: "not-leader" })
  })

  test("without a journal there are no sessions", () => {
    const state = member(1, [2, 3, 1], 3)
    expect(sessionAnswer(state, genesis, "alice")).toMatchObject({ type: "refused" })
  })
})

test("the end of a reset", () => {
  expect(resetAnswer({ type: "response", response: bytes(""), entry: 4 })).toEqual({ type: "reset" })
  expect(resetAnswer({ type: "not-leader", leader: null })).toEqual({ type: "not-leader", leader: null })
  expect(resetAnswer({ type: "not-leader", leader: peer(2) })).toEqual({
    type: "not-leader",
    leader: { name: "p2", ring: "r2:1" },
  })
  expect(resetAnswer({ type: "refused", code: "no-majority", reason: "b is missing" })).toEqual({
    type: "refused",
    reason: "b is missing",
  })
})
