import { type Contact, sameContact } from "../peer/Contact.ts"
import { isUsable, setPredecessor, type Turn } from "../peer/Turn.ts"
import { between } from "../ring/Arc.ts"

/**
 * rectify(r, n): on a notification from n, n becomes the predecessor when it is nearer than the present one, or
 * when that one is dead (ring.md, Operations; Zave 2017, section 4.4).
 */
export const rectify = (turn: Turn, notifier: Contact): void => {
  const { config, predecessor } = turn.state
  const dead = !isUsable(turn.state, predecessor)
  if (between(predecessor.id, notifier.id, config.self.id) || dead) {
    setPredecessor(turn, notifier, dead ? predecessor : null)
  } else if (predecessor.id === notifier.id && !sameContact(predecessor, notifier)) {
    // The same place on the ring, taken again by a new incarnation or from another address.
    setPredecessor(turn, notifier, null)
  }
}
