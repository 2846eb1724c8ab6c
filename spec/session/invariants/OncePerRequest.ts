import type { Invariant } from "../../explorer/System.ts"
import { entryAt, logText, type Session } from "../Session.ts"

/** No request is committed twice. */
export const oncePerRequest: Invariant<Session> = {
  name: "OncePerRequest",
  broken: ({ committed }) => {
    const requests = Array.from(committed, (_, i) => entryAt(committed, i).request)
    return new Set(requests).size === requests.length
      ? undefined
      : `one is in it twice: ${logText(committed)}`
  },
}
