import type { Happening } from "../Happening.ts"
import type { History } from "../History.ts"
import { headAt, type Log, type Member } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/** I4: a committed entry never changes, and no request of a session is committed twice. */
export const committedStays = (): Claim => {
  const seen = new Map<string, Set<string>>()
  return (happening, history) => {
    for (const { entry } of history.committed.slice(history.committed.length - history.fresh)) {
      if (entry === null) continue
      const ids = seen.get(entry.client) ?? new Set()
      // What a session had before it expired is forgotten, its requests' names too.
      if (entry.type === "expire") seen.delete(entry.client)
      else if (ids.has(entry.id)) return `request ${entry.id} of ${entry.client} was committed twice`
      else seen.set(entry.client, ids.add(entry.id))
    }
    return changed(happening, history)
  }
}

/** Whoever is in an epoch has all that was committed up to then, as far as its log goes. */
const changed = (happening: Happening, history: History): string | undefined => {
  if (happening.type !== "stored" && happening.type !== "step") return undefined
  const held = happening.type === "stored" ? happening.stored : happening.after
  if (held === null || held.record.role !== "member") return undefined
  const { member } = happening
  const { log, record } = held
  const due = different(member, log, history.committedBefore(record.epoch + 1), history)
  if (due !== undefined || happening.type === "stored") return due
  return different(member, log, Math.min(happening.after?.commit ?? 0, history.committed.length), history)
}

const different = (member: Member, log: Log, length: number, history: History): string | undefined => {
  const both = Math.min(length, log.length)
  const head = both === 0 ? undefined : headAt(log, both)
  return head === undefined || head === history.committed[both - 1]?.head
    ? undefined
    : `${member} has another entry ${both - 1} than was committed`
}
