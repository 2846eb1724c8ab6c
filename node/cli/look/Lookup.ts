import * as Effect from "effect/Effect"
import { makeHasher } from "../../../core/hashing/Hasher.ts"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { FindResult } from "../../../core/peer/Message.ts"
import { cellOf, homeOf } from "../../../core/ring/Cell.ts"
import type { RingId } from "../../../core/ring/RingId.ts"
import { connect, type RingClient } from "../../transport/RingClient.ts"
import { ExitCode } from "../ExitCode.ts"
import type { Refusal } from "../Refusal.ts"
import { leaderById } from "./LeaderById.ts"
import { findRing, type RingChoice, type RingTarget } from "./RingFlags.ts"
import { ASK_WITHIN_MS, survey } from "./Survey.ts"

/** Where a client is served, asked of the ring and worked out from the ids of all its members. */
export interface LookupReport {
  readonly client: string
  readonly key: RingId
  readonly cell: number
  readonly home: RingId
  /** Who was asked; null when nobody answers. */
  readonly asked: string | null
  /** Why there is no answer; null when there is one. */
  readonly problem: string | null
  /** The peer that the ring says leads the cell; null when it gave no answer. */
  readonly leader: Pick<Contact, "name" | "id" | "http"> | null
  /** Messages from peer to peer. */
  readonly hops: number
  /** Names of the peers on the way, the leader last; with `--trace`. */
  readonly path: ReadonlyArray<string> | null
  /** The leader by the sorted ids of the members that answer; null when there are none. */
  readonly expected: string | null
}

/** A lookup may walk the ring while it heals, in ms. */
const FIND_WITHIN_MS = 5_000

/** Looks `client` up in the ring that `choice` means and prints the result. */
export const lookup = Effect.fnUntraced(function* (
  choice: RingChoice,
  client: string,
  options: { readonly trace: boolean; readonly output: "table" | "json" },
): Effect.fn.Return<ExitCode, Refusal> {
  const target = yield* findRing(choice)
  const { genesis } = target
  const key = makeHasher(genesis.hash)(client)
  const cell = cellOf(key, genesis.cells)
  const home = homeOf(cell, genesis.cells)
  const [found, members] = yield* Effect.all([ask(target, home, options.trace), membersOf(target)], {
    concurrency: "unbounded",
  })
  const leader = found?.result.owner ?? null
  const report: LookupReport = {
    client,
    key,
    cell,
    home,
    asked: found?.asked ?? null,
    problem: found === undefined ? "nobody answers; see 'ringstead status'" : found.problem,
    leader: leader === null ? null : { name: leader.name, id: leader.id, http: leader.http },
    hops: found?.result.hops ?? 0,
    path: options.trace && leader !== null ? withLeader(found?.result.path ?? [], leader.name) : null,
    expected: leaderById(members, home)?.name ?? null,
  }
  process.stdout.write(
    `${options.output === "json" ? JSON.stringify(report, null, 2) : writeLookup(report, genesis.cells)}\n`,
  )
  if (report.leader === null) return ExitCode.broken
  return report.leader.name === report.expected ? ExitCode.ok : ExitCode.degraded
})

/** The result for people. */
export const writeLookup = (report: LookupReport, cells: number): string => {
  const { asked, expected, hops, leader, path } = report
  const rows: Array<readonly [string, string]> = [
    ["client", report.client],
    ["key", report.key],
    ["cell", `${report.cell} of ${cells}, home ${report.home}`],
  ]
  if (leader === null) {
    rows.push(["leader", `not found: ${report.problem ?? ""}`])
  } else {
    rows.push(["leader", `${leader.name} at http://${leader.http}/`])
    rows.push(["hops", `${hops}, asked ${asked ?? "nobody"}`])
  }
  if (path !== null) rows.push(["path", path.join(" -> ")])
  if (expected !== null) {
    const agrees = leader === null || leader.name === expected
    rows.push([
      "by id",
      agrees ? expected : `${expected}, so the ring is not right yet; see 'ringstead check-ring'`,
    ])
  }
  return rows.map(([label, value]) => `${label.padEnd(7)} ${value}`).join("\n")
}

const withLeader = (path: ReadonlyArray<string>, leader: string): ReadonlyArray<string> =>
  path.at(-1) === leader ? path : [...path, leader]

interface Found {
  readonly asked: string
  readonly result: FindResult
  readonly problem: string | null
}

/** Whom the first peer that can be reached takes for the owner of `home`; undefined when none can be. */
export const findOwner = (
  target: RingTarget,
  home: RingId,
): Effect.Effect<{ readonly owner: Contact | null } | undefined> =>
  Effect.map(ask(target, home, false), (found) => found && { owner: found.result.owner })

/** The answer of the first peer that can be reached; undefined when there is none. */
const ask = (target: RingTarget, home: RingId, trace: boolean): Effect.Effect<Found | undefined> => {
  const find = ({ find: send, peer }: RingClient): Effect.Effect<Found> =>
    Effect.match(send(home, { trace, deadlineMs: FIND_WITHIN_MS }), {
      onSuccess: (result) => ({
        asked: peer.name,
        result,
        problem: result.owner === null ? `the ring did not answer ${peer.name} in time` : null,
      }),
      onFailure: ({ message }) => ({ asked: peer.name, result: NOTHING, problem: message }),
    })
  return Effect.scoped(
    Effect.firstSuccessOf(
      target.addresses.map((address) =>
        Effect.flatMap(
          connect(address, { cluster: target.genesis.cluster, deadlineMs: ASK_WITHIN_MS }),
          find,
        ),
      ),
    ),
  ).pipe(Effect.catch(() => Effect.succeed(undefined)))
}

const NOTHING: FindResult = { owner: null, hops: 0, path: [] }

const membersOf = (target: RingTarget): Effect.Effect<ReadonlyArray<Contact>> =>
  Effect.map(survey(target), (answers) =>
    answers.flatMap(({ report }) =>
      report !== null && report.member && !report.leaving ? [report.self] : [],
    ),
  )
