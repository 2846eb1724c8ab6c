import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I7: a read sees at least what was committed when it began, and nothing that is not committed when it is answered. */
export const readsSeeCommitted: CellInvariant = {
  name: "ReadsSeeCommitted",
  broken: ({ history: { looks } }) => {
    for (const { committed, due, shown } of looks) {
      if (!shown.startsWith(due))
        return `a read shows ${text.log(shown)}; when it began ${text.log(due)} was committed`
      if (!committed.startsWith(shown))
        return `a read shows ${text.log(shown)}; committed is ${text.log(committed)}`
    }
    return undefined
  },
}
