/** What happens to processes: each target is one of them. */
export const PROCESS_VERBS = [
  "kill",
  "restart",
  "pause",
  "resume",
  "wipe",
  "skew",
  "tear",
  "join",
  "leave",
] as const

/** What happens to links: each target is one direction of one of them. */
export const LINK_VERBS = [
  "cut",
  "cutOneWay",
  "hold",
  "heal",
  "slow",
  "jitter",
  "throttle",
  "reset",
  "slice",
] as const

export type ProcessVerb = (typeof PROCESS_VERBS)[number]
export type LinkVerb = (typeof LINK_VERBS)[number]
export type Verb = ProcessVerb | LinkVerb

/** From whom to whom; `cut` and the other verbs but `cutOneWay` and `heal` take both directions, and want each named. */
export type Link = readonly [from: string, to: string]

interface Timed {
  /** In ms from the start of the phase of faults; the faults of a plan are in this order. */
  readonly at: number
  /**
   * In ms, until its undo: a killed, wiped, torn or left process is started again, a paused one goes on, links are healed, clocks
   * are right. Without it the fault lasts until the end of the phase, but for `restart`, `resume` and `heal`, which
   * are undos themselves, and `reset` and `join`, which have none.
   */
  readonly forMs?: number
  /**
   * By name: `slow` {ms}, `jitter` {ms}, `throttle` {kbps: KB/s}, `slice` {bytes}, `skew` {ms: ahead, or behind if
   * negative}, `tear` {bytes: at most so many of those that were not flushed; an even number is cut off, an odd one changed}.
   */
  readonly args?: Readonly<Record<string, number>>
  /** What the fault is a part of, for whoever reads the report: `halves`, `bridge`, `a rolling restart`. */
  readonly shape?: string
}

export interface ProcessFault extends Timed {
  readonly verb: ProcessVerb
  /** Peers `p0`, `p1`, ...; those that join have the numbers after the founders'. */
  readonly targets: ReadonlyArray<string>
}

export interface LinkFault extends Timed {
  readonly verb: LinkVerb
  /** Between peers, or from a dispatcher `d0`, `d1`, ... to a peer. */
  readonly targets: ReadonlyArray<Link>
}

/** One fault as data: the same whether it meets a simulated ring or real processes. */
export type Fault = ProcessFault | LinkFault

export const isLinkFault = (fault: Fault): fault is LinkFault =>
  LINK_VERBS.some((verb) => verb === fault.verb)

/** Whether a fault lasts; the others are undos themselves, or over at once. */
export const lasts = ({ verb }: Fault): boolean =>
  !["heal", "join", "reset", "restart", "resume"].includes(verb)

/** What clients do; see chaos/history/Operation.ts for what each writes down. */
export const WORKLOADS = ["counter", "cart", "ledger", "short", "hot"] as const

export type WorkloadName = (typeof WORKLOADS)[number]

export interface Workload {
  readonly name: WorkloadName
  /** For `hot`: connections, all of one and the same client. */
  readonly clients: number
  /** Requests per second, of each client. */
  readonly ratePerClient: number
}

export const CAMPAIGNS = [
  "crash",
  "partition",
  "slow",
  "mixed",
  "churn",
  "rolling-restart",
  "split-brain",
  "takeover",
] as const

export type CampaignName = (typeof CAMPAIGNS)[number]

/** A campaign as data (plan.json): with it the same faults meet the same workload again. */
export interface Plan {
  readonly version: 1
  readonly campaign: CampaignName
  /** What it was drawn from, in [0, 2^32). */
  readonly seed: number
  /** Founders of the ring, `p0` and so on. */
  readonly peers: number
  readonly dispatchers: number
  readonly mode: "replay" | "stateless"
  readonly cells: number
  /** The phases: nothing fails; faults; everything is healed and becomes whole. In ms; the last one at most. */
  readonly calmMs: number
  readonly faultsMs: number
  readonly settleMs: number
  readonly workloads: ReadonlyArray<Workload>
  readonly faults: ReadonlyArray<Fault>
}
