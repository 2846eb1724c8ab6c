import type { Claim } from "./Claim.ts"

/**
 * I6: a sealed member, the leader included, neither appends nor acknowledges; what a proposal that it accepts begins with
 * is excepted, which it may have to pull.
 */
export const sealedStandsStill = (): Claim => (happening) => {
  if (happening.type !== "step") return undefined
  const { member, cause, before, after, acks } = happening
  if (before === null || after === null || before.record.ballot === null) return undefined
  const { epoch } = before.record
  const ack = acks.find((one) => one.epoch === epoch)
  if (ack !== undefined)
    return `${member} is sealed in epoch ${epoch}, and acknowledged ${ack.length} entries`
  if (after.record.epoch !== epoch || after.record.role !== "member") return undefined
  if (after.record.ballot === null) return `${member} was sealed in epoch ${epoch}, and is no more`
  const allowed = after.record.accepted?.proposal.base.length ?? 0
  return after.log.length > before.log.length && after.log.length > allowed
    ? `${member} is sealed in epoch ${epoch}, and appended on ${cause}`
    : undefined
}
