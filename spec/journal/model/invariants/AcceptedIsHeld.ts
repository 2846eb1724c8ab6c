import { isWhole } from "../Cell.ts"
import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** Whoever has accepted a proposal holds the log that it rests on, on its disk (journal.md, ACCEPT). */
export const acceptedIsHeld: CellInvariant = {
  name: "AcceptedIsHeld",
  broken: ({ peers }) => {
    for (const one of peers) {
      const { accepted, log, role } = one.disk ?? one
      if (role !== "member" || !isWhole(one) || accepted === null || log.startsWith(accepted.proposal.base))
        continue
      return `${text.member(one.member)} accepted ${text.proposal(accepted.proposal)}, and holds ${text.log(log)}`
    }
    return undefined
  },
}
