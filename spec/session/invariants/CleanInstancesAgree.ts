import type { Invariant } from "../../explorer/System.ts"
import { due, logText, type Session, stateText } from "../Session.ts"

/**
 * An instance that may serve is in the state that the journal leads to, as far as it has applied it; it has seen no
 * request that the journal lacks. Only where it has done what nobody asked for it is in another, until a replay tells.
 */
export const cleanInstancesAgree: Invariant<Session> = {
  name: "CleanInstancesAgree",
  broken: ({ committed, peers }) => {
    for (const [at, { instance, isFenced, log, rest }] of peers.entries()) {
      const { applied, isTainted, running, state } = instance
      if (log === null || rest !== "" || isTainted || isFenced || running !== null) continue
      if (applied !== log.length || state.toString(8).includes("7")) continue
      if (state !== due(log))
        return `the instance of ${at} is in state "${stateText(state)}"; its journal is ${logText(log)}, committed ${logText(committed)}`
    }
    return undefined
  },
}
