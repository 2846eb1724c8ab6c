import type { Claim } from "./Claim.ts"

/** I1: logs of one epoch are prefixes of one another, those on disks at any time and those in memory now. */
export const logsOfOneEpoch = (): Claim => (happening, history) => {
  if (happening.type !== "stored" && happening.type !== "step") return undefined
  const held = happening.type === "stored" ? happening.stored : happening.after
  if (held === null || held.record.role === "tombstone") return undefined
  const { epoch } = held.record
  const at = history.clash(epoch, held.log)
  return at === undefined ? undefined : `${happening.member} has another log of epoch ${epoch} at ${at}`
}
