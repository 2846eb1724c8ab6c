import type { Claim } from "./Claim.ts"

/** I10: a response left only if its entry was committed, and says what that entry says. */
export const responsesAreCommitted = (): Claim => (happening, history) => {
  if (happening.type !== "answered") return undefined
  const { client, id, entry, response } = happening
  const committed = history.committed[entry]
  if (committed === undefined)
    return `the answer to ${id} of ${client} left before entry ${entry} was committed`
  const found = committed.entry
  if (found === null) return undefined
  if (found.type !== "request" || found.client !== client || found.id !== id) {
    return `the answer to ${id} of ${client} is said to be in entry ${entry}, which is another's`
  }
  return found.response === response
    ? undefined
    : `the answer to ${id} of ${client} is not the one in entry ${entry}`
}
