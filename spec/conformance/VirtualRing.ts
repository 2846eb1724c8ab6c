import type { Command } from "../../core/peer/Command.ts"
import { type Contact, samePeer } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import type { FindResult, RingMessage } from "../../core/peer/Message.ts"
import { Observer } from "../../core/peer/Observer.ts"
import { initial, step } from "../../core/peer/Peer.ts"
import type { PeerConfig, PeerState } from "../../core/peer/PeerState.ts"
import type { TraceRecord } from "../../core/peer/Trace.ts"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import { Digest } from "./Digest.ts"
import { eventQueue } from "./EventQueue.ts"
import type { Machines } from "./Machines.ts"
import { seeded } from "./Seeded.ts"
import { defaults, type VirtualOptions } from "./VirtualOptions.ts"

type Happening =
  | { readonly kind: "event"; readonly to: string; readonly life: number; readonly event: Event }
  | { readonly kind: "tick"; readonly to: string; readonly life: number; readonly due: number }
  | { readonly kind: "exit"; readonly to: string; readonly life: number }
  | { readonly kind: "call"; readonly call: () => void }

/** What befalls one direction of a link, beside what befalls all of them. */
interface Trouble {
  /** Every message takes so much longer, and up to so much more. */
  slowMs: number
  jitterMs: number
  /** What waits until the link is healed, in the order in which it was sent; null: nothing waits. */
  held: Array<readonly [from: Contact, to: Contact, message: RingMessage]> | null
}

type Send = Command & { readonly type: "send" }

interface Process {
  state: PeerState
  /** Counts starts, so that what was meant for an earlier life is not delivered to a later one. */
  readonly life: number
  paused: boolean
  started: boolean
  /** What arrived while paused, or before the process was up. */
  readonly backlog: Array<Event>
  readonly observer: Observer
  tickDue: number
  /** Number of the last persist known to be durable, and the messages that wait for later ones. */
  durable: number
  held: Array<Send>
}

/**
 * A ring of peers that run the shipped `step` in virtual time over a simulated network. It does what the driver of
 * a real process does, and nothing else: deliver messages, fire ticks, report refused connections.
 */
export class VirtualRing {
  options: VirtualOptions
  /** Every trace record so far, in order. */
  readonly trace: Array<{ readonly at: number; readonly peer: string; readonly record: TraceRecord }> = []
  now = 0
  /** Of every step so far: who, when, what, and how much came of it. */
  readonly digest = new Digest()
  /** Messages handed to the network so far. */
  sent = 0
  /** Called with every message handed to the network. */
  onSend: (from: Contact, to: Contact, message: RingMessage) => void = () => {}
  /** Whether the network takes a message; one that it does not is lost, unless whoever took it delivers it later. */
  passes: (from: Contact, to: Contact, message: RingMessage) => boolean = () => true
  /** Called after every step in which a peer said something of itself, which it does whenever its ring state changed. */
  onTrace: () => void = () => {}
  /** Takes the lines that peers would write to their traces, in the order of virtual time; null: none are made. */
  traced: ((lines: ReadonlyArray<TraceLine>) => void) | null = null
  readonly #machines: Machines | undefined
  readonly #random
  readonly #queue = eventQueue<Happening>()
  readonly #processes = new Map<string, Process>()
  readonly #answers = new Map<number, FindResult>()
  readonly #cut = new Set<string>()
  readonly #troubles = new Map<string, Trouble>()
  readonly #vanished = new Set<string>()
  #life = 0
  #nextToken = 1

  constructor(options: Partial<VirtualOptions> = {}, machines?: Machines) {
    this.options = { ...defaults, ...options }
    this.#machines = machines
    this.#random = seeded(this.options.seed)
  }

  /** Starts all founders at once, each already knowing the ideal ring. */
  found(founders: ReadonlyArray<Contact>): void {
    for (const self of founders) this.#start(self, founders, true)
  }

  /** Starts a peer that is no founder and joins through the given seeds. */
  join(self: Contact, seeds: ReadonlyArray<Contact>): void {
    this.restart(self, [])
    for (const peer of seeds) this.meet(self.name, peer)
  }

  /** Starts a peer that ran before and knows the genesis file, and nothing else any more. */
  restart(self: Contact, founders: ReadonlyArray<Contact>): void {
    this.#start(self, founders, false)
  }

  /** Somebody tells the peer of another that it may join through. */
  meet(name: string, other: Contact): void {
    this.#happen(name, { type: "seed", peer: other })
  }

  /** The machine is gone: no reset, and no refusal until the peer is started again. */
  vanish(name: string): void {
    const { state } = this.#get(name)
    this.#processes.delete(name)
    this.#machines?.ended(state.config.self)
    this.#vanished.add(name)
  }

  /** kill -9: the process is gone, and whoever had a connection to it hears a reset. */
  kill(name: string): void {
    const { state } = this.#get(name)
    this.#processes.delete(name)
    this.#machines?.ended(state.config.self)
    for (const other of this.#processes.values()) {
      const { self } = other.state.config
      if (other.state.detector.watched.has(state.config.self.id)) {
        this.#happen(self.name, { type: "suspect", peer: state.config.self }, this.#delay())
      }
    }
  }

  /** kill -STOP: silence instead of a reset. */
  pause(name: string): void {
    this.#get(name).paused = true
  }

  /** kill -CONT: what arrived meanwhile is delivered, and the tick that was due comes late. */
  resume(name: string): void {
    const process = this.#get(name)
    process.paused = false
    for (const event of process.backlog.splice(0)) this.#take(name, process, event)
    if (process.tickDue <= this.now) {
      this.#step(name, process, { type: "tick", lateMs: this.now - process.tickDue })
    }
  }

  /** A graceful leave; the process ends a little later, once it has handed over what it leads. */
  leave(name: string): void {
    const process = this.#get(name)
    this.#step(name, process, { type: "leave" })
    if (this.#machines === undefined) this.#exit(name, process)
  }

  /** From now on nothing gets from `from` to `to`. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`)
  }

  /** From now on what goes from `from` to `to` waits until the link is healed; nothing of it is lost. */
  hold(from: string, to: string): void {
    this.#trouble(from, to).held ??= []
  }

  /** From now on what goes from `from` to `to` takes `slowMs` longer, and up to `jitterMs` more. */
  slow(from: string, to: string, slowMs: number, jitterMs: number): void {
    Object.assign(this.#trouble(from, to), { slowMs, jitterMs })
  }

  /** Connections from `from` to `to` break, and `from` hears of it. */
  reset(from: string, to: string): void {
    const peer = this.#processes.get(to)?.state.config.self
    if (peer !== undefined) this.happen(from, { type: "suspect", peer })
  }

  /** Nothing befalls the way from `from` to `to` any more; what was held there goes on. */
  mend(from: string, to: string): void {
    this.#cut.delete(`${from}>${to}`)
    const held = this.#troubles.get(`${from}>${to}`)?.held ?? []
    this.#troubles.delete(`${from}>${to}`)
    for (const [sender, receiver, message] of held) this.#travel(sender, receiver, message)
  }

  /** From now on nothing gets from one side to the other, in either direction. */
  partition(side: Iterable<string>, other: ReadonlyArray<string>): void {
    for (const a of side) {
      for (const b of other) {
        this.cut(a, b)
        this.cut(b, a)
      }
    }
  }

  /** Whatever was cut is joined again, and what was held goes on. */
  reconnect(): void {
    this.#cut.clear()
    for (const link of this.#troubles.keys()) {
      const [from = "", to = ""] = link.split(">")
      this.mend(from, to)
    }
  }

  /** Faults stop: nothing is cut, lost or doubled any more. */
  heal(): void {
    this.reconnect()
    this.options = { ...this.options, loss: 0, duplication: 0, delayed: [0, 0] }
  }

  /** Lets `ms` virtual milliseconds go by. */
  run(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = this.#queue.popUntil(until)
      if (next === undefined) break
      this.now = next.at
      this.#deliver(next.what)
    }
    this.now = until
  }

  /** Runs until `done`, looking after every tick's length, for at most `ms`; says how long it took, or undefined. */
  runUntil(done: () => boolean, ms: number): number | undefined {
    const start = this.now
    while (!done()) {
      if (this.now - start >= ms) return undefined
      this.run(this.options.tickMs / 4)
    }
    return this.now - start
  }

  /** Something happens to the peer `afterMs` milliseconds from now, unless it has ended by then. */
  happen(name: string, event: Event, afterMs = 0): void {
    if (this.#processes.has(name)) this.#happen(name, event, afterMs)
  }

  /** Calls back `afterMs` virtual milliseconds from now, whoever runs then. */
  after(afterMs: number, call: () => void): void {
    this.#queue.push(this.now + afterMs, { kind: "call", call })
  }

  /** The message is delivered in this moment, if its receiver listens. */
  deliver(from: Contact, to: Contact, message: RingMessage): void {
    const listener = this.#processes.get(to.name)
    if (listener === undefined || !samePeer(listener.state.config.self, to)) return
    this.#step(to.name, listener, { type: "message", from, message })
  }

  /** Starts a lookup at a peer; the answer is found under the token once it came. */
  find(at: string, key: RingId, trace = false): number {
    const token = this.#nextToken++
    this.#step(at, this.#get(at), { type: "find", token, key, trace })
    return token
  }

  answer(token: number): FindResult | undefined {
    return this.#answers.get(token)
  }

  isAlive(name: string): boolean {
    return this.#processes.has(name)
  }

  isPaused(name: string): boolean {
    return this.#get(name).paused
  }

  /** Which start of the peer this is; another one each time. */
  life(name: string): number {
    return this.#get(name).life
  }

  state(name: string): PeerState {
    return this.#get(name).state
  }

  /** States of all that run and have not begun to leave, in increasing order of id. */
  states(): ReadonlyArray<PeerState> {
    return [...this.#processes.values()]
      .map((process) => process.state)
      .filter((state) => state.phase !== "leaving")
      .toSorted((a, b) => (a.config.self.id < b.config.self.id ? -1 : 1))
  }

  #get(name: string): Process {
    const process = this.#processes.get(name)
    if (process === undefined) throw new RangeError(`no peer ${name} is running`)
    return process
  }

  #start(self: Contact, founders: ReadonlyArray<Contact>, founding: boolean): void {
    const { successors, cells, tickMs, suspectTicks } = this.options
    const booted = this.#machines?.boot(self)
    const config: PeerConfig = {
      self,
      founders,
      founding,
      successors,
      cells,
      tickMs,
      suspectTicks,
      journal: booted?.journal ?? null,
    }
    const process: Process = {
      state: initial(config, booted?.durable),
      life: ++this.#life,
      paused: false,
      started: false,
      backlog: [],
      observer: new Observer(booted?.journal.boot ?? this.#life),
      tickDue: Infinity,
      durable: 0,
      held: [],
    }
    this.#processes.set(self.name, process)
    this.#vanished.delete(self.name)
    // Processes do not start in the same instant; ticks of different peers are not in step.
    this.#happen(self.name, { type: "started" }, this.#random.next() * tickMs)
  }

  #delay(from?: Contact, to?: Contact): number {
    const { areas, delayed, latencyMs } = this.options
    const [low, high] = latencyMs
    const [chance, most] = delayed
    if (chance > 0 && this.#random.next() < chance) return this.#random.next() * most
    const takes = low + this.#random.next() * (high - low)
    if (from === undefined || to === undefined) return takes
    const { slowMs, jitterMs } = this.#troubleOf(from, to) ?? calm
    const base =
      areas !== null && areaOf(from, areas.count) === areaOf(to, areas.count) ? areas.insideMs : takes
    return jitterMs === 0 ? base + slowMs : base + slowMs + this.#random.next() * jitterMs
  }

  #troubleOf(from: Contact, to: Contact): Trouble | undefined {
    return this.#troubles.size === 0 ? undefined : this.#troubles.get(`${from.name}>${to.name}`)
  }

  #trouble(from: string, to: string): Trouble {
    const known = this.#troubles.get(`${from}>${to}`)
    if (known !== undefined) return known
    const fresh = { slowMs: 0, jitterMs: 0, held: null }
    this.#troubles.set(`${from}>${to}`, fresh)
    return fresh
  }

  #happen(to: string, event: Event, after = 0): void {
    this.#queue.push(this.now + after, { kind: "event", to, life: this.#get(to).life, event })
  }

  #exit(name: string, process: Process): void {
    this.#queue.push(this.now + this.options.lingerMs, { kind: "exit", to: name, life: process.life })
  }

  #deliver(what: Happening): void {
    if (what.kind === "call") return what.call()
    const process = this.#processes.get(what.to)
    if (process === undefined || process.life !== what.life) return
    if (what.kind === "exit") this.kill(what.to)
    else if (what.kind === "tick") {
      if (process.tickDue === what.due && !process.paused)
        this.#step(what.to, process, { type: "tick", lateMs: 0 })
    } else this.#take(what.to, process, what.event)
  }

  /** An event reaches a process, which may not be up yet, or not at work. */
  #take(name: string, process: Process, event: Event): void {
    const starts = event.type === "started"
    if (process.paused || !(process.started || starts)) {
      if (starts) process.backlog.unshift(event)
      else process.backlog.push(event)
      return
    }
    process.started = true
    this.#step(name, process, event)
    if (!starts) return
    for (const one of process.backlog.splice(0)) this.#take(name, process, one)
  }

  #step(name: string, process: Process, event: Event): void {
    const before = process.state
    const { state, commands } = step(before, event)
    process.state = state
    this.#digest(name, event, commands.length)
    this.traced?.(process.observer.observe(Math.round(this.now * 1e6), before, event, state, commands))
    this.#machines?.stepped(before, event, state, commands)
    if (event.type === "persisted") this.#release(process, event.upTo)
    const traced = this.trace.length
    for (const command of commands) this.#carryOut(name, process, command)
    if (this.trace.length > traced) this.onTrace()
  }

  #digest(name: string, event: Event, commands: number): void {
    this.digest.number(this.now)
    this.digest.word(name)
    this.digest.word(event.type === "message" ? event.message.type : event.type)
    this.digest.number(commands)
  }

  #carryOut(name: string, process: Process, command: Command): void {
    const { self } = process.state.config
    switch (command.type) {
      case "send":
        if ((command.after ?? 0) > process.durable) process.held.push(command)
        else this.#send(self, command.to, command.message)
        return
      case "setTick":
        process.tickDue = this.now + command.afterMs
        this.#queue.push(process.tickDue, {
          kind: "tick",
          to: name,
          life: process.life,
          due: process.tickDue,
        })
        return
      case "found":
        if (this.#answers.has(command.token)) throw new Error(`lookup ${command.token} was answered twice`)
        this.#answers.set(command.token, command.result)
        return
      case "trace":
        this.trace.push({ at: this.now, peer: name, record: command.record })
        return
      case "left":
        return this.#exit(name, process)
      default:
        this.#machines?.carryOut(self, command)
    }
  }

  /** What waited for the writes up to that number leaves now. */
  #release(process: Process, upTo: number): void {
    process.durable = upTo
    const due = process.held.filter(({ after = 0 }) => after <= upTo)
    process.held = process.held.filter(({ after = 0 }) => after > upTo)
    for (const { to, message } of due) this.#send(process.state.config.self, to, message)
  }

  #send(from: Contact, to: Contact, message: RingMessage): void {
    this.sent++
    this.onSend(from, to, message)
    if (!this.passes(from, to, message)) return
    const held = this.#troubleOf(from, to)?.held
    if (held) held.push([from, to, message])
    else this.#travel(from, to, message)
  }

  #travel(from: Contact, to: Contact, message: RingMessage): void {
    if (this.#vanished.has(to.name) || this.#isCut(from, to)) return
    const listener = this.#processes.get(to.name)?.state.config.self
    if (listener === undefined || !samePeer(listener, to)) {
      // Nobody listens there, or another incarnation: the connection is refused, and the sender hears of it.
      this.happen(from.name, { type: "suspect", peer: to }, this.#delay())
      return
    }
    const event: Event = { type: "message", from, message }
    const { duplication, loss } = this.options
    if (loss > 0 && this.#random.next() < loss) return
    this.#happen(to.name, event, this.#delay(from, to))
    if (duplication > 0 && this.#random.next() < duplication) {
      this.#happen(to.name, event, this.#delay(from, to))
    }
  }

  #isCut(from: Contact, to: Contact): boolean {
    return this.#cut.size > 0 && this.#cut.has(`${from.name}>${to.name}`)
  }
}

const calm = { slowMs: 0, jitterMs: 0 }

/** Numbers of peers by their names, which are asked for with every message. */
const numbers = new Map<string, number>()

/** Peers with neighbouring numbers are in different areas. */
const areaOf = ({ name }: Contact, count: number): number => {
  let number = numbers.get(name)
  if (number === undefined) numbers.set(name, (number = Number(name.slice(1))))
  return number % count
}
