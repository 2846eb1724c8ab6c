import * as HashMap from "effect/HashMap"
import type { CellIndex } from "../../../core/handoff/Handoff.ts"
import type { Substream } from "../../../core/handoff/Substream.ts"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { LogItem } from "../../../core/replication/Durable.ts"
import type { Log } from "../../../core/replication/Log.ts"

/**
 * A text that is the same for two values of core exactly when nothing in core can tell them apart: the order in which
 * entries of maps were put in does not count, nor what lies in a shared array behind a version's own end, nor bytes whose
 * hash stands beside them.
 */
export const canonical = (value: unknown): string => {
  if (value === null || typeof value !== "object")
    return typeof value === "string" ? JSON.stringify(value) : String(value)
  if (value instanceof Uint8Array) return `b${value.join()}`
  if (value instanceof Map || HashMap.isHashMap(value)) {
    const entries = [...(value as Iterable<readonly [unknown, unknown]>)]
    return `{${entries
      .map(([key, one]) => `${canonical(key)}:${canonical(one)}`)
      .toSorted()
      .join()}}`
  }
  if (value instanceof Set) return `{${[...value].map(canonical).toSorted().join()}}`
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if ("shared" in value && "head" in value) {
    const { head, length, start } = value as unknown as Log
    return `log ${start.length} ${length} ${head}`
  }
  if ("shared" in value && "length" in value) {
    const { length, shared } = value as unknown as Substream
    const places = new Map(shared.ids.slice(0, length).map((id, place) => [id, place]))
    return `substream ${shared.indices.slice(0, length).join()} ${canonical(places)}`
  }
  if ("owners" in value) {
    const { owners, ...rest } = value as unknown as CellIndex
    return `index ${owners.slice(0, rest.length - rest.start).join()} ${canonical({ ...rest })}`
  }
  if ("incarnation" in value) return `@${(value as unknown as Contact).name}`
  // The head behind an item says all of it and of what is before.
  if ("digest" in value && "head" in value) return `item ${(value as unknown as LogItem).head}`
  return `(${Object.entries(value)
    .map(([key, one]) => `${key}=${canonical(one)}`)
    .join()})`
}
