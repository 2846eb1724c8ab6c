import { type Contact, isPlaceholder } from "../peer/Contact.ts"
import { between, inArc } from "../ring/Arc.ts"
import type { RingId } from "../ring/RingId.ts"

/** Where a lookup goes next. */
export type Hop =
  /** This peer owns the key, as far as it knows. */
  | { readonly kind: "here" }
  /** `to` owns the key, as far as this peer knows: it knows of nobody between the key and `to`. */
  | { readonly kind: "final"; readonly to: Contact }
  /** `to` precedes the key and is closer to it than this peer is; it will know more. */
  | { readonly kind: "forward"; readonly to: Contact }

const HERE: Hop = { kind: "here" }

/**
 * The next hop of a lookup of `key` at the peer `self`.
 *
 * A `forward` always goes strictly clockwise towards the key and never past it, so a lookup that only forwards
 * ends, whatever the tables hold. In a settled ring with fingers by rank ({@link rankFingers}) it ends at the owner
 * after at most ceil(log2 N) hops. In any other ring the answer is a hint, and whoever receives a `final` message
 * checks it with its own predecessor.
 *
 * Source: Stoica et al., "Chord" (ToN 2003), find_successor and closest_preceding_node; Schuett et al., "Chord#"
 * (2006) for the bound; what the paper's Algorithm 1 does instead is in PaperRouting.ts.
 *
 * @param predecessor the peer just before `self`; `self` when it is alone; null while none is known.
 * @param successors consecutive peers clockwise from `self`. Placeholders are passed over, and where the list of a
 * small ring comes round to `self` or past it, it ends.
 * @param fingers any other peers, in any order.
 * @param usable whether a peer may be sent to: not suspected of being dead. Never asked about placeholders.
 */
export const nextHop = (
  self: Contact,
  predecessor: Contact | null,
  successors: ReadonlyArray<Contact>,
  fingers: ReadonlyArray<Contact>,
  key: RingId,
  usable: (contact: Contact) => boolean,
): Hop => {
  if (key === self.id || predecessor?.id === self.id) return HERE
  const behind = predecessor !== null && isReachable(predecessor, usable) ? predecessor : null
  if (behind !== null && inArc(behind.id, key, self.id)) return HERE

  let previous = self
  let comesRound = false
  for (const successor of successors) {
    if (isPlaceholder(successor)) continue
    if (!between(previous.id, successor.id, self.id)) {
      // The list has come round: it knows nobody between `previous` and self. A predecessor would know better.
      comesRound = behind === null
      break
    }
    if (!usable(successor)) continue
    if (inArc(previous.id, key, successor.id)) return { kind: "final", to: successor }
    previous = successor
  }

  const closest = closestPreceding(previous, fingers, key, usable)
  if (closest !== self && !(comesRound && closest === previous)) return { kind: "forward", to: closest }
  const owner = firstFrom(key, behind ?? self, fingers, usable)
  return owner === self ? HERE : { kind: "final", to: owner }
}

const isReachable = (contact: Contact, usable: (contact: Contact) => boolean): boolean =>
  !isPlaceholder(contact) && usable(contact)

/** The last usable finger before the key, unless none is beyond `known`, which precedes the key. */
export const closestPreceding = (
  known: Contact,
  fingers: ReadonlyArray<Contact>,
  key: RingId,
  usable: (contact: Contact) => boolean,
): Contact => {
  let best = known
  for (const finger of fingers) {
    if (between(best.id, finger.id, key) && isReachable(finger, usable)) best = finger
  }
  return best
}

/** The first usable finger at or after the key, unless none is before `known`, which is at or after the key. */
export const firstFrom = (
  key: RingId,
  known: Contact,
  fingers: ReadonlyArray<Contact>,
  usable: (contact: Contact) => boolean,
): Contact => {
  let best = known
  for (const finger of fingers) {
    const isCloser = best.id !== key && (finger.id === key || between(key, finger.id, best.id))
    if (isCloser && isReachable(finger, usable)) best = finger
  }
  return best
}
