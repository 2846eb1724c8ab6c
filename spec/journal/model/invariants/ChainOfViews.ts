import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I9: one genesis view, and no gap in the chain of views: whoever is in an epoch is there by what was decided. */
export const chainOfViews: CellInvariant = {
  name: "ChainOfViews",
  broken: ({ history: { decided }, peers }) => {
    const gap = decided.find(({ epoch }, i) => epoch > (decided[i - 1]?.epoch ?? 0) + 1)
    if (gap !== undefined) return `epoch ${gap.epoch} was decided, and the one before was not`
    for (const { epoch, member, role, view } of peers) {
      if (role !== "member" && role !== "former") continue
      const of = role === "former" ? epoch + 1 : epoch
      if (!decided.some((one) => one.epoch === of && one.proposal.code === view.code))
        return `${text.member(member)} knows of epoch ${of} what nobody has decided: ${text.proposal(view)}`
      if (role === "member" && !view.members.includes(member))
        return `${text.member(member)} is no member of its own view ${view.members.map(text.member).join(" ")}`
    }
    return undefined
  },
}
