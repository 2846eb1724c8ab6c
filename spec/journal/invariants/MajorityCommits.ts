import type { Claim } from "./Claim.ts"

/**
 * I5: commits only by a majority of that epoch's view. Whatever a peer takes for committed beyond the base of its epoch
 * is on the disks of such a majority, each of which stored it before it was sealed; or a view that begins with it has
 * been decided.
 */
export const majorityCommits = (): Claim => (happening, history) => {
  if (happening.type !== "step" || happening.after === null) return undefined
  const { member, before, after } = happening
  const { epoch, base, role } = after.record
  const { commit } = after
  if (role !== "member" || commit <= base.length || commit <= history.committed.length) return undefined
  if (before !== null && before.record.epoch === epoch && commit <= before.commit) return undefined
  const view = history.views.get(epoch)?.members ?? []
  const holders = view.filter((one) => history.storedBy(epoch, one) >= commit)
  return `${member} takes ${commit} entries for committed in epoch ${epoch}, which only ${holders.join(", ") || "nobody"} of ${view.join(", ")} stored`
}
