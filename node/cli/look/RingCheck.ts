import { type Contact, isPlaceholder, samePeer } from "../../../core/peer/Contact.ts"
import { ideal, idealPredecessor } from "../../../core/membership/SuccessorList.ts"
import { compare } from "../../../core/ring/RingId.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"

/** What a peer believes, as far as the ring's shape depends on it. */
export type RingView = Pick<
  PeerReport,
  "self" | "member" | "leaving" | "successors" | "predecessor" | "suspected"
>

/**
 * What keeps the ring of the peers that gave these views from being ideal, one line each; none when it is ideal:
 * every peer is a member, its successor list names the members that follow it by id, its predecessor is the one
 * before it, and nobody takes anybody for dead who is alive. That is one ring and not two, because every list is
 * compared with the order of all members.
 *
 * @param length L, the length of successor lists.
 */
export const flawsOf = (views: ReadonlyArray<RingView>, length: number): ReadonlyArray<string> => {
  const members = views.filter(({ member, leaving }) => member && !leaving)
  const contacts = members.map(({ self }) => self).toSorted((a, b) => compare(a.id, b.id))
  return [
    ...views
      .filter(({ member, leaving }) => !member && !leaving)
      .map(({ self }) => `${self.name} has not joined yet`),
    ...views.filter(({ leaving }) => leaving).map(({ self }) => `${self.name} is leaving`),
    ...twins(contacts),
    ...members.flatMap((view) => shapeFlaws(view, contacts, length)),
    ...views.flatMap(({ self, suspected }) =>
      suspected
        .filter((suspect) => contacts.some((contact) => samePeer(contact, suspect)))
        .map((suspect) => `${self.name} takes ${suspect.name} for dead, which answers`),
    ),
  ]
}

const shapeFlaws = (
  view: RingView,
  contacts: ReadonlyArray<Contact>,
  length: number,
): ReadonlyArray<string> => {
  const { predecessor, self, successors } = view
  const before = idealPredecessor(contacts, self)
  const after = ideal(contacts, self.id, length)
  const flaws: Array<string> = []
  if (successors.length !== after.length || !after.every((peer, i) => isThat(successors[i], peer))) {
    flaws.push(`${self.name} has the successors ${namesOf(successors)}, and should have ${namesOf(after)}`)
  }
  if (!isThat(predecessor ?? undefined, before)) {
    flaws.push(`${self.name} has the predecessor ${nameOf(predecessor)}, and should have ${before.name}`)
  }
  return flaws
}

/** Peers with one id: the first of them hides the others from everybody. */
const twins = (sorted: ReadonlyArray<Contact>): ReadonlyArray<string> =>
  sorted.flatMap((peer, i) => {
    const other = sorted[i + 1]
    return other !== undefined && other.id === peer.id
      ? [`${peer.name} and ${other.name} have the same id`]
      : []
  })

const isThat = (found: Contact | undefined, expected: Contact): boolean =>
  found !== undefined && samePeer(found, expected)

const nameOf = (peer: Contact | null): string => (peer === null || isPlaceholder(peer) ? "-" : peer.name)

const namesOf = (peers: ReadonlyArray<Contact>): string => peers.map(nameOf).join(" ")
