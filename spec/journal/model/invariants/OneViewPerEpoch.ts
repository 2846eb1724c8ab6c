import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I2: one decided view per epoch. */
export const oneViewPerEpoch: CellInvariant = {
  name: "OneViewPerEpoch",
  broken: ({ history: { decided } }) => {
    for (const [i, { epoch, proposal }] of decided.entries()) {
      const other = decided[i + 1]
      if (other?.epoch === epoch)
        return `two views of epoch ${epoch}: ${text.proposal(proposal)}; and ${text.proposal(other.proposal)}`
    }
    return undefined
  },
}
