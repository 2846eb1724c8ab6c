import { majority } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/**
 * I5: whatever is taken for committed beyond the base of its epoch is on the disks of a majority of that epoch's view,
 * each of which stored it before it was sealed.
 */
export const majorityCommits = (): Claim => (happening, history) => {
  if (happening.type !== "step" || happening.after === null) return undefined
  const { member, before, after } = happening
  const { epoch, base, role } = after.record
  const { commit } = after
  if (role !== "member" || commit <= base.length) return undefined
  if (before !== null && before.record.epoch === epoch && commit <= before.commit) return undefined
  const view = history.views.get(epoch)?.members ?? []
  const holders = view.filter((one) => history.storedBy(epoch, one) >= commit)
  if (holders.length >= majority(view)) return undefined
  return `${member} takes ${commit} entries for committed in epoch ${epoch}, which only ${holders.join(", ") || "nobody"} of ${view.join(", ")} stored`
}
