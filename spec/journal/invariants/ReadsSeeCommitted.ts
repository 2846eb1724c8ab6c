import type { History } from "../History.ts"
import type { Claim } from "./Claim.ts"

/**
 * I7: a read sees at least what was committed when it began, and nothing that is not committed when it is answered, for
 * that could be gone the next time: so all that the leader's log had when it began is committed by then.
 */
export const readsSeeCommitted = (): Claim => {
  const begun = new Map<
    number,
    { readonly client: string; readonly due: ReadonlyArray<string>; readonly length: number }
  >()
  return (happening, history) => {
    if (happening.type === "asked") {
      const { client, token } = happening
      begun.set(token, { client, due: applied(history, client), length: history.committed.length })
    }
    if (happening.type !== "looked") return undefined
    const read = begun.get(happening.token)
    if (read === undefined) return `read ${happening.token} was answered, and never asked`
    begun.delete(happening.token)
    if (history.committed.length < happening.length) {
      return `a read of ${read.client} was answered when ${history.committed.length} of ${happening.length} entries were committed`
    }
    const now = new Set(applied(history, read.client))
    const early = happening.shown.find((id) => !now.has(id) && !wasEver(history, read.client, id))
    if (early !== undefined) return `a read of ${read.client} shows ${early}, which is not committed`
    // A session that expired meanwhile may be shown as it was before or after.
    if (history.committed.slice(read.length).some(({ entry }) => ends(entry, read.client))) return undefined
    const shown = new Set(happening.shown)
    const missed = read.due.find((id) => !shown.has(id))
    return missed === undefined
      ? undefined
      : `a read of ${read.client} does not show ${missed}, which was committed when it began`
  }
}

const ends = (entry: History["committed"][number]["entry"], client: string): boolean =>
  entry?.type === "expire" && entry.client === client

/** The requests of the client's present session whose effects are committed, in order. */
const applied = (history: History, client: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const { entry } of history.committed) {
    if (entry?.client !== client) continue
    if (entry.type === "expire") found.length = 0
    else if (entry.replay !== "skip") found.push(entry.request)
  }
  return found
}

const wasEver = (history: History, client: string, request: string): boolean =>
  history.committed.some(
    ({ entry }) => entry?.type === "request" && entry.client === client && entry.request === request,
  )
