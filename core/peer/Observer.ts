import { decodeEntry } from "../codec/EntryCodec.ts"
import type { Ballot } from "../replication/Ballot.ts"
import type { Accepted } from "../replication/Durable.ts"
import { itemsFrom, passes, markOf } from "../replication/Log.ts"
import type { Replica } from "../replication/Replica.ts"
import { hopBudget } from "../routing/Lookup.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Command } from "./Command.ts"
import { type Contact, samePeer } from "./Contact.ts"
import type { Event } from "./Event.ts"
import type { PeerState } from "./PeerState.ts"
import type { TraceRecord } from "./Trace.ts"
import type {
  OwnRecord,
  ProtocolRecord,
  TracedEntry,
  TracedMember,
  TracedProposal,
  TraceLine,
} from "./TraceLine.ts"

/** Who waits for an answer, by the token of its event. */
interface Asked {
  readonly cell: number
  readonly client: string
  readonly id: string
}

/**
 * Tells a peer's steps in the words of the protocol. It looks on from outside: a peer that nobody observes does nothing
 * for it. The same steps give the same lines.
 */
export class Observer {
  readonly #boot: number
  readonly #asked = new Map<number, Asked>()
  readonly #finding = new Map<number, RingId>()
  #seq = 0
  #begun = false

  /** @param boot the start of the process, as in JournalConfig */
  constructor(boot: number) {
    this.#boot = boot
  }

  /**
   * The lines of one step, in the order of a trace.
   *
   * @param t nanoseconds, as in TraceLine
   */
  observe(
    t: number,
    before: PeerState,
    event: Event,
    after: PeerState,
    commands: ReadonlyArray<Command>,
  ): ReadonlyArray<TraceLine> {
    // Peers that started earlier may speak to this one before it begins.
    const start = this.#begun ? [] : [startOf(before), ...before.replicas.flatMap(heldOf)]
    this.#begun = true
    const records = [
      ...start,
      ...this.#ofEvent(event),
      ...ofReplicas(before, after),
      ...commands.flatMap((command) => this.#ofCommand(before, after, command)),
    ]
    const { issued, durable } = after.persists
    const { name, incarnation } = after.config.self
    return records.map((record) => ({
      t,
      peer: name,
      incarnation,
      boot: this.#boot,
      seq: this.#seq++,
      ...(issued > durable && record.type !== "durable" && { rests: issued }),
      ...record,
    }))
  }

  #ofEvent(event: Event): ReadonlyArray<ProtocolRecord> {
    switch (event.type) {
      case "persisted":
        return [{ type: "durable", upTo: event.upTo }]
      case "request":
        this.#asked.set(event.token, event)
        return []
      case "reset":
        this.#asked.set(event.token, { cell: event.cell, client: event.client, id: "" })
        return []
      case "find":
        this.#finding.set(event.token, event.key)
        return []
      default:
        return []
    }
  }

  #ofCommand(
    before: PeerState,
    after: PeerState,
    command: Command,
  ): ReadonlyArray<OwnRecord | ProtocolRecord> {
    switch (command.type) {
      case "trace":
        return [ownRecord(command.record)]
      case "send": {
        const { message, to } = command
        if (message.type !== "AppendAck") return []
        const { cell, epoch, length, round } = message
        return [{ type: "acked", cell, epoch, length, round: round?.n ?? null, to: memberOf(to) }]
      }
      case "respond": {
        const asked = this.#asked.get(command.token)
        this.#asked.delete(command.token)
        if (asked === undefined || command.reply.type !== "response") return []
        const { cell, client, id } = asked
        const { entry } = command.reply
        return [{ type: "released", cell, epoch: ledEpoch(before, after, cell), entry, client, id }]
      }
      case "found": {
        const key = this.#finding.get(command.token)
        this.#finding.delete(command.token)
        const { hops, owner } = command.result
        if (key === undefined) return []
        return [{ type: "lookup", key, hops, budget: hopBudget(after), found: owner?.name ?? null }]
      }
      default:
        return []
    }
  }
}

const ownRecord = (record: TraceRecord): OwnRecord => {
  if (record.type === "suspected") return { type: "suspected", whom: record.peer, reason: record.reason }
  return record.type === "cleared" ? { type: "cleared", whom: record.peer } : record
}

export const memberOf = ({ incarnation, name }: Contact): TracedMember => `${name}#${incarnation}`

const ballotText = ({ boot, counter, id }: Ballot): string => `${counter}/${id}/${boot}`

const proposalOf = ({ ballot, proposal }: Accepted): TracedProposal => ({
  ballot: ballotText(ballot),
  members: proposal.members.map(memberOf),
  ...proposal.base,
})

const startOf = ({ config }: PeerState): ProtocolRecord => ({
  type: "started",
  id: config.self.id,
  founding: config.founding,
  mode: config.journal === null ? "stateless" : "replay",
  cells: config.cells,
  replicas: config.journal?.replicas ?? 0,
  founders: config.founders.map((founder) => ({ id: founder.id, member: memberOf(founder) })),
})

const heldOf = (replica: Replica | null): ReadonlyArray<ProtocolRecord> => {
  if (replica === null || !replica.kept) return []
  const { accepted, ballot, cell, epoch, role, view } = replica.record
  return [
    {
      type: "held",
      cell,
      role,
      epoch,
      members: view.map(memberOf),
      ballot: ballot === null ? null : ballotText(ballot),
      accepted: accepted === null ? null : proposalOf(accepted),
      ...markOf(replica.log),
    },
  ]
}

/** The epoch of the cell that this peer leads, or led until the step. */
const ledEpoch = (before: PeerState, after: PeerState, cell: number): number => {
  const was = before.replicas[cell]?.record
  const leader = was?.view[0]
  if (was !== undefined && leader !== undefined && samePeer(leader, before.config.self)) return was.epoch
  return after.replicas[cell]?.record.epoch ?? -1
}

const ofReplicas = (before: PeerState, after: PeerState): ReadonlyArray<ProtocolRecord> => {
  if (before.replicas === after.replicas) return []
  const records: Array<ProtocolRecord> = []
  for (const [cell, now] of after.replicas.entries()) {
    const was = before.replicas[cell] ?? null
    if (now !== null && now !== was) records.push(...ofReplica(was, now))
  }
  return records
}

const ofReplica = (was: Replica | null, now: Replica): ReadonlyArray<ProtocolRecord> => {
  const { record } = now
  const isOther = was === null || was.record.epoch !== record.epoch || was.record.role !== record.role
  return [
    ...(isOther ? ofView(now) : [...ofSeal(was, now), ...ofGrowth(was, now)]),
    ...(record.role === "member" ? ofCommit(isOther ? null : was, now) : []),
  ]
}

const ofView = ({ leading, log, record }: Replica): ReadonlyArray<ProtocolRecord> => {
  const { cell, epoch, next, role, view } = record
  if (role === "member") {
    const members = view.map(memberOf)
    return [{ type: "installed", cell, epoch, members, leads: leading !== null, ...markOf(log) }]
  }
  const keepsLog = role === "former"
  const members = (keepsLog ? (next?.members ?? []) : view).map(memberOf)
  return [{ type: "replaced", cell, epoch: keepsLog ? epoch + 1 : epoch, members, keepsLog }]
}

const ofSeal = (was: Replica, { log, record }: Replica): ReadonlyArray<ProtocolRecord> => {
  const { accepted, ballot, cell, epoch } = record
  if (record === was.record || ballot === null) return []
  if (accepted !== null && accepted !== was.record.accepted) {
    return [{ type: "accepted", cell, epoch, ...proposalOf(accepted) }]
  }
  if (ballot === was.record.ballot) return []
  return [{ type: "promised", cell, epoch, ballot: ballotText(ballot), ...markOf(log) }]
}

const ofGrowth = (was: Replica, { log, record }: Replica): ReadonlyArray<ProtocolRecord> => {
  if (log === was.log || log.length <= was.log.length) return []
  const { cell, epoch } = record
  // A log that was fetched from where it begins elsewhere is told from there.
  const from = passes(log, markOf(was.log)) ? was.log.length : log.start.length
  return [{ type: "stored", cell, epoch, ...markOf(log), entries: itemsFrom(log, from).map(entryOf) }]
}

const entryOf = ({ bytes }: { readonly bytes: Uint8Array | null }): TracedEntry => {
  const entry = bytes === null ? null : decodeEntry(bytes)
  if (entry === null || entry.type === "Problem") return null
  return { client: entry.client, id: entry.type === "request" ? entry.id : null }
}

const ofCommit = (was: Replica | null, now: Replica): ReadonlyArray<ProtocolRecord> => {
  const { commit, leading, record } = now
  if (commit <= (was?.commit ?? record.base.length)) return []
  const { cell, epoch } = record
  return [{ type: "committed", cell, epoch, length: commit, leads: leading !== null }]
}
