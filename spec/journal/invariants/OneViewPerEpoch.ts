import type { History } from "../History.ts"
import { type Proposal, proposalText, type Record, sameProposal } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/** I2: one decided view per cell and epoch; what is on disks counts. */
export const oneViewPerEpoch = (): Claim => (happening, history) => {
  if (happening.type === "recorded") return chosenTwice(happening.record, history)
  if (happening.type !== "stored") return undefined
  const { role, epoch, view, base } = happening.stored.record
  if (role !== "member") return undefined
  const clash = difference(history.views.get(epoch), { members: view, base })
  return clash === undefined ? undefined : `two views of epoch ${epoch}: ${clash}`
}

const chosenTwice = ({ accepted, epoch }: Record, history: History): string | undefined => {
  if (accepted === null || !history.isChosen(epoch, accepted.ballot, accepted.proposal)) return undefined
  const clash = difference(history.decided.get(epoch + 1), accepted.proposal)
  return clash === undefined ? undefined : `two views were chosen for epoch ${epoch + 1}: ${clash}`
}

const difference = (known: Proposal | undefined, found: Proposal): string | undefined =>
  known === undefined || sameProposal(known, found)
    ? undefined
    : `${proposalText(known)}; and ${proposalText(found)}`
