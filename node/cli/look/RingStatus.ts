import { type Genesis, isUnprotected, type Mode, modeOf } from "../../../core/peer/Genesis.ts"
import { arcShare } from "../../../core/ring/Arc.ts"
import { cellsInArc } from "../../../core/ring/CellsInArc.ts"
import { compare, type RingId } from "../../../core/ring/RingId.ts"
import { type Contact, isPlaceholder } from "../../../core/peer/Contact.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import { ExitCode } from "../ExitCode.ts"
import { type JournalStatus, journalStatusOf } from "./JournalStatus.ts"
import { flawsOf } from "./RingCheck.ts"
import type { Answer } from "./Survey.ts"

/** One peer as `status` shows it; null where only the peer itself could tell and it does not answer. */
export interface PeerStatus {
  readonly name: string
  readonly id: RingId
  readonly founder: boolean
  readonly ring: string
  /** `joining`, `member`, `leaving`; `silent`: it does not answer; `left`: neither, as it said before it went. */
  readonly state: "joining" | "member" | "leaving" | "silent" | "left"
  /** The part of the ring between its predecessor and it, in (0, 1]. */
  readonly arcShare: number | null
  /** How many cells lie in its part: in the mode `stateless` it leads them. */
  readonly cells: number | null
  readonly pid: number | null
  readonly instance: PeerReport["instance"] | null
  readonly roundTripMs: number | null
  /** Names of the peers that take it for dead. */
  readonly suspectedBy: ReadonlyArray<string>
}

/** A ring as it stands. */
export interface RingStatus {
  readonly cluster: string
  /** `healthy`: all is well. `degraded`: it serves, and something is amiss. `broken`: some cell serves nobody. */
  readonly verdict: "healthy" | "degraded" | "broken"
  /** Fewer founders than replicas. */
  readonly unprotected: boolean
  readonly cells: number
  readonly replicas: number
  readonly mode: Mode
  /** null in the mode `stateless`, and when no peer tells of a journal. */
  readonly journal: JournalStatus | null
  /** What is amiss, one line each. */
  readonly reasons: ReadonlyArray<string>
  /** Clockwise from 0. */
  readonly peers: ReadonlyArray<PeerStatus>
}

export const exitCodeOf = ({ verdict }: Pick<RingStatus, "verdict">): ExitCode =>
  ({ healthy: ExitCode.ok, degraded: ExitCode.degraded, broken: ExitCode.broken })[verdict]

/** What the answers of a survey say about the ring of `genesis`. */
export const statusOf = (genesis: Genesis, answers: ReadonlyArray<Answer>): RingStatus => {
  const heard = answers.filter((answer) => answer.report !== null)
  const reports = heard.map(({ report }) => report)
  const suspectedBy = suspicionsIn(reports)
  const founderNames = new Set(genesis.founders.map(({ name }) => name))
  const answering = heard.map(({ report, roundTripMs }): PeerStatus => ({
    name: report.self.name,
    id: report.self.id,
    founder: founderNames.has(report.self.name),
    ring: report.self.ring,
    state: report.leaving ? "leaving" : report.member ? "member" : "joining",
    ...shareOf(report, genesis.cells),
    pid: report.pid,
    instance: report.instance,
    roundTripMs,
    suspectedBy: suspectedBy.get(report.self.name) ?? [],
  }))
  const silent = silentPeers(genesis, reports).map((contact): PeerStatus => ({
    name: contact.name,
    id: contact.id,
    founder: founderNames.has(contact.name),
    ring: contact.ring,
    state: hasLeft(contact, reports) ? "left" : "silent",
    arcShare: null,
    cells: null,
    pid: null,
    instance: null,
    roundTripMs: null,
    suspectedBy: suspectedBy.get(contact.name) ?? [],
  }))
  const peers = [...answering, ...silent].toSorted((a, b) => compare(a.id, b.id))
  const journal = journalStatusOf(genesis, reports)
  const reasons = [
    ...peers.flatMap(complaintsAbout),
    ...flawsOf(reports, genesis.successors),
    ...(journal?.reasons ?? []),
  ]
  const serves =
    peers.some(({ state, instance }) => state === "member" && instance?.state === "ready") &&
    (journal === null || journal.leaderless === 0)
  return {
    cluster: genesis.cluster,
    verdict: !serves ? "broken" : reasons.length > 0 ? "degraded" : "healthy",
    unprotected: isUnprotected(genesis),
    cells: genesis.cells,
    replicas: genesis.replicas,
    mode: modeOf(genesis),
    journal,
    reasons: !serves && reports.length === 0 ? [NOBODY] : reasons,
    peers,
  }
}

const NOBODY = "nobody answers; is the ring running, and can its ports be reached from here?"

const shareOf = (report: PeerReport, cells: number): Pick<PeerStatus, "arcShare" | "cells"> =>
  report.predecessor === null || !report.member || report.leaving
    ? { arcShare: null, cells: null }
    : {
        arcShare: arcShare(report.predecessor.id, report.self.id),
        cells: cellsInArc(report.predecessor.id, report.self.id, cells),
      }

const suspicionsIn = (reports: ReadonlyArray<PeerReport>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const by = new Map<string, Array<string>>()
  const incarnations = new Map(reports.map(({ self }) => [self.id, self.incarnation]))
  for (const { self, suspected } of reports) {
    for (const { id, incarnation, name } of suspected) {
      // Whoever suspects what a peer was before it lost its disk is right.
      if ((incarnations.get(id) ?? incarnation) === incarnation)
        by.set(name, [...(by.get(name) ?? []), self.name])
    }
  }
  return by
}

/** Whether a peer that does not answer went for good and in order: it said so, and nobody counts on it any more. */
export const hasLeft = ({ id }: Pick<Contact, "id">, reports: ReadonlyArray<PeerReport>): boolean => {
  const name = reports.flatMap(({ left }) => left).find((contact) => contact.id === id)?.name
  return (
    name !== undefined &&
    !reports.some(
      ({ journal, successors }) =>
        successors.some((entry) => entry.id === id && !isPlaceholder(entry)) ||
        journal?.views.some((view) => view.includes(name)) === true,
    )
  )
}

/** Founders, and peers that somebody suspects, from which nothing was heard. */
const silentPeers = (genesis: Genesis, reports: ReadonlyArray<PeerReport>): Genesis["founders"] => {
  const heard = new Set(reports.map(({ self }) => self.id))
  const missing = [...genesis.founders, ...reports.flatMap(({ suspected }) => suspected)]
  return [
    ...new Map(missing.filter(({ id }) => !heard.has(id)).map((contact) => [contact.id, contact])).values(),
  ]
}

const complaintsAbout = ({ instance, name, state }: PeerStatus): ReadonlyArray<string> => {
  if (state === "silent") return [`${name} does not answer`]
  return instance === null || instance.state === "ready" ? [] : [`${name}'s service is ${instance.state}`]
}
