import { decodeEntry } from "../../../core/codec/EntryCodec.ts"
import type { Command } from "../../../core/peer/Command.ts"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { Event } from "../../../core/peer/Event.ts"
import type { JournalConfig } from "../../../core/peer/JournalConfig.ts"
import { initial, step } from "../../../core/peer/Peer.ts"
import type { PeerState } from "../../../core/peer/PeerState.ts"
import { itemAt } from "../../../core/replication/Log.ts"
import type { Replica } from "../../../core/replication/Replica.ts"
import type { ReplicaMessage } from "../../../core/replication/ReplicaMessage.ts"
import { answerOf } from "../../journal/Service.ts"
import { applyWrite, type StoredCell } from "../VirtualDisk.ts"
import { virtualPeers } from "../VirtualPeer.ts"
import { canonical } from "./Canonical.ts"

/** The peers of what is explored, the first of which leads the cell at genesis. */
export const PEERS: ReadonlyArray<Contact> = virtualPeers(3)

type Of<T extends Command["type"]> = Extract<Command, { readonly type: T }>

/** One machine: the peer's process, unless it is down, its disk and its service. Never changed. */
export interface CoreNode {
  /** Null while it is down. */
  readonly state: PeerState | null
  readonly boots: number
  readonly disk: StoredCell | null
  /** Writes on their way to the disk, in order. */
  readonly writes: ReadonlyArray<Of<"persist">>
  /** What waits for them. */
  readonly held: ReadonlyArray<Of<"send">>
  /** Requests that the service has not answered yet. */
  readonly runs: ReadonlyArray<Of<"run">>
  /** What the service has applied. */
  readonly applied: ReadonlyArray<string>
}

/** A message on its way; `to` is an index of PEERS. */
export interface Sent {
  readonly from: number
  readonly to: number
  readonly message: ReplicaMessage
}

/** A request was answered: from which entry of the log, the head behind it, and what the answer shows. */
export interface Reply {
  readonly id: string
  readonly entry: number
  readonly head: string
  readonly shown: string
}

/** What a node says besides, in one step. */
export interface Done {
  readonly node: CoreNode
  readonly sent: ReadonlyArray<Sent>
  /** Requests that were answered, each from an entry of the log. */
  readonly replies: ReadonlyArray<Reply>
  /** What this step alone shows to be wrong. */
  readonly problem: string | null
}

/** Who asks. */
export const CLIENT = "c"
const utf8 = new TextEncoder()
const text = new TextDecoder()

const config = (boot: number): JournalConfig => ({
  replicas: 3,
  boot,
  // What is replayed ahead changes nothing of what is said: sessions are rebuilt when they are asked for.
  standby: "cold",
  sessionState: "any",
  sessionEntries: 100,
  sessionBytes: 2 ** 20,
  idleMs: 1e15,
  replays: 1,
})

/** Virtual ticks that go by at once: more than anything in replication waits for. */
const LONG = 100

/**
 * Waits without a word after which a peer takes another for dead by itself: more than an exploration ever has, since who
 * is taken for dead is an action of its own; in ticks less than go by in one wait.
 */
export const SILENCE = LONG / 5

const fresh: CoreNode = {
  state: null,
  boots: 0,
  disk: null,
  writes: [],
  held: [],
  runs: [],
  applied: [],
}

/** The node with nothing on its disk, before it ever ran. */
export const bareNode = fresh

/** Starts the process; it finds the ring of all three settled, as founders do. */
export const started = (index: number, node: CoreNode): Done => {
  const self = PEERS[index] as Contact
  const boots = node.boots + 1
  const durable =
    node.disk === null || node.disk.record === null
      ? []
      : [{ record: node.disk.record, log: { start: node.disk.start, items: [...node.disk.items] } }]
  const state = initial(
    {
      self,
      founders: PEERS,
      founding: true,
      successors: 2,
      cells: 1,
      tickMs: 100,
      suspectTicks: SILENCE,
      journal: config(boots),
    },
    durable,
  )
  const up = { ...node, state, boots, writes: [], held: [], runs: [], applied: [] }
  // Everybody was heard before: whoever is silent from now on is not merely late.
  const heard = PEERS.filter(({ id }) => id !== self.id)
  return run(index, up, [
    { type: "started" },
    { type: "clock", nowMs: 1 },
    { type: "instance", birth: 1 },
    ...heard.map((from) => ({ type: "message" as const, from, message: { type: "Ping" as const } })),
  ])
}

/** The process is gone, and of its writes the first `kept` are on the disk. */
export const crashed = (node: CoreNode, kept: number): CoreNode => ({
  ...fresh,
  boots: node.boots,
  disk: node.writes.slice(0, kept).reduce((disk, one) => flushed(disk, one), node.disk),
})

/** The disk after the writes of one command. */
export const flushed = (disk: StoredCell | null, { writes }: Of<"persist">): StoredCell | null => {
  const cells = new Map<number, StoredCell>()
  if (disk !== null) cells.set(0, { ...disk, items: [...disk.items] })
  for (const write of writes) applyWrite(cells, write)
  return cells.get(0) ?? null
}

/** The first of its writes becomes durable. */
export const flush = (index: number, node: CoreNode): Done => {
  const [first, ...writes] = node.writes
  if (first === undefined) throw new RangeError("nothing is to be written")
  const upTo = first.number
  const due = node.held.filter(({ after = 0 }) => after <= upTo)
  const held = node.held.filter(({ after = 0 }) => after > upTo)
  const done = run(index, { ...node, disk: flushed(node.disk, first), writes, held }, [
    { type: "persisted", upTo },
  ])
  return { ...done, sent: [...due.flatMap((one) => sentOf(index, one)), ...done.sent] }
}

export const received = (index: number, node: CoreNode, { from, message }: Sent): Done =>
  run(index, node, [{ type: "message", from: PEERS[from] as Contact, message }])

/** It takes `other` for dead. */
export const suspects = (index: number, node: CoreNode, other: number): Done =>
  run(index, node, [{ type: "suspect", peer: PEERS[other] as Contact }])

/** It hears a heartbeat of `other`. */
export const hears = (index: number, node: CoreNode, other: number): Done =>
  run(index, node, [{ type: "message", from: PEERS[other] as Contact, message: { type: "Ping" } }])

/** So much time goes by that whatever waits has waited for long enough. */
export const waited = (index: number, node: CoreNode): Done => {
  if (node.state === null) throw new RangeError("time goes by for nobody")
  // A look at its cell is due about once a second (Cells.ts, isItsTurn).
  const turns = Math.ceil((node.state.turns + LONG) / 10) * 10
  return run(index, { ...node, state: { ...node.state, turns } }, [{ type: "tick", lateMs: 0 }])
}

/** Request number `n` reaches it, as the client's only dispatcher would send it. */
export const asked = (index: number, node: CoreNode, n: number): Done =>
  run(index, node, [
    {
      type: "request",
      // One that is asked for again has another token.
      token: 100 * (node.state?.handoff.nextRun ?? 0) + n,
      cell: 0,
      client: CLIENT,
      id: `r${n}`,
      request: utf8.encode(`r${n}`),
      readOnly: false,
    },
  ])

/** The service answers the first request that it was given. */
export const served = (index: number, node: CoreNode): Done => {
  const [first, ...runs] = node.runs
  if (first === undefined) throw new RangeError("nothing runs")
  const applied = [...node.applied, text.decode(first.request)]
  const response = utf8.encode(answerOf(CLIENT, applied))
  return run(index, { ...node, runs, applied }, [
    { type: "answered", run: first.run, outcome: { type: "answered", response } },
  ])
}

const sentOf = (from: number, { message, to }: Of<"send">): ReadonlyArray<Sent> => {
  // Of the ring only what concerns the journal is on its way here.
  if (!("cell" in message)) return []
  const index = PEERS.findIndex(({ id }) => id === to.id)
  return [{ from, to: index, message }]
}

const run = (index: number, before: CoreNode, events: ReadonlyArray<Event>): Done => {
  let node = before
  const sent: Array<Sent> = []
  const replies: Array<Reply> = []
  let problem: string | null = null
  const queue = [...events]
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
    if (node.state === null) throw new RangeError("nobody is there to step")
    const was = node.state
    const { commands, state } = step(was, event)
    problem ??= sealedMoved(was.replicas[0] ?? null, state.replicas[0] ?? null, commands)
    node = { ...node, state }
    for (const command of commands) {
      switch (command.type) {
        case "persist":
          node = { ...node, writes: [...node.writes, command] }
          break
        case "send":
          if (!("cell" in command.message)) break
          if (command.after === undefined) sent.push(...sentOf(index, command))
          else node = { ...node, held: [...node.held, command] }
          break
        case "run":
          node = { ...node, runs: [...node.runs, command] }
          break
        case "replay": {
          // Instances are deterministic, and replay is no part of what is explored: it is over at once.
          const steps = command.steps.map((one) => text.decode(one.request))
          node = { ...node, applied: [...(command.fresh ? [] : node.applied), ...steps] }
          queue.push({ type: "replayed", run: command.run, applied: steps.length, difference: null })
          break
        }
        case "renew":
          node = { ...node, applied: [] }
          queue.push({ type: "instance", birth: command.birth + 1 })
          break
        case "respond": {
          const { reply } = command
          if (reply.type !== "response" || reply.entry === null) break
          const item = itemAt((state.replicas[0] as Replica).log, reply.entry)
          const entry = item?.bytes ? decodeEntry(item.bytes) : null
          const id = entry?.type === "request" ? entry.id : "?"
          replies.push({ id, entry: reply.entry, head: item?.head ?? "", shown: text.decode(reply.response) })
          break
        }
        case "trace":
          if (command.record.type === "corrupt" || command.record.type === "diverged") {
            problem ??= `${PEERS[index]?.name} finds ${JSON.stringify(command.record)}`
          }
          break
        // Of the ring and of the clock nothing happens but by actions; the service has nothing to give back, nor to hurry with.
        case "found":
        case "hurry":
        case "left":
        case "retire":
        case "setTick":
          break
      }
    }
  }
  return { node, sent, replies, problem }
}

/** I6: a sealed member, the leader included, neither appends nor acknowledges. */
const sealedMoved = (
  was: Replica | null,
  now: Replica | null,
  commands: ReadonlyArray<Command>,
): string | null => {
  if (was === null || now === null || was.record.ballot === null) return null
  const { epoch } = was.record
  for (const command of commands) {
    if (command.type !== "send" || command.message.type !== "AppendAck") continue
    if (command.message.epoch === epoch) return `a member that is sealed in epoch ${epoch} acknowledges`
  }
  if (now.record.epoch !== epoch || now.log.length <= was.log.length) return null
  const allowed = now.record.accepted?.proposal.base.length ?? 0
  return now.log.length > allowed ? `a member that is sealed in epoch ${epoch} appends` : null
}

/** A text that tells nodes apart as far as their future can. */
export const nodeText = ({ applied, boots, disk, held, runs, state, writes }: CoreNode): string => {
  const stored = disk === null ? null : [disk.record, disk.start, disk.items.map(({ head }) => head)]
  return canonical([boots, stored, writes, held, runs, applied, state === null ? null : knownOf(state)])
}

/** Without what never changes, and without how long there is nothing to look for: looking sooner finds nothing. */
const knownOf = (state: PeerState): object => ({
  ...state,
  config: null,
  handoff: { ...state.handoff, quietAt: null },
})
