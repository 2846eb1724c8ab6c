import type { Invariant } from "../../explorer/System.ts"
import { logText, type Session } from "../Session.ts"

/** A response left only if its entry is committed, and says what that entry says. */
export const responsesAreCommitted: Invariant<Session> = {
  name: "ResponsesAreCommitted",
  broken: ({ answered, committed }) => {
    const early = Array.from(answered).find((entry) => !committed.includes(entry))
    return early === undefined ? undefined : `${logText(early)} left, which is not committed`
  },
}
