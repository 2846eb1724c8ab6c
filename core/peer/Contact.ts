import type { RingId } from "../ring/RingId.ts"

/**
 * A peer as other peers know it: who it is and where it says it can be reached.
 *
 * Identity is (id, incarnation): a peer that lost its disk comes back as a new incarnation. Addresses are
 * `host:port`; the core never looks inside them, and a driver may map a name to another address (a test mesh).
 */
export interface Contact {
  readonly id: RingId
  /** Counts from 1; a peer that lost its disk takes a higher one. */
  readonly incarnation: number
  /** 1 to 64 characters of [A-Za-z0-9._-], unique in the cluster. */
  readonly name: string
  /** Where the peer's ring port listens, `host:port`. */
  readonly ring: string
  /** Where the peer's HTTP ingress listens, `host:port`. */
  readonly http: string
}

/**
 * An entry of a successor list that stands for nobody: when a dead successor is dropped, the list is filled up
 * with the id directly after its last entry, so that it never skips anyone (Zave 2017, section 5.2). It has no
 * address and never answers.
 */
export const placeholder = (id: RingId): Contact => ({ id, incarnation: 0, name: "", ring: "", http: "" })

/** Whether `contact` is a filled-in entry rather than a peer. */
export const isPlaceholder = (contact: Contact): boolean => contact.incarnation === 0

/** Whether both are the same peer: same id, same incarnation. */
export const samePeer = (a: Contact, b: Contact): boolean => a.id === b.id && a.incarnation === b.incarnation

/** Whether both say the same in every field. The same peer need not: it may have moved to other addresses. */
export const sameContact = (a: Contact, b: Contact): boolean =>
  a === b || (samePeer(a, b) && a.name === b.name && a.ring === b.ring && a.http === b.http)
