import { type Contact, placeholder } from "../peer/Contact.ts"
import { between } from "../ring/Arc.ts"
import { next, type RingId } from "../ring/RingId.ts"

/**
 * A member's successor list: exactly L entries, clockwise. In a ring smaller than L + 1 it wraps round and names
 * peers, the member itself included, more than once. A list is always adopted whole from one responder; splicing
 * a tail learned from one peer onto a head from another is a known way to lose the ring (ring.md, Operations).
 */
export type SuccessorList = readonly [Contact, ...ReadonlyArray<Contact>]

/** `head` followed by all but the last of what `head` itself reported: the list of whoever adopts it. */
export const adopt = (head: Contact, reported: ReadonlyArray<Contact>): SuccessorList => [
  head,
  ...reported.slice(0, -1),
]

/**
 * The list without its dead first entry, filled up with the id directly after its last entry. That id stands for
 * nobody, and being adjacent it skips nobody (Zave 2017, section 5.2).
 */
export const dropFirst = (list: SuccessorList): SuccessorList => {
  const [, ...rest] = list
  const last = rest.at(-1) ?? list[0]
  const [head, ...tail] = [...rest, placeholder(next(last.id))]
  return [head ?? placeholder(next(last.id)), ...tail]
}

/** The list of the only member of a ring: itself, `length` times. */
export const alone = (self: Contact, length: number): SuccessorList => [
  self,
  ...Array.from({ length: length - 1 }, () => self),
]

/**
 * What the list of `self` is in an ideal ring of `members`.
 *
 * @param members in increasing order of id, `self` among them.
 */
export const ideal = (members: ReadonlyArray<Contact>, self: RingId, length: number): SuccessorList => {
  const at = members.findIndex((member) => member.id === self)
  const list = Array.from({ length }, (_, i) => members[(at + 1 + i) % members.length])
  const [head, ...tail] = list.filter((entry) => entry !== undefined)
  if (at < 0 || head === undefined) throw new RangeError(`${self} is not among the ${members.length} members`)
  return [head, ...tail]
}

/** The member before `self` in an ideal ring of `members`, in increasing order of id. */
export const idealPredecessor = (members: ReadonlyArray<Contact>, self: Contact): Contact =>
  members.findLast((member) => member.id < self.id) ?? members.at(-1) ?? self

/** Whether adopting `candidate` would bring the first successor nearer: the guard of stabilizeFromPredecessor. */
export const isNearer = (self: Contact, candidate: Contact, list: SuccessorList): boolean =>
  between(self.id, candidate.id, list[0].id)
