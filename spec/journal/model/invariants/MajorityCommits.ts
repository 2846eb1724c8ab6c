import { isFirst } from "../Cell.ts"
import { majority, text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/**
 * I5: commits only by a majority of that epoch's view: what a leader takes for committed, beyond the base, is or was on
 * the disks of such a majority, each of which stored it before it was sealed.
 */
export const majorityCommits: CellInvariant = {
  name: "MajorityCommits",
  broken: ({ history: { held }, peers }) => {
    for (const one of peers) {
      const { commit, epoch, member, view } = one
      if (!isFirst(one) || commit <= view.base.length) continue
      const holders = view.members.filter((other) =>
        held.some((some) => some.epoch === epoch && some.member === other && some.length >= commit),
      )
      if (holders.length < majority(view.members))
        return `${text.member(member)} takes ${commit} entries for committed in epoch ${epoch}, which only ${holders.map(text.member).join(" and ") || "nobody"} stored`
    }
    return undefined
  },
}
