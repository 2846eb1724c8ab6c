import { entryAt, EXPIRY, text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/**
 * What the client is promised: each committed response is the one that a service gives which never failed, and to which
 * the session's requests came one after the other as they stand in the journal.
 */
export const effectsOnce: CellInvariant = {
  name: "EffectsOnce",
  broken: ({ history: { committed } }) => {
    for (const { log } of committed) {
      let count = 0
      for (let i = 0; i < log.length; i++) {
        const { request, response } = entryAt(log, i)
        count = request === EXPIRY ? 0 : count + 1
        if (response !== count)
          return `entry ${i} of ${text.log(log)} was answered ${response}, due was ${count}`
      }
    }
    return undefined
  },
}
