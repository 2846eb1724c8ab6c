import type { History } from "../History.ts"
import type { Claim } from "./Claim.ts"

/**
 * Requests of a client that waits for each answer before it asks again stand in the journal in the order in which they
 * were answered; and whoever asks twice is told of one entry. All that holds within a session: what was answered before
 * its session ended may be answered again from its old place, or done anew in the next session.
 */
export const inClientsOrder = (): Claim => {
  const places = new Map<string, Map<string, number>>()
  const last = new Map<string, number>()
  return (happening, history) => {
    if (happening.type !== "answered") return undefined
    const { client, id, entry } = happening
    const known = places.get(client) ?? new Map<string, number>()
    places.set(client, known)
    const place = known.get(id) ?? entry
    if (place !== entry && !isEndBetween(history, client, place, entry)) {
      return `${id} of ${client} stands in entry ${place}, and in ${entry}`
    }
    if (known.get(id) === entry) return undefined
    known.set(id, entry)
    const before = last.get(client) ?? -1
    last.set(client, Math.max(before, entry))
    return before < entry || isEndBetween(history, client, before, entry)
      ? undefined
      : `${id} of ${client} stands in entry ${entry}, before what was answered before it was asked`
  }
}

/** Whether a session of the client ended between these two places. */
const isEndBetween = ({ committed }: History, client: string, one: number, other: number): boolean =>
  committed
    .slice(Math.min(one, other), Math.max(one, other))
    .some(({ entry }) => entry?.type === "expire" && entry.client === client)
