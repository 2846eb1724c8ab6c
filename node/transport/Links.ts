import type { RingId } from "../../core/ring/RingId.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { PeerLink } from "./PeerLink.ts"

/**
 * The links of a transport, by identity. An id has one incarnation that lives and hardly ever a second that is spoken
 * of, so they stand in a short list under the id: a string made of both would cost more than all else in a send.
 */
export class Links {
  size = 0

  private readonly byId = new Map<RingId, Array<PeerLink>>()

  get(peer: Contact): PeerLink | undefined {
    const list = this.byId.get(peer.id)
    if (list === undefined) return undefined
    for (const link of list) if (link.incarnation === peer.incarnation) return link
    return undefined
  }

  /** @param link to a peer that has none yet */
  add(link: PeerLink): void {
    const list = this.byId.get(link.contact.id)
    if (list === undefined) this.byId.set(link.contact.id, [link])
    else list.push(link)
    this.size++
  }

  delete(link: PeerLink): void {
    const rest = this.byId.get(link.contact.id)?.filter((one) => one !== link) ?? []
    if (rest.length === 0) this.byId.delete(link.contact.id)
    else this.byId.set(link.contact.id, rest)
    this.size--
  }

  /** All of them; one may be deleted meanwhile. */
  *all(): Iterable<PeerLink> {
    for (const list of this.byId.values()) yield* list
  }
}
