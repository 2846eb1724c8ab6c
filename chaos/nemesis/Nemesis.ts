import type { FaultRecord } from "../history/FaultRecord.ts"
import { type Fault, isLinkFault, type Plan } from "../plan/Plan.ts"
import { type Bite, type Ground, linkKinds, processKinds } from "./FaultKinds.ts"

/** How long the ring may take to become whole before the next fault comes all the same, in ms. */
const GATE_MS = 10_000

type Undo = () => Promise<void>

const now = (): number => Number(process.hrtime.bigint())
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

/** Plays the faults of a plan, and knows how to take back each that lasts. */
export class Nemesis {
  private readonly ground: Ground
  private readonly say: (text: string) => void
  private readonly records = new Map<number, FaultRecord>()
  /** Written down before a fault is applied. */
  private readonly undos = new Map<number, Undo>()

  constructor(ground: Ground, say: (text: string) => void) {
    this.ground = ground
    this.say = say
  }

  /** Every fault that had its turn, in the order of the plan. */
  found(): ReadonlyArray<FaultRecord> {
    return [...this.records.values()].toSorted((a, b) => a.fault - b.fault)
  }

  /**
   * Faults and undos in the order of their times. Where none lasts, the ring is to be whole before the next one comes: whatever
   * that takes moves all that follows.
   */
  async play({ faults, faultsMs }: Plan): Promise<void> {
    const steps = faults
      .flatMap((fault, number) => [
        { at: fault.at, number, fault, undo: false },
        ...(fault.forMs === undefined ? [] : [{ at: fault.at + fault.forMs, number, fault, undo: true }]),
      ])
      .toSorted((a, b) => a.at - b.at)
    let start = performance.now()
    for (const { at, number, fault, undo } of steps) {
      if (undo) {
        await pause(start + at - performance.now())
        await this.undo(number)
        continue
      }
      const gate = performance.now()
      if (this.undos.size === 0) await this.whole(GATE_MS)
      await pause(start + at - performance.now())
      const late = performance.now() - Math.max(gate, start + at)
      if (late > 0) start += late
      await this.apply(number, fault)
    }
    await pause(start + faultsMs - performance.now())
  }

  /** Takes back all that still lasts, the last one first, and waits until the ring is whole. */
  async healAll(withinMs: number): Promise<string> {
    for (const number of [...this.undos.keys()].toReversed()) await this.undo(number)
    await this.ground.mesh.lift(null)
    return await this.whole(withinMs)
  }

  private async whole(withinMs: number): Promise<string> {
    const amiss = await this.ground.cluster.check(withinMs)
    if (amiss !== "") return amiss
    for (const [number, record] of this.records) {
      if (record.wholeAt === null) this.records.set(number, { ...record, wholeAt: now() })
    }
    return ""
  }

  private async apply(number: number, fault: Fault): Promise<void> {
    const kind = isLinkFault(fault) ? linkKinds[fault.verb] : processKinds[fault.verb]
    const unavailable = kind.unavailable?.()
    const record = {
      fault: number,
      appliedAt: now(),
      undoneAt: null,
      wholeAt: null,
      assumption: kind.assumption,
    }
    this.say(`${fault.verb} ${fault.targets.slice(0, 4).map(String).join(" ")}`)
    if (unavailable !== undefined) {
      this.records.set(number, { ...record, bit: null, proof: "", unavailable })
      return
    }
    this.undos.set(number, this.undoOf(number, fault))
    const bite = await this.bite(number, fault)
    this.records.set(number, { ...record, ...bite })
    if (["join", "reset", "restart", "resume", "heal"].includes(fault.verb)) this.undos.delete(number)
  }

  private async bite(number: number, fault: Fault): Promise<Bite> {
    const { ground } = this
    const args = fault.args ?? {}
    try {
      if (isLinkFault(fault)) return await linkKinds[fault.verb].apply(ground, number, fault.targets, args)
      const { apply } = processKinds[fault.verb]
      const bites = await Promise.all(fault.targets.map((name) => apply(ground, name, args)))
      return { bit: bites.every(({ bit }) => bit), proof: bites.map(({ proof }) => proof).join("; ") }
    } catch (error) {
      return { bit: false, proof: error instanceof Error ? error.message : String(error) }
    }
  }

  private undoOf(number: number, fault: Fault): Undo {
    const { ground } = this
    if (isLinkFault(fault)) return () => ground.mesh.lift(number)
    const { undo } = processKinds[fault.verb]
    return async () => {
      await Promise.all(fault.targets.map(async (name) => undo?.(ground, name)))
    }
  }

  private async undo(number: number): Promise<void> {
    const undo = this.undos.get(number)
    if (undo === undefined) return
    this.undos.delete(number)
    await undo()
    const record = this.records.get(number)
    if (record !== undefined) this.records.set(number, { ...record, undoneAt: now() })
  }
}
