import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I10: a response left only if its entry was committed. */
export const responsesAreCommitted: CellInvariant = {
  name: "ResponsesAreCommitted",
  broken: ({ history: { answered, committed } }) => {
    const early = Array.from(answered).find((entry) => !committed.some(({ log }) => log.includes(entry)))
    return early === undefined ? undefined : `the response of ${text.log(early)} left, which is not committed`
  },
}
