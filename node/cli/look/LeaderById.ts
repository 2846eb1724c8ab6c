import type { Contact } from "../../../core/peer/Contact.ts"
import { compare, type RingId } from "../../../core/ring/RingId.ts"

/** The member that leads the cell with this home, by the order of ids alone. */
export const leaderById = (members: ReadonlyArray<Contact>, home: RingId): Contact | undefined => {
  const sorted = members.toSorted((a, b) => compare(a.id, b.id))
  return sorted.find(({ id }) => id >= home) ?? sorted[0]
}
