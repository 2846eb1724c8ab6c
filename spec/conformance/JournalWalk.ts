import type { PeerState } from "../../core/peer/PeerState.ts"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import type { Replica } from "../../core/replication/Replica.ts"
import { isMember } from "../../core/replication/View.ts"
import { climateOf, type Scope } from "./JournalClimate.ts"
import { JournalFaults } from "./JournalFaults.ts"
import { acquainted } from "./Acquaintance.ts"
import { flaws as ringFlaws } from "./Ideal.ts"
import { memberOf } from "./JournalFacts.ts"
import { JournalViolation } from "./JournalWatch.ts"
import { seeded } from "./Seeded.ts"
import { VirtualClients } from "./VirtualClients.ts"
import { type JournalOptions, VirtualJournal } from "./VirtualJournal.ts"
import { virtualPeers } from "./VirtualPeer.ts"

/** Virtual ms after the last fault within which every request is answered, and then every cell is whole. */
const ANSWERED_MS = 40_000
const WHOLE_MS = 30_000

/** What a walk saw. */
export interface WalkReport {
  readonly committed: number
  readonly views: number
  readonly answered: number
  readonly messages: number
  readonly faults: ReadonlySet<string>
  /** Virtual ms after the last fault until all was answered, and until all was whole. */
  readonly answeredMs: number
  readonly wholeMs: number
  /** Virtual ms in all, and a digest of all that happened. */
  readonly virtualMs: number
  readonly digest: string
}

export interface WalkOptions {
  /** A quick SHA-256, if there is one. */
  readonly sha256?: JournalOptions["sha256"]
  /** Whether a violation tells what happened before it. */
  readonly traced?: boolean
  /** How large and how long; a few peers and a few seconds unless it is said. */
  readonly scope?: Scope
  /** Hears how far virtual time has come, now and then. */
  readonly onTime?: (ms: number, digest: string) => void
  /** Takes what the peers would write to their traces. */
  readonly onLines?: (lines: ReadonlyArray<TraceLine>) => void
}

/**
 * Peers, faults and clients drawn from the seed; then no more faults, and everything must become whole.
 *
 * @throws JournalViolation at the first promise that is not kept
 */
export const walk = (
  seed: number,
  { onLines, onTime, scope, sha256, traced = false }: WalkOptions = {},
): WalkReport => {
  const random = seeded(seed)
  const climate = climateOf(seed, random, sha256, scope)
  const journal = new VirtualJournal({ ...climate.journal, traced }, virtualPeers(climate.founders))
  if (onLines !== undefined) journal.ring.traced = onLines
  try {
    return play(journal, climate, random, onTime)
  } catch (error) {
    if (!traced) throw error
    const told = [...journal.journal.slice(-3_000), ...journal.ring.states().map(stateText)]
    throw new Error(`${told.join("\n")}\n${String(error)}`, { cause: error })
  }
}

const play = (
  journal: VirtualJournal,
  climate: ReturnType<typeof climateOf>,
  random: ReturnType<typeof seeded>,
  onTime: WalkOptions["onTime"],
): WalkReport => {
  const { ring, watches } = journal
  ring.run(300)
  const clients = new VirtualClients(journal, random, climate.clients)
  const faults = new JournalFaults(journal, random, climate)
  while (ring.now < climate.untilMs) {
    ring.run(random.next() * climate.calmMs)
    faults.inject()
    onTime?.(ring.now, ring.digest.text())
    if (random.next() < 0.02) clients.reset()
  }
  faults.peace()
  const answered = clients.answered
  ring.run(1_000)
  clients.resting = true
  const answeredMs = ring.runUntil(() => clients.unanswered().length === 0, ANSWERED_MS)
  if (answeredMs === undefined) {
    throw new JournalViolation(
      "every request is answered",
      `${clients.unanswered().join("; ")}; ${flaws(journal).join("; ")}`,
    )
  }
  const amiss = (): ReadonlyArray<string> => {
    const found = flaws(journal)
    return found.length > 0 ? found : acquainted(ring.states()).flatMap(ringFlaws)
  }
  const wholeMs = ring.runUntil(() => amiss().length === 0, WHOLE_MS)
  if (wholeMs === undefined) throw new JournalViolation("everything is whole again", amiss().join("; "))
  return {
    committed: watches.reduce((sum, { history }) => sum + history.committed.length, 0),
    views: watches.reduce((sum, { history }) => sum + history.decided.size - 1, 0),
    answered: clients.answered + answered,
    messages: ring.sent,
    faults: faults.injected,
    answeredMs: answeredMs + 1_000,
    wholeMs,
    virtualMs: ring.now,
    digest: ring.digest.text(),
  }
}

/** One peer in a line, for whoever looks into a failure. */
const stateText = ({ config, phase, successors, detector, replication, replicas }: PeerState): string => {
  const suspects = [...detector.suspected.values()].map(({ peer, reason }) => `${memberOf(peer)} ${reason}`)
  const cells = replicas.map((replica) => (replica === null ? "-" : replicaText(replica)))
  return [
    `${memberOf(config.self)} ${phase} before ${successors.map(memberOf).join(" ")}`,
    `suspects ${suspects.join(", ")}`,
    `live ${replication.live.map(memberOf).join(" ")}`,
    ...cells,
  ].join("; ")
}

const replicaText = ({ record, log, commit, leading, proposing, corrupt }: Replica): string =>
  [
    `${record.role} ${record.epoch} ${record.view.map(memberOf).join(",")} ${log.length}/${commit}`,
    ...(record.ballot === null ? [] : ["sealed"]),
    ...(leading === null ? [] : [leading.active ? "active" : "leads"]),
    ...(proposing === null ? [] : ["proposes"]),
    ...(corrupt ? ["corrupt"] : []),
  ].join(" ")

/** What keeps cells from being whole: one active leader each, and its log at as many members as there should be. */
export const flaws = (journal: VirtualJournal): ReadonlyArray<string> => {
  const states = journal.ring.states().filter((state) => state.phase === "member")
  const due = Math.min(states.length, journal.options.journal.replicas)
  return journal.watches.flatMap((_, cell) => {
    const leaders = states.filter((state) => state.replicas[cell]?.leading?.active === true)
    const [leader] = leaders
    if (leader === undefined || leaders.length > 1)
      return [`cell ${cell} has ${leaders.length} active leaders`]
    const replica = leader.replicas[cell]
    const whole = states.filter(
      ({ replicas, config }) =>
        replica !== null &&
        replica !== undefined &&
        isMember(replica.record.view, config.self) &&
        replicas[cell]?.record.epoch === replica.record.epoch &&
        replicas[cell]?.log.head === replica.log.head &&
        replicas[cell]?.commit === replica.log.length,
    )
    return whole.length === due ? [] : [`cell ${cell} is whole at ${whole.length} of ${due} peers`]
  })
}
