import { hash } from "node:crypto"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import { flaws } from "../../spec/conformance/JournalWalk.ts"
import { JournalViolation } from "../../spec/conformance/JournalWatch.ts"
import { seeded } from "../../spec/conformance/Seeded.ts"
import { SimulatedFaults } from "../../spec/conformance/simulator/SimulatedFaults.ts"
import { type JournalOptions, VirtualJournal } from "../../spec/conformance/VirtualJournal.ts"
import { virtualPeers } from "../../spec/conformance/VirtualPeer.ts"
import type { FaultRecord } from "../history/FaultRecord.ts"
import { linesOf } from "../history/HistoryFile.ts"
import type { Operation } from "../history/Operation.ts"
import type { RunRecord } from "../history/RunRecord.ts"
import { type Fault, isLinkFault, lasts, type Plan } from "../plan/Plan.ts"
import { SimulatedClients } from "./SimulatedClients.ts"

/** What a simulated run leaves behind; as a real one, so that the same checkers judge it. */
export interface SimulatedRun {
  readonly record: RunRecord
  readonly history: ReadonlyArray<Operation>
  readonly faults: ReadonlyArray<FaultRecord>
  readonly traces: ReadonlyArray<{ readonly file: string; readonly text: string }>
}

export interface SimulateOptions {
  readonly startedMs: number
  readonly mutant: string | null
  readonly command: string
  /** Called now and then with the part that is done, from 0 to 1. */
  readonly progress?: (part: number) => void
}

/** Virtual ms that the ring has before anybody asks anything, and between two looks at whether it is whole. */
const START_MS = 500
const LOOK_MS = 100

/**
 * Plays a plan on a simulated ring that runs the shipped `step`. Phases, faults and workloads are those of the plan; links
 * that are `throttle`d are slow by the time that a kilobyte takes, `slice` is a jitter of 1 ms, since the simulated network
 * has messages and no bytes.
 */
export const simulate = (plan: Plan, options: SimulateOptions): SimulatedRun => {
  const journal = new VirtualJournal(journalOptions(plan), virtualPeers(plan.peers))
  const { ring } = journal
  const traces = new Map<string, Array<TraceLine>>()
  ring.traced = (lines) => {
    for (const line of lines) {
      const mine = traces.get(line.peer) ?? []
      traces.set(line.peer, mine)
      mine.push(line)
    }
  }
  ring.run(START_MS)
  const clients = new SimulatedClients(journal, seeded(plan.seed ^ 0x2545f491), plan)
  const faults = new Nemesis(plan, journal, clients)
  const at = { calm: START_MS, faults: 0, settle: 0, final: 0 }
  at.faults = START_MS + plan.calmMs
  at.settle = at.faults + plan.faultsMs
  let violation: string | null = null
  let unsettled: ReadonlyArray<string> = []
  const random = seeded(plan.seed ^ 0x1b873593)
  const lookUp = (): void => {
    const members = ring
      .states()
      .filter(({ config, phase }) => phase === "member" && !ring.isPaused(config.self.name))
    const one = members[random.below(members.length)]
    if (one !== undefined) ring.find(one.config.self.name, homeOf(random.below(plan.cells), plan.cells))
  }
  const runUntil = (end: number): void => {
    while (ring.now < end) {
      lookUp()
      ring.run(Math.min(LOOK_MS, end - ring.now))
      faults.look()
      options.progress?.(ring.now / (at.settle + 2_000))
    }
  }
  try {
    for (const [n, fault] of plan.faults.entries()) {
      ring.after(at.faults + fault.at - ring.now, () => faults.apply(n, fault))
    }
    runUntil(at.settle)
    faults.peace()
    const deadline = ring.now + plan.settleMs
    runUntil(ring.now + 1_000)
    clients.rest()
    while (ring.now < deadline && (flaws(journal).length > 0 || faults.isMending))
      runUntil(ring.now + LOOK_MS)
    unsettled = flaws(journal)
    // Whoever still waits for an answer gives up by then.
    runUntil(ring.now + 6_000)
    at.final = ring.now
    clients.readAll()
    const last = ring.now + 10_000
    while (clients.unread > 0 && ring.now < last) runUntil(ring.now + LOOK_MS)
  } catch (error) {
    if (!(error instanceof JournalViolation)) throw error
    violation = error.message
  }
  const ns = (ms: number): number => Math.round(Math.min(ms, ring.now) * 1e6)
  return {
    record: {
      on: "simulator",
      startedMs: options.startedMs,
      calmAt: ns(at.calm),
      faultsAt: ns(at.faults),
      settleAt: ns(at.settle),
      finalAt: ns(at.final === 0 ? ring.now : at.final),
      endedAt: ns(ring.now),
      mutant: options.mutant,
      command: options.command,
      unsettled,
      violation,
    },
    history: clients.history,
    faults: faults.records.filter((record) => record !== undefined),
    traces: [...traces]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([peer, lines]) => ({ file: `${peer}.jsonl`, text: linesOf(lines) })),
  }
}

const journalOptions = ({ seed, cells }: Plan): JournalOptions => ({
  ring: { seed },
  cells,
  journal: {
    replicas: 3,
    standby: "warm",
    sessionState: "cookie",
    sessionEntries: 10_000,
    sessionBytes: 2 ** 24,
    idleMs: 1e15,
    replays: 4,
  },
  diskMs: [0.1, 1],
  slowDisk: [0, 0],
  torn: 0,
  service: {
    startMs: [50, 200],
    runMs: [0.1, 2],
    slow: [0, 0],
    unjournaled: 0,
    fatal: 0,
    stateInCookies: true,
  },
  sha256: (bytes) => hash("sha256", bytes) as Hash,
})

type Draft = { -readonly [Key in keyof FaultRecord]: FaultRecord[Key] }

/** Applies the faults of a plan, undoes them, and writes down what became of them. */
class Nemesis {
  readonly records: Array<Draft> = []
  readonly #plan: Plan
  readonly #journal: VirtualJournal
  readonly #faults: SimulatedFaults
  readonly #dark = new Set<string>()

  constructor(plan: Plan, journal: VirtualJournal, clients: SimulatedClients) {
    this.#plan = plan
    this.#journal = journal
    this.#faults = new SimulatedFaults(journal)
    clients.reaches = (dispatcher, peer) => !this.#dark.has(`${dispatcher}>${peer}`)
  }

  /** Whether a fault was undone, and the ring has not been whole since. */
  get isMending(): boolean {
    return this.records.some(({ wholeAt }) => wholeAt === null)
  }

  apply(number: number, fault: Fault): void {
    const record: Draft = {
      fault: number,
      begunAt: this.#now(),
      appliedAt: this.#now(),
      undoneAt: null,
      wholeAt: null,
      bit: null,
      proof: "",
      assumption: "",
    }
    this.records.push(record)
    if (isLinkFault(fault))
      for (const [from, to] of fault.targets) this.#link(fault.verb, from, to, fault.args)
    else for (const name of fault.targets) this.#process(fault.verb, name, fault.args)
    record.bit = true
    record.proof = "done to the simulated ring"
    if (fault.forMs === undefined) return
    this.#journal.ring.after(fault.forMs, () => this.#undo(fault, record))
  }

  /** Everything is undone. */
  peace(): void {
    this.#dark.clear()
    this.#faults.peace()
    for (const record of this.records) if (this.#lasts(record)) record.undoneAt ??= this.#now()
  }

  /** Looks whether the ring is whole. */
  look(): void {
    const waiting = this.records.filter(
      (record) => record.wholeAt === null && (record.undoneAt !== null || !this.#lasts(record)),
    )
    if (waiting.length === 0 || flaws(this.#journal).length > 0) return
    for (const record of waiting) record.wholeAt = this.#now()
  }

  #lasts({ fault }: Draft): boolean {
    const planned = this.#plan.faults[fault]
    return planned !== undefined && lasts(planned)
  }

  #now(): number {
    return Math.round(this.#journal.ring.now * 1e6)
  }

  #undo(fault: Fault, record: Draft): void {
    if (record.undoneAt !== null) return
    record.undoneAt = this.#now()
    if (isLinkFault(fault)) for (const [from, to] of fault.targets) this.#link("heal", from, to, undefined)
    else {
      for (const name of fault.targets) {
        if (fault.verb === "pause") this.#faults.resume(name)
        else if (fault.verb === "skew") this.#faults.skew(name, 0)
        else this.#faults.restart(name)
      }
    }
  }

  #process(verb: Fault["verb"], name: string, args: Fault["args"]): void {
    const faults = this.#faults
    switch (verb) {
      case "kill":
      case "restart":
      case "pause":
      case "resume":
      case "wipe":
      case "tear":
      case "join":
      case "leave":
        return faults[verb](name)
      case "skew":
        return faults.skew(name, args?.["ms"] ?? 0)
      default:
        throw new RangeError(`${verb} is for links`)
    }
  }

  #link(verb: Fault["verb"], from: string, to: string, args: Fault["args"]): void {
    const faults = this.#faults
    if (from.startsWith("d")) {
      // Of what is between dispatchers and peers the simulator knows only whether it gets through.
      if (["cut", "cutOneWay", "hold"].includes(verb)) this.#dark.add(`${from}>${to}`)
      if (verb === "heal") this.#dark.delete(`${from}>${to}`)
      return
    }
    switch (verb) {
      case "cut":
      case "cutOneWay":
      case "hold":
      case "reset":
      case "heal":
        return faults[verb](from, to)
      case "slow":
      case "jitter":
        return faults[verb](from, to, args?.["ms"] ?? 0)
      case "throttle":
        return faults.slow(from, to, Math.round(1_000 / (args?.["kbps"] ?? 1)))
      case "slice":
        return faults.jitter(from, to, 1)
      default:
        throw new RangeError(`${verb} is for processes`)
    }
  }
}
