import type { Command } from "../../core/peer/Command.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import type { JournalConfig } from "../../core/peer/JournalConfig.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { Sha256 } from "../../core/replication/Chain.ts"
import { sha256 } from "../../core/replication/Chain.ts"
import { type DurableCell, NO_HASH, type Write } from "../../core/replication/Durable.ts"
import type { Reply } from "../../core/handoff/Reply.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import type { Ack } from "../journal/Happening.ts"
import type { Member } from "../journal/Replica.ts"
import { memberOf, recordFact, replicaFact, storedFact } from "./JournalFacts.ts"
import { JournalViolation, JournalWatch } from "./JournalWatch.ts"
import { type Seeded, seeded } from "./Seeded.ts"
import { VirtualDisk } from "./VirtualDisk.ts"
import type { Machines } from "./Machines.ts"
import type { VirtualOptions } from "./VirtualOptions.ts"
import { VirtualRing } from "./VirtualRing.ts"
import { type ServiceOptions, VirtualService } from "./VirtualService.ts"

export interface JournalOptions {
  readonly ring: Partial<VirtualOptions> & { readonly seed: number }
  readonly cells: number
  /** All but boot and hash. */
  readonly journal: Omit<JournalConfig, "boot" | "sha256">
  /** A write takes between these, in ms. */
  readonly diskMs: readonly [number, number]
  /** Chance that a write takes up to so long instead. */
  readonly slowDisk: readonly [chance: number, ms: number]
  /** Chance that a crash finds some of the outstanding writes done. */
  readonly torn: number
  readonly service: ServiceOptions
  /** A quick SHA-256, if there is one. */
  readonly sha256?: Sha256
  /** Whether everything that happens is noted, for whoever looks into a failure. */
  readonly traced?: boolean
}

/** What peers have beside the network, as long as their process lives. */
interface Machine {
  readonly disk: VirtualDisk
  readonly service: VirtualService
  /** When the last write will be done. */
  busyUntil: number
}

/**
 * A ring whose peers keep a journal: they run the shipped `step` on simulated disks and services, in virtual time, and
 * every promise of the journal is held against every step and every write.
 */
export class VirtualJournal implements Machines {
  options: JournalOptions
  readonly ring: VirtualRing
  readonly watches: ReadonlyArray<JournalWatch>
  readonly founders: ReadonlyArray<Contact>
  /** Where each request's reply goes. */
  onReply: (peer: Contact, token: number, reply: Reply) => void = () => {}
  /** What wall clocks say at the beginning, in ms since 1970; a change makes them jump. */
  clockMs = 1_700_000_000_000
  /** How far the clocks of single peers are ahead, or behind, in ms. */
  readonly skews = new Map<string, number>()
  /** The last things that happened, for whoever looks into a failure. */
  readonly journal: Array<string> = []
  readonly #random: Seeded
  readonly #disks = new Map<string, VirtualDisk>()
  readonly #begun = new Map<string, { readonly epoch: number; readonly length: number }>()
  readonly #machines = new Map<string, Machine>()

  /** @param founders in increasing order of id */
  constructor(options: JournalOptions, founders: ReadonlyArray<Contact>) {
    this.options = options
    this.founders = founders
    this.#random = seeded(options.ring.seed ^ 0x5bd1e995)
    this.ring = new VirtualRing({ ...options.ring, cells: options.cells }, this)
    this.watches = Array.from({ length: options.cells }, (_, cell) => {
      const members = firstClockwise(founders, cell, options).map(memberOf)
      const base = { length: 0, head: NO_HASH }
      return new JournalWatch({ members, base }, options.sha256 ?? sha256)
    })
    this.ring.found(founders)
    this.#tellTime()
  }

  boot(self: Contact): { readonly journal: JournalConfig; readonly durable: ReadonlyArray<DurableCell> } {
    const disk = this.diskOf(self)
    disk.boots++
    const emit = (event: Event): void => {
      if (this.#machines.get(self.name) === machine) this.ring.happen(self.name, event)
    }
    const machine: Machine = {
      disk,
      service: new VirtualService(
        this.#random,
        () => this.options.service,
        emit,
        (ms, call) => this.ring.after(ms, call),
      ),
      busyUntil: 0,
    }
    this.#machines.set(self.name, machine)
    this.#note(`${memberOf(self)} starts`)
    const journal = {
      ...this.options.journal,
      boot: disk.boots,
      ...(this.options.sha256 === undefined ? {} : { sha256: this.options.sha256 }),
    }
    return { journal, durable: disk.recovered() }
  }

  ended(self: Contact): void {
    const machine = this.#machines.get(self.name)
    if (machine === undefined) return
    this.#machines.delete(self.name)
    machine.service.stop()
    this.#note(`${memberOf(self)} is gone`)
    const isTorn = this.#random.next() < this.options.torn
    machine.disk.crash((outstanding) => (isTorn ? this.#random.below(outstanding + 1) : 0))
  }

  carryOut(self: Contact, command: Command): void {
    const machine = this.#machines.get(self.name)
    if (machine === undefined) return
    if (command.type === "persist") this.#persist(self, machine, command)
    else if (command.type === "respond") this.onReply(self, command.token, command.reply)
    else machine.service.carryOut(command)
  }

  stepped(before: PeerState, event: Event, after: PeerState, commands: ReadonlyArray<Command>): void {
    const { self } = after.config
    const cause = event.type === "message" ? event.message.type : event.type
    if (event.type === "request" && event.readOnly) {
      const replica = after.replicas[event.cell] ?? null
      const key = `${this.ring.life(self.name)} ${event.client} ${event.id}`
      const length = replica === null || replica.leading === null ? 0 : replica.log.length
      // Whoever asks again joins the first, which may be under way.
      if (!this.#begun.has(key)) this.#begun.set(key, { epoch: replica?.record.epoch ?? -1, length })
    }
    // As the driver of a real process does.
    if (event.type === "started") this.#tellTimeTo(self)
    const isTraced = this.options.traced === true
    if (isTraced && event.type !== "tick") this.#note(`${memberOf(self)} <- ${describe(event)}`)
    const acks = new Map<number, Array<Ack>>()
    for (const command of commands) {
      if (isTraced && command.type !== "setTick") this.#note(`  ${memberOf(self)} ${describe(command)}`)
      if (command.type === "trace") this.#judge(self, command)
      if (command.type !== "send" || command.message.type !== "AppendAck") continue
      const { cell, epoch, length, warm } = command.message
      const behind = after.handoff.cells[cell]?.behind ?? 0
      if (warm && behind > 0 && after.config.journal?.standby === "warm") {
        throw new JournalViolation(
          "warm means applied",
          `${memberOf(self)} says its standby of cell ${cell} is warm, and ${behind} sessions are behind`,
        )
      }
      acks.set(cell, [...(acks.get(cell) ?? []), { epoch, length }])
    }
    // Most steps are of the ring alone.
    if (before.replicas === after.replicas && acks.size === 0) return
    for (const [cell, watch] of this.watches.entries()) {
      const [old, now] = [before.replicas[cell] ?? null, after.replicas[cell] ?? null]
      if (old === now && !acks.has(cell)) continue
      watch.see({
        type: "step",
        member: memberOf(self),
        cause,
        before: replicaFact(old),
        after: replicaFact(now),
        acks: acks.get(cell) ?? [],
      })
    }
  }

  /**
   * How long the log of the peer was when that read-only request first came to its process; 0 if it did not lead the epoch then
   * in which it answers.
   */
  lengthAt({ name }: Contact, cell: number, client: string, id: string): number {
    const begun = this.#begun.get(`${this.ring.life(name)} ${client} ${id}`)
    return begun?.epoch === this.ring.state(name).replicas[cell]?.record.epoch ? (begun?.length ?? 0) : 0
  }

  /** The disk of that incarnation of the peer. */
  diskOf(self: Contact): VirtualDisk {
    const known = this.#disks.get(memberOf(self))
    if (known !== undefined) return known
    const disk = new VirtualDisk()
    disk.onFlush = (writes) => this.#flushed(memberOf(self), disk, writes)
    this.#disks.set(memberOf(self), disk)
    return disk
  }

  /** What was on the disk of that incarnation of the peer is gone for good. */
  loseDisk(self: Contact): void {
    this.#disks.delete(memberOf(self))
  }

  /** Nothing more becomes durable on the peer's disk, and the peer is told. */
  failDisk(self: Contact): void {
    this.diskOf(self).failed = true
    this.ring.happen(self.name, { type: "storageFailed" })
  }

  /** The peer's service process dies of its own. */
  killService(name: string): void {
    this.#machines.get(name)?.service.die()
  }

  #tellTime(): void {
    for (const state of this.ring.states()) this.#tellTimeTo(state.config.self)
    this.ring.after(1_000, () => this.#tellTime())
  }

  #tellTimeTo({ name }: Contact): void {
    const nowMs = this.clockMs + this.ring.now + (this.skews.get(name) ?? 0)
    this.ring.happen(name, { type: "clock", nowMs: Math.max(0, Math.round(nowMs)) })
  }

  #persist(
    self: Contact,
    machine: Machine,
    { number, writes }: Command & { readonly type: "persist" },
  ): void {
    const { diskMs, slowDisk } = this.options
    machine.disk.write({ number, writes })
    const [chance, most] = slowDisk
    const [low, high] = diskMs
    const takes =
      this.#random.next() < chance ? this.#random.next() * most : low + this.#random.next() * (high - low)
    machine.busyUntil = Math.max(machine.busyUntil, this.ring.now + takes)
    this.ring.after(machine.busyUntil - this.ring.now, () => {
      if (this.#machines.get(self.name) !== machine || machine.disk.failed) return
      machine.disk.flush(number)
      this.ring.happen(self.name, { type: "persisted", upTo: number })
    })
  }

  #flushed(member: Member, disk: VirtualDisk, writes: ReadonlyArray<Write>): void {
    for (const write of writes) {
      if (write.type !== "record") continue
      this.watches[write.record.cell]?.see({ type: "recorded", member, record: recordFact(write.record) })
    }
    for (const cell of new Set(writes.map(cellOf))) {
      const stored = disk.cells.get(cell)
      if (stored !== undefined)
        this.watches[cell]?.see({ type: "stored", member, stored: storedFact(stored) })
    }
  }

  /** Disks do not rot here, and services are deterministic: whoever says otherwise is wrong. */
  #judge(self: Contact, { record }: Command & { readonly type: "trace" }): void {
    if (record.type === "corrupt") {
      throw new JournalViolation("nothing is corrupt", `${self.name}, cell ${record.cell}: ${record.reason}`)
    }
    if (record.type !== "diverged") return
    const { client, difference } = record
    // Instances that died again and again while a session was replayed are no difference: somebody kills them here.
    if (difference.where === "service") return
    throw new JournalViolation(
      "replays agree",
      `${self.name}: replay of ${client} gave "${difference.replayed}", journaled is "${difference.journaled}"`,
    )
  }

  #note(line: string): void {
    if (this.options.traced !== true) return
    this.journal.push(`${this.ring.now.toFixed(2)} ${line}`)
    if (this.journal.length > 4_000) this.journal.splice(0, 2_000)
  }
}

const cellOf = (write: Write): number => (write.type === "record" ? write.record.cell : write.cell)

/** The first founders clockwise from a cell's home: as many as it has replicas. */
const firstClockwise = (
  founders: ReadonlyArray<Contact>,
  cell: number,
  { cells, journal }: JournalOptions,
): ReadonlyArray<Contact> => {
  const home = homeOf(cell, cells)
  const first = founders.findIndex(({ id }) => id >= home)
  const from = first < 0 ? 0 : first
  return [...founders.slice(from), ...founders.slice(0, from)].slice(0, journal.replicas)
}

const short = (value: unknown): unknown => {
  if (value instanceof Uint8Array)
    return value.length > 60 ? `${value.length} B` : new TextDecoder().decode(value)
  if (typeof value === "string" && /^[0-9a-f]{40,}$/.test(value)) return value.slice(0, 6)
  if (typeof value === "object" && value !== null && "incarnation" in value) {
    const { name, incarnation } = value as Contact
    return `${name}#${incarnation}`
  }
  return value
}

const describe = (what: Event | Command): string => JSON.stringify(what, (_, value) => short(value))
