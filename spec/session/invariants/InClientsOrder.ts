import type { Invariant } from "../../explorer/System.ts"
import { entryAt, logText, type Session } from "../Session.ts"

/** Requests stand in the journal in the order in which the client sent them. */
export const inClientsOrder: Invariant<Session> = {
  name: "InClientsOrder",
  broken: ({ committed }) => {
    for (let i = 1; i < committed.length; i++)
      if (entryAt(committed, i).request < entryAt(committed, i - 1).request)
        return `the journal has another order than the client: ${logText(committed)}`
    return undefined
  },
}
