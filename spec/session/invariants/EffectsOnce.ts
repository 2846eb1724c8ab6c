import type { Invariant } from "../../explorer/System.ts"
import { due, entryAt, logText, type Session, SKIPPED, stateText } from "../Session.ts"

/**
 * Each committed response is the one of a service that never failed, to which the session's requests came one after the
 * other as they stand in the journal, each once.
 */
export const effectsOnce: Invariant<Session> = {
  name: "EffectsOnce",
  broken: ({ committed }) => {
    for (let i = 0; i < committed.length; i++) {
      const { response } = entryAt(committed, i)
      const wanted = due(committed.slice(0, i + 1))
      if (response !== SKIPPED && response !== wanted)
        return `entry ${i} of ${logText(committed)} was answered "${stateText(response)}", due was "${stateText(wanted)}"`
    }
    return undefined
  },
}
