import { type Contact, samePeer } from "../peer/Contact.ts"

/**
 * The ordered members that replicate a cell in one epoch, each once; the first is the only leader of that epoch. At
 * least one, at most 9. A member is a peer's incarnation: one that came back without its disk is none.
 */
export type View = ReadonlyArray<Contact>

export const isMember = (view: View, peer: Contact): boolean => view.some((one) => samePeer(one, peer))

/** How many members are a majority of a view. */
export const majority = (view: View): number => Math.floor(view.length / 2) + 1
