import { answerOf } from "../Service.ts"
import type { Claim } from "./Claim.ts"

/**
 * What the client is promised: each journaled answer is the one that a service gives which never failed, and to which
 * the client's requests came one after the other, as they stand in the journal, each once.
 */
export const effectsOnce = (): Claim => {
  const sessions = new Map<string, Array<string>>()
  return (_, history) => {
    for (const { entry } of history.committed.slice(history.committed.length - history.fresh)) {
      if (entry === null) continue
      const { client } = entry
      const session = sessions.get(client) ?? []
      sessions.set(client, session)
      if (entry.type === "expire") session.length = 0
      else if (entry.replay !== "skip") session.push(entry.request)
      if (entry.type !== "request" || entry.replay !== "compare") continue
      const due = answerOf(client, session)
      if (entry.response !== due) return `${entry.id} was answered "${entry.response}", due was "${due}"`
    }
    return undefined
  }
}
