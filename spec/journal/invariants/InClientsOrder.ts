import type { History } from "../History.ts"
import type { Claim } from "./Claim.ts"

/**
 * Requests of a client that waits for each answer before it asks again stand in the journal in the order in which they
 * were answered; and whoever asks twice is told of one entry, as long as the session lasts.
 */
export const inClientsOrder = (): Claim => {
  const places = new Map<string, Map<string, number>>()
  const last = new Map<string, number>()
  return (happening, history) => {
    for (const { entry } of history.committed.slice(history.committed.length - history.fresh)) {
      if (entry?.type === "expire") places.delete(entry.client)
    }
    if (happening.type !== "answered") return undefined
    const { client, id, entry } = happening
    const known = places.get(client) ?? new Map<string, number>()
    places.set(client, known)
    const place = known.get(id)
    if (place !== undefined) {
      return place === entry ? undefined : `${id} of ${client} stands in entry ${place}, and in ${entry}`
    }
    known.set(id, entry)
    const before = last.get(client) ?? -1
    last.set(client, Math.max(before, entry))
    // What was answered before its session ended may be answered again, from the same place.
    const expired = history.committed.slice(entry).some((one) => ends(one.entry, client))
    return before < entry || expired
      ? undefined
      : `${id} of ${client} stands in entry ${entry}, before what was answered before it was asked`
  }
}

const ends = (entry: History["committed"][number]["entry"], client: string): boolean =>
  entry?.type === "expire" && entry.client === client
