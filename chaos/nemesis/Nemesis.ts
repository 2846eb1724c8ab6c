import type { FaultRecord } from "../history/FaultRecord.ts"
import { type Fault, isLinkFault, lasts, type Plan } from "../plan/Plan.ts"
import { ToxiproxyError } from "../toxiproxy/ToxiproxyApi.ts"
import { andThen, type Bite, type Deed } from "./Deed.ts"
import type { Hands } from "./Hands.ts"

/** How long the ring may take to become whole before the next fault comes all the same, in ms. */
export const GATE_MS = 10_000

const now = (): number => Number(process.hrtime.bigint())
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

/** Plays the faults of a plan, and knows how to take back each that lasts. */
export class Nemesis {
  private readonly hands: Hands
  private readonly say: (text: string) => void
  private readonly records = new Map<number, FaultRecord>()
  /** What lasts, written down before it is applied. */
  private readonly undos = new Map<number, NonNullable<Deed["undo"]>>()
  private readonly begun = new Set<number>()
  private readonly onLinks = new Set<number>()
  /** Undos that are under way. */
  private readonly mending = new Set<Promise<void>>()
  /** Looks whether the ring has become whole since the last fault was undone. */
  private looking: Promise<string> | undefined
  /** Why nothing can be done to links any more, if so. */
  private broken: ToxiproxyError | undefined
  /** Why something could not be undone: a peer that does not come back. */
  private readonly failures: Array<string> = []

  constructor(hands: Hands, say: (text: string) => void) {
    this.hands = hands
    this.say = say
  }

  /** Every fault that had its turn, in the order of the plan. */
  found(): ReadonlyArray<FaultRecord> {
    return [...this.records.values()].toSorted((a, b) => a.fault - b.fault)
  }

  /**
   * Each fault at its time, and its undo as long after it as the plan says. Before a fault that comes when none lasts the ring is
   * to be whole: what that takes delays this one and those that belong to it, and no others if it can be made up for.
   *
   * @throws ToxiproxyError if the links are not as they should be
   */
  async play({ faults, faultsMs }: Plan): Promise<void> {
    const start = performance.now()
    const ends: Array<Promise<void>> = []
    let late = 0
    let lastEnd = 0
    for (const [number, fault] of faults.entries()) {
      const isAgain = meetsAgain(fault, faults[number - 1])
      await pause(start + fault.at + (fault.at < lastEnd || isAgain ? late : 0) - performance.now())
      if (fault.at >= lastEnd) {
        await Promise.all(ends)
        await this.mended()
        if (!isAgain) await this.gate()
        late = Math.max(0, performance.now() - start - fault.at)
      }
      if (this.broken !== undefined) throw this.broken
      const applied = this.apply(number, fault)
      if (fault.forMs !== undefined) {
        lastEnd = Math.max(lastEnd, fault.at + fault.forMs)
        ends.push(this.ending(number, fault, fault.forMs, applied))
      } else if (lasts(fault)) lastEnd = Infinity
      else ends.push(applied)
    }
    await Promise.all(ends)
    await pause(start + faultsMs - performance.now())
  }

  /** Links are worse while it is still being looked at how; what happens to processes lasts from when it has happened. */
  private async ending(number: number, fault: Fault, forMs: number, applied: Promise<void>): Promise<void> {
    const due = pause(forMs)
    await applied
    await (isLinkFault(fault) ? due : pause(forMs))
    this.begin(number)
  }

  /** Takes back all that still lasts, the last one first, and waits until the ring is whole. */
  async healAll(withinMs: number): Promise<string> {
    for (const number of [...this.undos.keys()].toReversed()) this.begin(number)
    await this.mended()
    if (this.broken !== undefined) throw this.broken
    await this.hands.heal()
    await this.looking
    return [...this.failures, await this.whole(withinMs)].filter((line) => line !== "").join("\n")
  }

  /** Begins to undo. A peer takes its time to start, and what is to come next need not wait for it. */
  private begin(number: number): void {
    const undoing = this.undo(number).finally(() => {
      this.mending.delete(undoing)
      if (this.mending.size === 0 && this.undos.size === 0) this.look()
    })
    this.mending.add(undoing)
  }

  private async mended(): Promise<void> {
    while (this.mending.size > 0) await Promise.all(this.mending)
  }

  private look(): void {
    this.looking = this.whole(GATE_MS)
  }

  private async gate(): Promise<void> {
    if (this.undos.size > 0) return
    // Of what is not undone nobody has looked what became of it.
    if (this.unseen().length > 0 && this.looking === undefined) this.look()
    await this.looking
    this.looking = undefined
  }

  private async whole(withinMs: number): Promise<string> {
    const over = this.unseen()
    const amiss = await this.hands.whole(withinMs)
    if (amiss !== "") return amiss
    const wholeAt = now()
    for (const number of over) this.change(number, (record) => ({ ...record, wholeAt }))
    return ""
  }

  /** What does not last any more, and since when nobody has seen the ring whole. */
  private unseen(): ReadonlyArray<number> {
    return [...this.records].flatMap(([number, { wholeAt }]) =>
      wholeAt === null && !this.undos.has(number) ? [number] : [],
    )
  }

  private change(number: number, how: (record: FaultRecord) => FaultRecord): void {
    const record = this.records.get(number)
    if (record !== undefined) this.records.set(number, how(record))
  }

  private async apply(number: number, fault: Fault): Promise<void> {
    const { assumption, unavailable, apply, undo } = this.hands.ready(number, fault)
    const begunAt = now()
    const record = { fault: number, begunAt, appliedAt: begunAt, undoneAt: null, wholeAt: null, assumption }
    this.say(`${fault.verb} ${fault.targets.slice(0, 4).map(String).join(" ")}`)
    if (unavailable !== undefined) {
      this.records.set(number, { ...record, bit: null, proof: "", unavailable })
      return
    }
    this.records.set(number, { ...record, bit: null, proof: "" })
    if (undo !== undefined) this.undos.set(number, undo)
    if (isLinkFault(fault)) this.onLinks.add(number)
    const bite = await apply().catch((error: unknown) => ({ bit: false, proof: this.reasonOf(error) }))
    this.change(number, (known) => ({ ...known, ...bite }))
  }

  private async undo(number: number): Promise<void> {
    const undo = this.undos.get(number)
    if (undo === undefined || this.begun.has(number)) return
    this.begun.add(number)
    const begunAt = now()
    try {
      const bite = await undo()
      // From the moment at which the first of its links may let something through a fault on links lasts no more.
      const undoneAt = this.onLinks.has(number) ? begunAt : now()
      this.change(number, (record) => ({ ...record, ...andThen(biteOf(record), bite), undoneAt }))
    } catch (error) {
      this.failures.push(`fault ${number} was not undone: ${this.reasonOf(error)}`)
    }
    this.undos.delete(number)
  }

  private reasonOf(error: unknown): string {
    if (error instanceof ToxiproxyError) this.broken ??= error
    return error instanceof Error ? error.message : String(error)
  }
}

const biteOf = ({ bit, proof }: FaultRecord): Bite => ({ bit: bit === true, proof })

/** Whether a fault meets the same links as the one before it, as a part of the same: a link that comes and goes. */
const meetsAgain = (fault: Fault, before: Fault | undefined): boolean =>
  before !== undefined &&
  isLinkFault(fault) &&
  fault.shape !== undefined &&
  fault.shape === before.shape &&
  JSON.stringify(fault.targets) === JSON.stringify(before.targets)
