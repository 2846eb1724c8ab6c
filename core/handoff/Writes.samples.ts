import { hash } from "node:crypto"
import type { Command } from "../peer/Command.ts"
import type { Contact } from "../peer/Contact.ts"
import type { Event } from "../peer/Event.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import { initial, step } from "../peer/Peer.ts"
import type { PeerState } from "../peer/PeerState.ts"
import type { Hash } from "../replication/Durable.ts"
import { fromBigInt } from "../ring/RingId.ts"

/** Processor time of each kind of event at each peer, in microseconds. */
export type Costs = ReadonlyMap<string, number>

export interface WritesOptions {
  /** Q. */
  readonly cells: number
  readonly sessions: number
  /** Entries that each cell's log has when the writes begin. */
  readonly entries: number
  /** Bytes of a request and of its response together. */
  readonly bytes: number
}

/** How many writes go by between two ticks. */
const WRITES_A_TICK = 500

const PEERS = 3
const TICK_MS = 100

interface Runner {
  readonly self: Contact
  /** What it is to the writes: it leads their cells, or is the first or the second of the others in their views. */
  readonly role: string
  state: PeerState
  /** Messages on their way to it. */
  inbox: Array<Event>
  /** Messages of its that wait until it has made durable what they rest on. */
  held: Array<{ readonly to: Contact; readonly event: Event }>
  runs: Array<number>
  replays: Array<{ readonly run: number; readonly applied: number }>
}

/**
 * Three peers with all that a write takes of their cores, from the request to its answer: nothing is sent, stored or
 * served, everything is said to be. All requests go to the peer that leads their cells.
 */
export class Writes {
  readonly #peers: ReadonlyArray<Runner>
  readonly #sessions: ReadonlyArray<{ readonly client: string; readonly cell: number }>
  readonly #request: Uint8Array
  readonly #response: Uint8Array
  readonly #costs = new Map<string, number>()
  #asked = 0
  #answered = 0
  #sinceTick = 0

  constructor({ cells, sessions, entries, bytes }: WritesOptions) {
    this.#request = new Uint8Array(bytes / 2).fill(113)
    this.#response = new Uint8Array(bytes - bytes / 2).fill(97)
    // Homes are the last ids of their cells: the first third of the cells is led by the first peer.
    const founders = Array.from({ length: PEERS }, (_, i) => contact(i))
    this.#peers = founders.map((self, i) => ({
      self,
      role: ["leader", "first follower", "second follower"][i] ?? "",
      state: initial({
        self,
        founders,
        founding: true,
        successors: 2,
        cells,
        tickMs: TICK_MS,
        suspectTicks: 30,
        journal,
      }),
      inbox: [],
      held: [],
      runs: [],
      replays: [],
    }))
    for (const peer of this.#peers) this.#take(peer, "start", [{ type: "started" }])
    for (const peer of this.#peers) {
      this.#take(peer, "start", [
        { type: "clock", nowMs: 1_000_000 },
        { type: "instance", birth: 1 },
      ])
    }
    for (let i = 0; i < 30; i++) this.#tick()
    const led = Array.from({ length: cells }, (_, cell) => cell).filter(
      (cell) => this.#peers[0]?.state.replicas[cell]?.leading?.active === true,
    )
    this.#sessions = Array.from({ length: sessions }, (_, i) => ({
      client: `client-${i}`,
      cell: led[i % led.length] ?? 0,
    }))
    this.run(led.length * entries, 64)
  }

  /** Makes so many writes, `inFlight` at a time, each of another session. */
  run(writes: number, inFlight: number): Costs {
    this.#costs.clear()
    for (let left = writes; left > 0; left -= inFlight) this.#write(Math.min(left, inFlight))
    return this.#costs
  }

  #write(count: number): void {
    const [leader] = this.#peers
    if (leader === undefined) return
    const due = this.#asked + count
    const requests: Array<Event> = []
    while (this.#asked < due) {
      const token = ++this.#asked
      const session = this.#sessions[(token * 7919) % this.#sessions.length]
      if (session === undefined) continue
      const id = `${ORIGIN}-${token}`
      requests.push({ type: "request", token, ...session, id, request: this.#request, readOnly: false })
    }
    this.#take(leader, "request", requests)
    this.#settle()
    if (this.#answered !== this.#asked) throw new Error(`${this.#asked - this.#answered} writes are lost`)
    this.#sinceTick += count
    if (this.#sinceTick < WRITES_A_TICK) return
    this.#sinceTick = 0
    this.#tick()
  }

  #tick(): void {
    for (const peer of this.#peers) this.#take(peer, "tick", [{ type: "tick", lateMs: 0 }])
    this.#settle()
  }

  /** All that is under way ends: each peer gets at once what has gathered for it. */
  #settle(): void {
    for (let moved = true; moved;) {
      moved = false
      for (const peer of this.#peers) {
        for (const [kind, events] of this.#due(peer)) {
          moved = true
          this.#take(peer, kind, events)
        }
      }
    }
  }

  *#due(peer: Runner): Iterable<readonly [kind: string, events: ReadonlyArray<Event>]> {
    const { inbox, runs, replays } = peer
    if (inbox.length > 0) {
      peer.inbox = []
      for (const [kind, events] of Map.groupBy(inbox, kindOf)) yield [kind, events]
    }
    if (runs.length > 0) {
      peer.runs = []
      const outcome = { type: "answered", response: this.#response } as const
      yield ["answered", runs.map((run) => ({ type: "answered", run, outcome }))]
    }
    if (replays.length > 0) {
      peer.replays = []
      yield ["replayed", replays.map((one) => ({ type: "replayed", ...one, difference: null }))]
    }
    const { durable, issued } = peer.state.persists
    if (issued === durable) return
    yield ["persisted", [{ type: "persisted", upTo: issued }]]
    const { held } = peer
    peer.held = []
    for (const { event, to } of held) this.#send(to, event)
  }

  #take(peer: Runner, kind: string, events: ReadonlyArray<Event>): void {
    const all: Array<ReadonlyArray<Command>> = []
    const before = process.threadCpuUsage()
    for (const event of events) {
      const { commands, state } = step(peer.state, event)
      peer.state = state
      all.push(commands)
    }
    const { user, system } = process.threadCpuUsage(before)
    const name = `${peer.role}: ${kind}`
    this.#costs.set(name, (this.#costs.get(name) ?? 0) + user + system)
    for (const commands of all) for (const command of commands) this.#carryOut(peer, command)
  }

  #carryOut(peer: Runner, command: Command): void {
    if (command.type === "run") peer.runs.push(command.run)
    else if (command.type === "replay") peer.replays.push({ run: command.run, applied: command.steps.length })
    else if (command.type === "respond") this.#answered++
    else if (command.type === "send") {
      const { after, message, to } = command
      const event: Event = { type: "message", from: peer.self, message }
      if (after === undefined) this.#send(to, event)
      else peer.held.push({ to, event })
    }
  }

  #send(to: Contact, event: Event): void {
    this.#peers.find(({ self }) => self.id === to.id)?.inbox.push(event)
  }
}

const contact = (i: number): Contact => ({
  id: fromBigInt((BigInt(i + 1) << 160n) / BigInt(PEERS) - 1n),
  incarnation: 1,
  name: `p${i}`,
  ring: `r${i}:1`,
  http: `h${i}:1`,
})

const journal: JournalConfig = {
  replicas: PEERS,
  boot: 1,
  standby: "warm",
  sessionState: "any",
  sessionEntries: 1e9,
  sessionBytes: 1e12,
  idleMs: 1e12,
  replays: 8,
  sha256: (bytes) => hash("sha256", bytes) as Hash,
}

/** As long as the ids of a dispatcher's requests are. */
const ORIGIN = "0123456789abcdef0123456789abcdef"

const kindOf = (event: Event): string => (event.type === "message" ? event.message.type : event.type)
