import type { Contact } from "../peer/Contact.ts"
import type { RingId } from "../ring/RingId.ts"
import { nextHop } from "./NextHop.ts"

/** A settled ring, for tests: all peers by increasing id, each with the tables that stabilization would give it. */
export interface SettledRing {
  readonly peers: ReadonlyArray<Contact>
  readonly tables: ReadonlyMap<Contact, Tables>
}

export interface Tables {
  readonly predecessor: Contact
  readonly successors: ReadonlyArray<Contact>
  readonly fingers: ReadonlyArray<Contact>
}

/** A peer of which only the id matters. */
export const contactAt = (id: RingId): Contact => ({
  id,
  incarnation: 1,
  name: id.slice(0, 8),
  ring: "127.0.0.1:1",
  http: "127.0.0.1:2",
})

/**
 * @param peers by increasing id.
 * @param length of the successor lists; in a ring of fewer peers they wrap round, as real ones do.
 * @param fingersOf the ideal fingers of the peer at a place in `peers`.
 */
export const settledRing = (
  peers: ReadonlyArray<Contact>,
  length: number,
  fingersOf: (peers: ReadonlyArray<Contact>, index: number) => ReadonlyArray<Contact>,
): SettledRing => {
  const tables = new Map<Contact, Tables>()
  for (const [index, self] of peers.entries()) {
    const at = (offset: number) => peers[(index + offset + peers.length) % peers.length] ?? self
    const successors = Array.from({ length }, (_, offset) => at(offset + 1))
    tables.set(self, { predecessor: at(-1), successors, fingers: fingersOf(peers, index) })
  }
  return { peers, tables }
}

/** The owner of `key` by brute force: the first peer at or after it, or the first of all. */
export const ownerAmong = (peers: ReadonlyArray<Contact>, key: RingId): Contact | undefined =>
  peers.find((candidate) => candidate.id >= key) ?? peers[0]

/**
 * Follows a lookup of `key` from the peer at place `start`: the messages it took to reach the owner, or in words what
 * went wrong.
 */
export const walk = ({ peers, tables }: SettledRing, start: number, key: RingId): number | string => {
  const owner = ownerAmong(peers, key)
  let at = peers[start]
  for (let hops = 0; at !== undefined && hops <= peers.length; hops++) {
    const table = tables.get(at)
    if (table === undefined) return `${at.name} is no peer of the ring`
    const hop = nextHop(at, table.predecessor, table.successors, table.fingers, key, () => true)
    if (hop.kind === "here") return at === owner ? hops : `ended at ${at.name}`
    if (hop.kind === "final" && hop.to !== owner) return `${at.name} took ${hop.to.name} for the owner`
    at = hop.to
  }
  return "it did not end"
}
