import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I3: every base contains all that was committed in epochs before its own, by then or later. */
export const basesHoldCommitted: CellInvariant = {
  name: "BasesHoldCommitted",
  broken: ({ history: { committed, decided } }) => {
    for (const { epoch, proposal } of decided) {
      const missed = committed.find((one) => one.epoch < epoch && !proposal.base.startsWith(one.log))
      if (missed !== undefined)
        return `the base of epoch ${epoch} is ${text.log(proposal.base)}; committed in epoch ${missed.epoch} was ${text.log(missed.log)}`
    }
    return undefined
  },
}
