import * as Effect from "effect/Effect"
import type { ExitCode } from "../ExitCode.ts"
import type { Refusal } from "../Refusal.ts"
import { findRing, type RingChoice } from "./RingFlags.ts"
import { writeJournal } from "./JournalStatus.ts"
import { exitCodeOf, type PeerStatus, type RingStatus, statusOf } from "./RingStatus.ts"
import { survey } from "./Survey.ts"
import { table } from "./Table.ts"

/** Asks the ring that `choice` means and prints how it stands. */
export const showStatus = Effect.fnUntraced(function* (
  choice: RingChoice,
  output: "table" | "json",
): Effect.fn.Return<ExitCode, Refusal> {
  const status = yield* statusOfRing(choice)
  process.stdout.write(`${output === "json" ? JSON.stringify(status, null, 2) : writeStatus(status)}\n`)
  return exitCodeOf(status)
})

/** How the ring that `choice` means stands. */
export const statusOfRing = Effect.fnUntraced(function* (
  choice: RingChoice,
): Effect.fn.Return<RingStatus, Refusal> {
  const target = yield* findRing(choice)
  return statusOf(target.genesis, yield* survey(target))
})

/** The status for people: a line of summary, the peers clockwise, and what is amiss. */
export const writeStatus = (status: RingStatus): string =>
  [
    `${status.cluster}: ${summary(status)}`,
    table([HEAD, ...status.peers.map(rowOf)], NUMBERS),
    ...(status.journal === null ? [] : [writeJournal(status.journal)]),
    ...status.reasons.map((reason) => `! ${reason}`),
  ].join("\n")

const summary = ({ cells, mode, peers, replicas, unprotected, verdict }: RingStatus): string => {
  const members = peers.filter(({ state }) => state === "member").length
  const here = peers.filter(({ state }) => state !== "left").length
  const words = [verdict, `${members} of ${here} peers are members`, `${cells} cells`]
  return [
    ...words,
    `mode ${mode}`,
    unprotected ? `unprotected (fewer founders than ${replicas} replicas)` : `${replicas} replicas`,
  ].join(", ")
}

/** PID is the peer's own; its service's stands behind the state of that. */
const HEAD = ["PEER", "PID", "ID", "STATE", "ARC", "CELLS", "SERVICE", "RTT", "SUSPECTED BY"]
const NUMBERS = new Set([1, 4, 5, 7])

const rowOf = (peer: PeerStatus): ReadonlyArray<string> => [
  peer.name,
  peer.pid === null ? "-" : String(peer.pid),
  peer.id.slice(0, 8),
  peer.state,
  peer.arcShare === null ? "-" : `${(peer.arcShare * 100).toFixed(1)}%`,
  peer.cells === null ? "-" : String(peer.cells),
  peer.instance === null ? "-" : writeInstance(peer.instance),
  peer.roundTripMs === null ? "-" : `${peer.roundTripMs.toFixed(1)} ms`,
  // Of one that has left they are right.
  peer.state === "left" ? "-" : peer.suspectedBy.join(" ") || "-",
]

const writeInstance = ({ pid, state }: NonNullable<PeerStatus["instance"]>): string =>
  pid === null ? state : `${state}, pid ${pid}`
