import type { Contact } from "../../core/peer/Contact.ts"

/** How a peer that came back without its disk is told from the one that it was (Introduction.disk). */
export interface DiskOptions {
  readonly own: string
  /**
   * Whether the peer's incarnation always had this disk, as far as this peer knows; it is durably known from then on.
   * Nothing is said to a peer, nor taken from it, before this has been asked.
   */
  readonly isKnown: (peer: Contact, disk: string) => boolean
  /** Another peer knows our incarnation with another disk; one line. We may speak in this incarnation no more. */
  readonly onDisowned: (reason: string) => void
}
