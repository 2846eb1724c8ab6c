import type { DurableLog, Hash, LogItem, LogMark } from "./Durable.ts"
import { NO_HASH } from "./Durable.ts"

/**
 * A cell's log in memory: a value that is never changed. Appending to the newest version of a log does not copy it:
 * versions share one growing array, of which each sees only its own length.
 */
export interface Log {
  /** What lies before is wholly expired and gone. */
  readonly start: LogMark
  /** `shared[0, length - start.length)` are the items; what lies behind belongs to later versions. */
  readonly shared: Array<LogItem>
  readonly length: number
  /** Head hash at `length`. */
  readonly head: Hash
}

export const emptyLog: Log = { start: { length: 0, head: NO_HASH }, shared: [], length: 0, head: NO_HASH }

export const logOf = ({ start, items }: DurableLog): Log => ({
  start,
  shared: [...items],
  length: start.length + items.length,
  head: items.at(-1)?.head ?? start.head,
})

export const durableOf = (log: Log): DurableLog => ({
  start: log.start,
  items: itemsFrom(log, log.start.length),
})

export const markOf = (log: Log): LogMark => ({ length: log.length, head: log.head })

/** `items` follow the log: the caller has chained their heads to `log.head`. */
export const append = (log: Log, items: ReadonlyArray<LogItem>): Log => {
  const last = items.at(-1)
  if (last === undefined) return log
  const here = log.length - log.start.length
  // Another version has appended already: this one gets an array of its own.
  const shared = log.shared.length === here && log !== emptyLog ? log.shared : log.shared.slice(0, here)
  for (const item of items) shared.push(item)
  return { start: log.start, shared, length: log.length + items.length, head: last.head }
}

/** The head hash at `length`, or undefined where this log does not reach: before its start, or beyond its end. */
export const headAt = (log: Log, length: number): Hash | undefined => {
  if (length === log.start.length) return log.start.head
  return length > log.start.length && length <= log.length
    ? log.shared[length - log.start.length - 1]?.head
    : undefined
}

/** Whether the log passes through `mark`. */
export const passes = (log: Log, mark: LogMark): boolean => headAt(log, mark.length) === mark.head

export const itemAt = (log: Log, index: number): LogItem | undefined =>
  index >= log.start.length && index < log.length ? log.shared[index - log.start.length] : undefined

/** The items in [from, to); `from` is not before the start. */
export const itemsFrom = (log: Log, from: number, to = log.length): ReadonlyArray<LogItem> =>
  log.shared.slice(from - log.start.length, to - log.start.length)

/** The first `length` items; `length` is from the start's to the log's. */
export const cut = (log: Log, length: number): Log => {
  const head = headAt(log, length)
  if (head === undefined)
    throw new RangeError(`cannot cut a log of ${log.start.length} to ${log.length} at ${length}`)
  return { ...log, length, head }
}

/** The same log without the bytes of the items at `indices`. */
export const fade = (log: Log, indices: ReadonlyArray<number>): Log => {
  const shared = [...itemsFrom(log, log.start.length)]
  for (const index of indices) {
    const item = shared[index - log.start.length]
    if (item !== undefined) shared[index - log.start.length] = { ...item, bytes: null }
  }
  return { ...log, shared }
}

/** The same log, beginning at `length`; what lies before must be faded. */
export const trim = (log: Log, length: number): Log => {
  const head = headAt(log, length)
  if (head === undefined)
    throw new RangeError(`cannot trim a log of ${log.start.length} to ${log.length} at ${length}`)
  return { ...log, start: { length, head }, shared: [...itemsFrom(log, length)] }
}
