import * as HashMap from "effect/HashMap"
import type { Command } from "../peer/Command.ts"
import type { Contact } from "../peer/Contact.ts"
import type { Event } from "../peer/Event.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import { initial, step } from "../peer/Peer.ts"
import { peer } from "../peer/Peer.samples.ts"
import type { PeerState } from "../peer/PeerState.ts"
import type { Difference, Outcome, Reply } from "./Reply.ts"
import { lengthOf } from "./Fifo.ts"
import type { CellSessions } from "./Handoff.ts"
import { quietFrom } from "./Session.ts"
import { committedOf, laneOf } from "./Sessions.ts"
import { decodeEntry } from "../codec/EntryCodec.ts"
import type { DurableCell } from "../replication/Durable.ts"
import { emptyLog, itemsFrom } from "../replication/Log.ts"

/**
 * A peer that is alone in its ring, with a service whose whole state is what each client has asked of each instance. It
 * checks at every step what must always hold of sessions, and throws where it does not.
 */

type Of<T extends Command["type"]> = Extract<Command, { readonly type: T }>

const text = new TextEncoder()
const decoder = new TextDecoder()
export const bytesOf = (value: string): Uint8Array => text.encode(value)
export const textOf = (value: Uint8Array): string => decoder.decode(value)

/** The journal's settings unless a test says otherwise. */
export const journal: JournalConfig = {
  replicas: 1,
  boot: 1,
  standby: "warm",
  sessionState: "any",
  sessionEntries: 100,
  sessionBytes: 100_000,
  idleMs: 60_000,
  replays: 2,
}

export const difference: Difference = {
  where: "/pid",
  journaled: "1",
  replayed: "2",
  flag: "--ignore /pid",
}

/** Where a peer is; by default alone. */
export interface Place {
  readonly cells?: number
  readonly self?: Contact
  readonly founders?: ReadonlyArray<Contact>
  /** What its store has. */
  readonly durable?: ReadonlyArray<DurableCell>
}

export class OnePeer {
  state: PeerState
  /** What every instance has seen, by birth and client: ids of requests, in order. */
  readonly seen = new Map<number, Map<string, Array<string>>>()
  runs: Array<Of<"run">> = []
  replays: Array<Of<"replay">> = []
  /** Numbers of replays that are, or became, urgent. */
  readonly urgent = new Set<number>()
  /** Commands that are about one moment only, since the last look. */
  readonly log: Array<Command> = []
  readonly replies = new Map<number, Reply>()
  readonly asked = new Set<number>()
  readonly askers = new Map<number, { readonly client: string; readonly id: string }>()
  /** What was run, id by run. */
  readonly started: Array<{ readonly client: string; readonly id: string; readonly birth: number }> = []
  /** Births that have ended; the peer may not know of it yet. */
  readonly ended = new Set<number>()
  readonly retired = new Set<number>()
  token = 1
  birth = 0
  /** Numbers of persists that are not durable yet. */
  unflushed = 0

  /** Sent, and not taken out yet; each may leave when the persists up to `after` are durable. */
  outbox: Array<Of<"send">> = []

  constructor(more: Partial<JournalConfig> = {}, place: Place = {}) {
    const { cells = 2, self = peer(5), founders = [self], durable = [] } = place
    this.state = initial(
      {
        self,
        founders,
        founding: true,
        successors: 2,
        cells,
        tickMs: 100,
        suspectTicks: 3,
        journal: { ...journal, ...more },
      },
      durable,
    )
    this.take({ type: "started" })
    this.take({ type: "clock", nowMs: 1_000_000 })
  }

  take(event: Event): void {
    const { state, commands } = step(this.state, event)
    this.state = state
    for (const sessions of state.handoff.cells) if (sessions !== null) mustBeLinedUp(sessions, state)
    for (const command of commands) this.carryOut(command)
    this.mustHurry()
  }

  /** Nobody waits for a replay that is at leisure, be it for its session or for its place. */
  private mustHurry(): void {
    const { cells, replaying, wanted } = this.state.handoff
    const isFull = replaying === this.state.config.journal?.replays
    for (const { client, run } of this.replays) {
      if (this.urgent.has(run)) continue
      if (isFull && lengthOf(wanted) > 0)
        throw new Error(`${client} is replayed at leisure while others wait in line`)
      for (const sessions of cells) {
        const lane = sessions === null ? undefined : laneOf(sessions, client)
        const waits = lane?.activity?.type === "replay" && lane.activity.run === run && lane.queue.length > 0
        if (waits) throw new Error(`${client} waits for a replay at leisure`)
      }
    }
  }

  private carryOut(command: Command): void {
    switch (command.type) {
      case "persist":
        this.unflushed = command.number
        return
      case "run":
        return this.onRun(command)
      case "replay": {
        this.mustBeIdle(command.client, command.birth)
        this.replays.push(command)
        if (command.urgent) this.urgent.add(command.run)
        return
      }
      case "hurry":
        this.urgent.add(command.run)
        return
      case "respond": {
        if (!this.asked.has(command.token)) throw new Error(`token ${command.token} was never asked`)
        if (this.replies.has(command.token)) throw new Error(`token ${command.token} is answered twice`)
        const { reply } = command
        if (reply.type === "response" && reply.entry !== null) {
          const replica = this.state.replicas[0] ?? null
          if (replica === null || reply.entry >= committedOf(replica))
            throw new Error(`entry ${reply.entry} left before its commit`)
        }
        this.replies.set(command.token, reply)
        return
      }
      case "send":
        this.outbox.push(command)
        return
      case "retire":
        if (command.birth === this.birth) throw new Error(`birth ${command.birth} is the newest, and retired`)
        this.retired.add(command.birth)
        this.log.push(command)
        return
      case "renew":
        this.log.push(command)
        return
      case "trace":
        if (command.record.type === "diverged") this.log.push(command)
        return
      default:
        return
    }
  }

  private mustBeIdle(client: string, birth: number): void {
    const busy = [...this.runs, ...this.replays].some((one) => one.client === client && one.birth === birth)
    if (busy) throw new Error(`${client} is at work already on birth ${birth}`)
    if (this.retired.has(birth))
      throw new Error(`${client} is to be at work on birth ${birth}, which is retired`)
  }

  private onRun(command: Of<"run">): void {
    const { birth, client, request } = command
    this.mustBeIdle(client, birth)
    const id = textOf(request)
    const before = this.seenBy(birth, client)
    const journaled = this.journaled(client)
    if (!id.startsWith("read") && before.join() !== journaled.join()) {
      throw new Error(
        `${id} of ${client} runs behind [${before.join()}], and journaled is [${journaled.join()}]`,
      )
    }
    if (journaled.includes(id)) throw new Error(`${id} of ${client} is journaled, and runs again`)
    this.runs.push(command)
    this.started.push({ client, id, birth })
  }

  seenBy(birth: number, client: string): Array<string> {
    const clients = this.seen.get(birth) ?? new Map<string, Array<string>>()
    this.seen.set(birth, clients)
    const list = clients.get(client) ?? []
    clients.set(client, list)
    return list
  }

  /** Ids that replay would run, journaled for the client since its session began. */
  journaled(client: string): ReadonlyArray<string> {
    return journaledIds(this.state, client)
  }

  /** Ids of the client's requests that somebody has an answer to. */
  acknowledged(client: string): ReadonlyArray<string> {
    return [...this.replies]
      .filter(([token, reply]) => reply.type === "response" && this.askers.get(token)?.client === client)
      .map(([token]) => this.askers.get(token)?.id ?? "")
  }

  /** A request; its bytes are its id. Returns its token. */
  request(client: string, id: string, readOnly = false): number {
    const token = this.token++
    this.asked.add(token)
    this.askers.set(token, { client, id })
    this.take({ type: "request", token, cell: 0, client, id, request: bytesOf(id), readOnly })
    return token
  }

  reset(client: string): number {
    const token = this.token++
    this.asked.add(token)
    this.take({ type: "reset", token, cell: 0, client })
    return token
  }

  /** A fresh instance is ready. */
  start(): void {
    this.birth++
    this.take({ type: "instance", birth: this.birth })
  }

  /** The newest instance dies: whatever runs on it ends. */
  die(): void {
    const { birth } = this
    this.take({ type: "instance", birth: null })
    this.dieUnnoticed(birth)
  }

  /** An instance is gone, and nobody says so but what runs on it. */
  dieUnnoticed(birth: number): void {
    this.ended.add(birth)
    for (const run of this.runs.filter((one) => one.birth === birth)) this.answer(run, "died")
    for (const replay of this.replays.filter((one) => one.birth === birth)) this.replayed(replay, 0)
  }

  answer(run: Of<"run"> | undefined = this.runs[0], how: Outcome["type"] = "answered"): void {
    if (run === undefined) throw new Error("nothing runs")
    const type = this.ended.has(run.birth) ? "died" : how
    this.runs = this.runs.filter((one) => one !== run)
    const id = textOf(run.request)
    if ((type === "answered" || type === "unjournaled") && !id.startsWith("read")) {
      this.seenBy(run.birth, run.client).push(id)
    }
    const outcome: Outcome = { type, response: bytesOf(`${type} ${id}`) }
    this.take({ type: "answered", run: run.run, outcome })
  }

  replayed(
    replay: Of<"replay"> | undefined = this.replays[0],
    ran: number | undefined = replay?.steps.length,
    found: Difference | null = null,
  ): void {
    if (replay === undefined || ran === undefined) throw new Error("nothing is replayed")
    const isOver = this.ended.has(replay.birth)
    const applied = isOver ? 0 : ran
    const differs = isOver ? null : found
    this.replays = this.replays.filter((one) => one !== replay)
    const seen = this.seenBy(replay.birth, replay.client)
    if (replay.fresh) this.forget(seen, replay.client)
    for (const { id, replay: how } of replay.steps.slice(0, applied)) if (how !== "skip") seen.push(id)
    this.take({ type: "replayed", run: replay.run, applied, difference: differs })
  }

  /** An instance is told to forget a client: enough where all state hangs on cookies, or the session is expired. */
  private forget(seen: Array<string>, client: string): void {
    const journaled = this.journaled(client)
    const isAny = this.state.config.journal?.sessionState === "any"
    if (isAny && seen.some((id) => journaled.includes(id))) {
      throw new Error(`${client}: [${seen.join()}] is replayed again on an instance that cannot forget it`)
    }
    seen.length = 0
  }

  flush(): void {
    this.take({ type: "persisted", upTo: this.unflushed })
  }

  tick(times = 1): void {
    for (let i = 0; i < times; i++) this.take({ type: "tick", lateMs: 0 })
  }

  clock(nowMs: number): void {
    this.take({ type: "clock", nowMs })
  }

  reply(token: number): string {
    const reply = this.replies.get(token)
    if (reply === undefined) return "none"
    return reply.type === "response"
      ? textOf(reply.response)
      : reply.type === "refused"
        ? reply.code
        : reply.type
  }

  /** Everything that can end does, well. */
  settle(): void {
    for (let i = 0; i < 10_000; i++) {
      if (this.state.handoff.birth === null) this.start()
      else if (this.state.handoff.renewing !== 0) this.start()
      else if (this.runs.length > 0) this.answer()
      else if (this.replays.length > 0) this.replayed()
      else if (this.unflushed > this.state.persists.durable) this.flush()
      else return
    }
    throw new Error("it never comes to rest")
  }
}

/** Who is in the backlog says so, and nobody in it is quiet before anybody looks. */
const mustBeLinedUp = ({ backlog, sessions }: CellSessions, { handoff }: PeerState): void => {
  for (const [client, session] of sessions) {
    if (session.backlogged !== HashMap.has(backlog, client)) throw new Error(`${client} says the wrong thing`)
    if (session.backlogged && quietFrom(session) < handoff.quietAt) throw new Error(`${client} is overlooked`)
  }
}

const journaledIds = (state: PeerState, client: string): ReadonlyArray<string> => {
  const { log } = state.replicas[0] ?? { log: emptyLog }
  let ids: Array<string> = []
  for (const { bytes } of itemsFrom(log, log.start.length)) {
    const entry = bytes === null ? null : decodeEntry(bytes)
    if (entry === null || entry.type === "Problem" || entry.client !== client) continue
    if (entry.type === "expire") ids = []
    else if (entry.replay !== "skip") ids.push(entry.id)
  }
  return ids
}

/** A peer with `count` committed requests of a client, each `a1`, `a2`, ... */
export const withEntries = (count: number, more: Partial<JournalConfig> = {}, client = "ann"): OnePeer => {
  const one = new OnePeer(more)
  one.start()
  for (let i = 1; i <= count; i++) one.request(client, `a${i}`)
  one.settle()
  return one
}
