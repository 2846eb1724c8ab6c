import type { Command } from "../peer/Command.ts"
import type { Contact } from "../peer/Contact.ts"
import type { Event } from "../peer/Event.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import type { RingMessage } from "../peer/Message.ts"
import { initial, step } from "../peer/Peer.ts"
import { peer } from "../peer/Peer.samples.ts"
import type { PeerConfig, PeerState } from "../peer/PeerState.ts"
import { beginTurn, endTurn, type Turn } from "../peer/Turn.ts"
import type { DurableCell, DurableLog, Write } from "./Durable.ts"
import type { Entry } from "./Entry.ts"
import { propose } from "./Leader.ts"
import type { Replica } from "./Replica.ts"

/** A handful of peers with their disks and the network between them, in memory, for tests. */

export const journalConfig: JournalConfig = {
  replicas: 3,
  boot: 1,
  standby: "cold",
  sessionState: "any",
  sessionEntries: 1_000,
  sessionBytes: 1 << 20,
  idleMs: 60_000,
  replays: 2,
}

export const entry = (id: string): Extract<Entry, { readonly type: "request" }> => ({
  type: "request",
  client: "c",
  id,
  at: 0,
  replay: "compare",
  request: new Uint8Array([1]),
  response: new Uint8Array([2]),
})

/** What a store has after these writes, done in order on top of `cells`. */
export const stored = (
  cells: ReadonlyArray<DurableCell>,
  writes: ReadonlyArray<Write>,
): ReadonlyArray<DurableCell> => {
  const byCell = new Map(cells.map((one) => [one.record.cell, one]))
  const logs = new Map<number, DurableLog>(cells.map((one) => [one.record.cell, one.log]))
  const none: DurableLog = { start: { length: 0, head: "0".repeat(64) as never }, items: [] }
  for (const write of writes) {
    const cell = write.type === "record" ? write.record.cell : write.cell
    const log = logs.get(cell) ?? none
    const { items, start } = log
    if (write.type === "record") byCell.set(cell, { record: write.record, log })
    else if (write.type === "replace") logs.set(cell, write.log)
    else if (write.type === "cut")
      logs.set(cell, { start, items: items.slice(0, write.length - start.length) })
    else if (write.type === "append") {
      if (write.from !== start.length + items.length)
        throw new Error(`append at ${write.from}, not at the end`)
      logs.set(cell, { start, items: [...items, ...write.items] })
    } else if (write.type === "fade") {
      const fading = new Set(write.indices.map((index) => index - start.length))
      logs.set(cell, { start, items: items.map((one, i) => (fading.has(i) ? { ...one, bytes: null } : one)) })
    } else {
      logs.set(cell, { start: write.start, items: items.slice(write.start.length - start.length) })
    }
  }
  return [...byCell.values()].map(({ record }) => ({ record, log: logs.get(record.cell) ?? none }))
}

interface Node {
  state: PeerState | null
  boot: number
  disk: ReadonlyArray<DurableCell>
  /** Persists that are not durable yet, and sends that wait for them. */
  pending: Array<{ readonly number: number; readonly writes: ReadonlyArray<Write> }>
  held: Array<{ readonly to: Contact; readonly message: RingMessage; readonly after: number }>
  /** What its instance is to apply; it does so when asked to settle, and agrees with everything. */
  replays: Array<{ readonly run: number; readonly steps: number }>
}

export interface Flight {
  readonly from: Contact
  readonly to: Contact
  readonly message: RingMessage
}

/** Peers 1 to n at even distances; `founders` of them begin, the others join later. */
export class Cluster {
  readonly contacts: ReadonlyArray<Contact>
  readonly nodes: Array<Node>
  readonly founders: ReadonlyArray<Contact>
  readonly commands: Array<{ readonly at: number; readonly command: Command }> = []
  readonly journal: JournalConfig
  readonly cells: number
  network: Array<Flight> = []
  /** Called after each step. */
  check: () => void = () => {}

  constructor(
    size: number,
    options: { founders?: number; cells?: number; journal?: Partial<JournalConfig> } = {},
  ) {
    this.contacts = Array.from({ length: size }, (_, i) => ({
      ...peer(i + 1),
      id: (BigInt(i + 1) << 152n).toString(16).padStart(40, "0") as Contact["id"],
    }))
    this.founders = this.contacts.slice(0, options.founders ?? size)
    this.cells = options.cells ?? 1
    this.journal = { ...journalConfig, ...options.journal }
    this.nodes = this.contacts.map(() => ({
      state: null,
      boot: 0,
      disk: [],
      pending: [],
      held: [],
      replays: [],
    }))
  }

  node(index: number): Node {
    const found = this.nodes[index]
    if (found === undefined) throw new RangeError(`no peer ${index}`)
    return found
  }

  config(index: number, founding: boolean): PeerConfig {
    const self = this.contacts[index]
    if (self === undefined) throw new RangeError(`no peer ${index}`)
    return {
      self,
      founders: this.founders,
      founding,
      successors: 2,
      cells: this.cells,
      tickMs: 100,
      suspectTicks: 3,
      journal: { ...this.journal, boot: this.node(index).boot },
    }
  }

  /** Boots a peer on its disk. */
  start(index: number): void {
    const node = this.node(index)
    node.boot += 1
    const founding = node.boot === 1 && index < this.founders.length
    node.state = initial(this.config(index, founding), node.disk)
    this.happen(index, { type: "started" })
    this.happen(index, { type: "instance", birth: 1 })
  }

  startAll(): this {
    for (let i = 0; i < this.founders.length; i++) this.start(i)
    return this
  }

  /** What was not flushed is lost, and what has not left with it. */
  crash(index: number): void {
    Object.assign(this.node(index), { state: null, pending: [], held: [], replays: [] })
  }

  happen(index: number, event: Event): void {
    const node = this.node(index)
    if (node.state === null) return
    const { state, commands } = step(node.state, event)
    node.state = state
    this.carryOut(index, commands)
    this.check()
  }

  /** Runs a rule that no event leads to by itself. */
  act(index: number, rule: (turn: Turn) => void): void {
    const node = this.node(index)
    if (node.state === null) return
    const turn = beginTurn(node.state)
    rule(turn)
    endTurn(turn)
    node.state = turn.state
    this.carryOut(index, turn.commands)
    this.check()
  }

  private carryOut(index: number, commands: ReadonlyArray<Command>): void {
    const node = this.node(index)
    const from = this.contacts[index]
    for (const command of commands) {
      this.commands.push({ at: index, command })
      if (command.type === "persist") node.pending.push(command)
      if (command.type === "replay") node.replays.push({ run: command.run, steps: command.steps.length })
      if (command.type !== "send" || from === undefined) continue
      const { after, message, to } = command
      if (after === undefined) this.network.push({ from, to, message })
      else node.held.push({ to, message, after })
    }
  }

  /** The next persist, or all, becomes durable, and what waited for it leaves. */
  flush(index: number, count = Number.POSITIVE_INFINITY): void {
    const node = this.node(index)
    const done = node.pending.splice(0, count)
    const upTo = done.at(-1)?.number
    const from = this.contacts[index]
    if (upTo === undefined || from === undefined) return
    node.disk = stored(
      node.disk,
      done.flatMap(({ writes }) => writes),
    )
    this.happen(index, { type: "persisted", upTo })
    const leaving = node.held.filter((one) => one.after <= upTo)
    node.held = node.held.filter((one) => one.after > upTo)
    for (const { message, to } of leaving) this.network.push({ from, to, message })
  }

  deliver(flight: Flight): void {
    const index = this.contacts.findIndex((one) => one.id === flight.to.id)
    this.happen(index, { type: "message", from: flight.from, message: flight.message })
  }

  /** Flushes and delivers until nothing is under way, or, since rings may talk without end, for long enough. */
  settle(through: (flight: Flight) => boolean = () => true): void {
    for (let i = 0; i < 2_000; i++) {
      for (let index = 0; index < this.nodes.length; index++) {
        this.flush(index)
        for (const { run, steps } of this.node(index).replays.splice(0)) {
          this.happen(index, { type: "replayed", run, applied: steps, difference: null })
        }
      }
      const flight = this.network.shift()
      if (flight === undefined) return
      if (through(flight)) this.deliver(flight)
    }
  }

  /** So many heartbeats of everybody, in each of which everything arrives that gets through. */
  ticks(count: number, through?: (flight: Flight) => boolean): void {
    for (let i = 0; i < count; i++) {
      for (let index = 0; index < this.nodes.length; index++) this.happen(index, { type: "tick", lateMs: 0 })
      this.settle(through)
    }
  }

  replica(index: number, cell = 0): Replica | null {
    return this.node(index).state?.replicas[cell] ?? null
  }

  /** The peer that leads the cell in the latest epoch and is active; -1 if there is none. */
  leader(cell = 0): number {
    let best = -1
    for (let i = 0; i < this.nodes.length; i++) {
      const replica = this.replica(i, cell)
      if (replica?.leading?.active !== true) continue
      if (best < 0 || replica.record.epoch > (this.replica(best, cell)?.record.epoch ?? -1)) best = i
    }
    return best
  }

  /** What peers said could not be. */
  problems(): ReadonlyArray<string> {
    return this.commands.flatMap(({ command }) =>
      command.type === "trace" && command.record.type === "corrupt" ? [command.record.reason] : [],
    )
  }

  propose(index: number, id: string, cell = 0): void {
    this.act(index, (turn) => propose(turn, cell, [entry(id)]))
  }

  /** As {@link propose}, with a response of that size. */
  proposeBytes(index: number, id: string, response: Uint8Array, cell = 0): void {
    this.act(index, (turn) => propose(turn, cell, [{ ...entry(id), response }]))
  }
}
