import { type Contact, samePeer } from "../peer/Contact.ts"
import type { PeerConfig } from "../peer/PeerState.ts"
import type { RingId } from "../ring/RingId.ts"
import { clockwise } from "./Desired.ts"
import { type CellRecord, type DurableCell, NO_HASH } from "./Durable.ts"
import { emptyLog, logOf, passes } from "./Log.ts"
import { leadingOf, type Replica, replicaOf, viewKnown } from "./Replica.ts"
import { isMember } from "./View.ts"

/** What a peer replicates when it starts. */

/**
 * By cell: what the store has, and view 0 where it has nothing and this incarnation was founded as one of its members.
 * Empty in the mode stateless.
 */
export const replicasAtStart = (
  config: PeerConfig,
  durable: ReadonlyArray<DurableCell>,
): ReadonlyArray<Replica | null> => {
  const { cells, founders, journal, self } = config
  if (journal === null) return []
  const isFounder = founders.some((founder) => samePeer(founder, self))
  const replicas: Array<Replica | null> = Array.from({ length: cells }, () => null)
  for (const one of durable) replicas[one.record.cell] = restored(config, one)
  if (!isFounder) return replicas
  for (const [cell, replica] of replicas.entries()) {
    const view = clockwise(founders, cell, cells).slice(0, journal.replicas)
    if (replica === null && isMember(view, self)) replicas[cell] = founded(config, genesisRecord(cell, view))
  }
  return replicas
}

const genesisRecord = (cell: number, view: ReadonlyArray<Contact>): CellRecord => ({
  cell,
  role: "member",
  epoch: 0,
  view,
  base: { length: 0, head: NO_HASH },
  ballot: null,
  accepted: null,
  next: null,
})

const founded = ({ self }: PeerConfig, record: CellRecord): Replica => {
  const replica = replicaOf(record, emptyLog, false)
  return isLeader(record, self) ? { ...replica, leading: leadingOf(record.view, 0, 0) } : replica
}

const isLeader = ({ view }: CellRecord, self: Contact): boolean =>
  view[0] !== undefined && samePeer(view[0], self)

const restored = ({ self }: PeerConfig, { log, record }: DurableCell): Replica => {
  const held = logOf(log)
  const replica = replicaOf(record, held)
  const isWhole =
    record.role === "tombstone" || passes(held, record.base) || record.base.length < held.start.length
  if (!isWhole) return { ...replica, corrupt: true }
  const leads = record.role === "member" && isLeader(record, self) && record.ballot === null
  if (!leads) return replica
  const leading = leadingOf(record.view, held.length, held.length)
  // Alone in its view, it is the majority.
  return { ...replica, leading, commit: leading.active ? held.length : replica.commit }
}

/** Everybody else in the views of these replicas, each as it was met: at its present address, in its latest incarnation. */
export const comembersOf = (
  self: Contact,
  replicas: ReadonlyArray<Replica | null>,
  met: ReadonlyMap<RingId, Contact> = new Map(),
): ReadonlyMap<RingId, Contact> => {
  const found = new Map<RingId, Contact>()
  for (const replica of replicas) {
    if (replica === null || replica.record.role === "tombstone") continue
    for (const peer of viewKnown(replica)) {
      const before = found.get(peer.id)
      if (peer.id === self.id || (before !== undefined && before.incarnation >= peer.incarnation)) continue
      const seen = met.get(peer.id)
      found.set(peer.id, seen !== undefined && seen.incarnation >= peer.incarnation ? seen : peer)
    }
  }
  return found
}
