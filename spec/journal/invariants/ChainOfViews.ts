import type { History } from "../History.ts"
import { type Member, proposalText, type Record } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/**
 * I9: one genesis view per cell, and no gap in the chain of views: whoever is in epoch e + 1 is there by what a
 * majority of view e accepted.
 */
export const chainOfViews = (): Claim => (happening, history) => {
  if (happening.type === "stored") return problem(happening.member, happening.stored.record, history)
  if (happening.type !== "step" || happening.after === null) return undefined
  const { member, before, after } = happening
  return before?.record === after.record ? undefined : problem(member, after.record, history)
}

const problem = (member: Member, record: Record, history: History): string | undefined => {
  const { epoch, view, base, role } = record
  if (role !== "member") return undefined
  if (!view.includes(member)) return `${member} is no member of its own view ${view.join(", ")}`
  const held = { members: view, base }
  // In memory a peer is ahead of its disk: it may have installed what it is just about to accept.
  if (history.isDecided(epoch, held, member)) return undefined
  const decided = history.decided.get(epoch)
  return decided === undefined
    ? `${member} installed epoch ${epoch}, which no majority of epoch ${epoch - 1} has decided`
    : `${member} installed ${proposalText(held)} as epoch ${epoch}; decided was ${proposalText(decided)}`
}
