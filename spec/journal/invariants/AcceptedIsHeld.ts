import { headAt } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/**
 * Whoever has accepted a proposal holds the log that it rests on, on its disk (journal.md, ACCEPT): or a view could be
 * decided whose log is nowhere.
 */
export const acceptedIsHeld = (): Claim => (happening) => {
  if (happening.type !== "stored") return undefined
  const { member, stored } = happening
  const { accepted, role } = stored.record
  if (accepted === null || role !== "member") return undefined
  const { base } = accepted.proposal
  // Where the log begins later, what lies before was committed and has expired.
  if (base.length < stored.log.start.length || headAt(stored.log, base.length) === base.head) return undefined
  return `${member} accepted a view that begins with ${base.length} entries, and holds ${stored.log.length}, or others`
}
