import type { PeerState } from "../../../core/peer/PeerState.ts"
import type { CellRecord } from "../../../core/replication/Durable.ts"
import { itemsFrom } from "../../../core/replication/Log.ts"
import type { Replica } from "../../../core/replication/Replica.ts"
import { majority } from "../../../core/replication/View.ts"
import type { ReplicaMessage } from "../../../core/replication/ReplicaMessage.ts"
import {
  type Budget,
  type Cell,
  history,
  type Peer,
  peer,
  type Pending,
  type Plain,
  type Stored,
  withSent,
} from "../../journal/model/Cell.ts"
import { nothing } from "../../journal/model/Environment.ts"
import { type Message, sent, type Sent } from "../../journal/model/Message.ts"
import { due, holds, storedOf } from "../../journal/model/Step.ts"
import * as Words from "../../journal/model/Words.ts"
import { type CoreNode, flushed, PEERS, type Sent as OnItsWay } from "../explored/CoreNode.ts"
import type { StoredCell } from "../VirtualDisk.ts"
import { textOf, textUpTo } from "./LogText.ts"
import {
  acceptedOf,
  acknowledgement,
  ballotOf,
  memberOf,
  messageOf,
  promise,
  proposalOf,
} from "./MessageMap.ts"

/** What one machine is in the model, and what it has said as far as its state still tells. */
interface Mapped {
  readonly peer: Peer
  readonly said: ReadonlyArray<Sent>
}

const RING = PEERS.map((_, place) => place)
const GENESIS = Words.proposal(RING, "")

/** More of everything than ever happens. */
const BUDGET: Budget = {
  crashes: 999,
  restarts: 999,
  wipes: 0,
  suspicions: 999,
  moves: 0,
  handovers: 999,
  reads: 0,
  expiries: 0,
  drops: 0,
  damages: 0,
}

const HISTORY = history({
  decided: [{ epoch: 0, proposal: GENESIS }],
  committed: [],
  held: [],
  answered: "",
  looks: [],
  deeds: [],
})

/** The model's cell that three machines and the messages between them stand for. */
export const cellOf = (nodes: ReadonlyArray<CoreNode>, onTheirWay: ReadonlyArray<OnItsWay>): Cell => {
  const mapped = nodes.map((node, at) => machineOf(node, at))
  const peers = mapped.map((one) => one.peer)
  const messages = [
    ...mapped.flatMap(({ said }) => said),
    ...onTheirWay.flatMap(sentOf),
    ...fetchable(nodes, peers, onTheirWay),
  ]
  return { peers, messages: withSent([], messages), ring: RING, budget: BUDGET, history: HISTORY }
}

const letters = new WeakMap<ReplicaMessage, ReadonlyArray<Sent>>()

const sentOf = ({ from, message }: OnItsWay): ReadonlyArray<Sent> => {
  const known = letters.get(message)
  if (known !== undefined) return known
  const all = some(messageOf(from, message))
  letters.set(message, all)
  return all
}

const some = (message: Message | undefined): ReadonlyArray<Sent> =>
  message === undefined ? [] : [sent(message)]

/**
 * The logs that peers wait for, if somebody has them or they are on their way: whoever has one may send it. Who is asked to
 * take on another goes on with what it has fetched so far, which may be all of that.
 */
const fetchable = (
  nodes: ReadonlyArray<CoreNode>,
  peers: ReadonlyArray<Peer>,
  onTheirWay: ReadonlyArray<OnItsWay>,
): ReadonlyArray<Sent> =>
  peers.flatMap(({ fetch }, at) => {
    if (fetch === null) return []
    const {
      epoch,
      proposal: { base },
    } = fetch
    const staged = nodes[at]?.state?.replication.fetches.get(0)?.staged
    const fetched = staged === undefined ? "" : textOf(staged.start, itemsFrom(staged, staged.start.length))
    const isThere =
      peers.some((one) => holds(one, base)) ||
      (staged !== undefined && fetched.startsWith(base)) ||
      onTheirWay.some(
        ({ message, to }) => to === at && message.type === "Pulled" && textUpTo(message).startsWith(base),
      )
    const others = onTheirWay.flatMap(({ from, message, to }) => {
      const said = to === at ? messageOf(from, message) : undefined
      return said?.type === "ACCEPT" && fetched.startsWith(said.proposal.base) ? [said.proposal.base] : []
    })
    return (isThere ? [base, ...others] : others).map((log) => sent({ type: "PULLED", epoch, log }))
  })

/** By place: two machines that are down may be the same value. */
const machines = PEERS.map(() => new WeakMap<CoreNode, Mapped>())

const machineOf = (node: CoreNode, at: number): Mapped => {
  const known = machines[at]?.get(node)
  if (known !== undefined) return known
  const mapped = node.state === null ? downOf(node, at) : upOf(node, node.state, at)
  machines[at]?.set(node, mapped)
  return mapped
}

const downOf = (node: CoreNode, at: number): Mapped => {
  const disk = onDisk(node.disk, node.boots)
  return { peer: peer({ ...nothing, ...disk, member: at, up: false }), said: saidOnce(disk, at) }
}

const upOf = (node: CoreNode, state: PeerState, at: number): Mapped => {
  const replica = state.replicas[0] ?? null
  if (replica === null) throw new RangeError("the map is of peers that replicate the cell from genesis on")
  if (replica.corrupt) throw new RangeError(`${PEERS[at]?.name} takes its replica for corrupt`)
  const { leading, log, proposing, record } = replica
  const base = record.base.length
  const memory: Plain = {
    ...nothing,
    ...stored(record, textOf(log.start, itemsFrom(log, log.start.length)), node.boots),
    member: at,
    up: true,
    commit: leading !== null && (leading.active || replica.commit > base) ? replica.commit : 0,
    startLength: leading?.startLength ?? 0,
    tried: replica.counter,
    // What is decided is proposed no more, though the log to install it may yet have to come.
    proposing:
      proposing === null || proposing.accepted.size >= majority(record.view)
        ? null
        : {
            ballot: ballotOf(proposing.ballot),
            proposal: proposing.proposal === null ? null : proposalOf(proposing.proposal),
          },
    fetch: fetchOf(state),
  }
  const disk = onDisk(node.disk, node.boots)
  const says = due(memory)
  const said = [...known(replica, at), ...saidOnce(disk, at)]
  if (node.writes.length === 0) {
    // What memory has and no write will ever bring to the disk shows as a disk that is behind for good.
    const isStored = sameStored(disk, memory)
    return {
      peer: peer({ ...memory, disk: isStored ? null : disk }),
      said: [...said, ...(isStored ? says : [])],
    }
  }
  return {
    peer: peer({ ...memory, disk, pending: pendingOf(node, at, says) }),
    said,
  }
}

/** Each command's writes, with what waits for them; with the last of them, what the state as it is now has to say. */
const pendingOf = (node: CoreNode, at: number, says: ReadonlyArray<Sent>): ReadonlyArray<Pending> => {
  let disk = node.disk
  let before = 0
  return node.writes.map((write, index) => {
    disk = flushed(disk, write)
    const waiting = node.held.filter(({ after = 0 }) => after > before && after <= write.number)
    before = write.number
    const messages = waiting.flatMap(({ message }) => ("cell" in message ? some(messageOf(at, message)) : []))
    const written = onDisk(disk, node.boots)
    const isLast = index === node.writes.length - 1
    return { stored: written, messages: [...messages, ...saidOnce(written, at), ...(isLast ? says : [])] }
  })
}

/** What was said once, when what is stored came about: that a view was taken on, that a ballot was promised. */
const saidOnce = ({ accepted, ballot, epoch, log, role, view }: Stored, at: number): ReadonlyArray<Sent> => {
  if (role !== "member") return []
  const isFirst = view.members[0] === at
  const isPromised =
    ballot !== Words.NONE && !Words.isFast(ballot) && (accepted?.ballot ?? Words.NONE) < ballot
  return [
    ...(epoch === 0 || isFirst ? [] : [sent(acknowledgement(epoch, at, view.base.length))]),
    ...(isPromised
      ? [sent({ type: "PROMISE", epoch, from: at, ballot, accepted, log, isLeaving: false })]
      : []),
  ]
}

/** What others have told it, as far as it remembers; of itself only what is on its disk. */
const known = ({ leading, proposing, record }: Replica, at: number): ReadonlyArray<Sent> => {
  const { epoch, view } = record
  const acks = (leading?.members ?? []).flatMap(({ acked }, index) => {
    const from = view[index]
    return index === 0 || from === undefined || acked < 0
      ? []
      : [sent(acknowledgement(epoch, memberOf(from), acked))]
  })
  if (proposing === null) return acks
  const { accepted, ballot, promises } = proposing
  const promised = [...promises.values()]
    .filter(({ member }) => memberOf(member) !== at)
    .flatMap((one) => some(promise(epoch, memberOf(one.member), ballot, one)))
  const accepts = view
    .filter(({ id }) => accepted.has(id))
    .map((one) => sent({ type: "ACCEPTED", epoch, from: memberOf(one), ballot: ballotOf(ballot) }))
  return [...acks, ...promised, ...accepts]
}

const fetchOf = ({ replication }: PeerState): Plain["fetch"] => {
  const purpose = replication.fetches.get(0)?.purpose
  if (purpose === undefined || purpose.type === "learn") return null
  return purpose.type === "install"
    ? { ballot: null, epoch: purpose.epoch, proposal: proposalOf(purpose.proposal) }
    : { ballot: ballotOf(purpose.ballot), epoch: purpose.epoch + 1, proposal: proposalOf(purpose.proposal) }
}

const onDisk = (disk: StoredCell | null, boot: number): Stored =>
  stored(disk?.record ?? null, disk === null ? "" : textOf(disk.start, disk.items), boot)

/** @param record null: a view of genesis in which nothing has happened */
const stored = (record: CellRecord | null, log: Words.Log, boot: number): Stored => {
  if (record === null)
    return { boot, role: "member", epoch: 0, view: GENESIS, log, ballot: Words.NONE, accepted: null }
  const { base, epoch, next, role, view } = record
  return {
    boot,
    role: role === "tombstone" ? "none" : role,
    epoch,
    view: proposalOf(role === "former" && next !== null ? next : { members: view, base, old: view }),
    log,
    ballot: ballotOf(record.ballot),
    accepted: acceptedOf(record.accepted),
  }
}

/** A text that is the same for what is equally stored. */
export const storedText = ({ accepted, ballot, boot, epoch, log, role, view }: Stored): string =>
  [boot, role, epoch, view.code, log, ballot, accepted?.ballot, accepted?.proposal.code].join(" ")

const sameStored = (a: Stored, b: Stored): boolean => storedText(a) === storedText(storedOf(b))
