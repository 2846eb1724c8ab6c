import type { Claim } from "./Claim.ts"

/**
 * Requests of a client that waits for each answer before it asks again stand in the journal in the order in which they
 * were answered; and whoever asks twice is told of one entry.
 */
export const inClientsOrder = (): Claim => {
  const places = new Map<string, number>()
  const last = new Map<string, number>()
  return (happening) => {
    if (happening.type !== "answered") return undefined
    const { client, id, entry } = happening
    const known = places.get(`${client} ${id}`)
    if (known !== undefined) {
      return known === entry ? undefined : `${id} of ${client} stands in entry ${known}, and in ${entry}`
    }
    places.set(`${client} ${id}`, entry)
    const before = last.get(client) ?? -1
    last.set(client, entry)
    return before < entry
      ? undefined
      : `${id} of ${client} stands in entry ${entry}, before what was answered before it was asked`
  }
}
