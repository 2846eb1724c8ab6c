/**
 * A session's entries in the log of its cell, in order: where they are, and which requests they answer. A value that
 * is never changed. Adding to the newest version does not copy it: as with a log, versions share growing lists, of which
 * each sees only its own length.
 */
export interface Substream {
  readonly shared: Shared
  readonly length: number
}

interface Shared {
  /** Indices in the log, increasing. */
  readonly indices: Array<number>
  /** Of the requests. */
  readonly ids: Array<string>
  /**
   * The last place of each of the first `placed` ids. Only who leads is asked for it, so nobody keeps it up before that:
   * it is filled when it is asked.
   */
  readonly places: Map<string, number>
  placed: number
}

const sharedOf = (indices: Array<number>, ids: Array<string>): Shared => ({
  indices,
  ids,
  places: new Map(),
  placed: 0,
})

export const emptySubstream: Substream = { shared: sharedOf([], []), length: 0 }

/**
 * `index` is greater than those before. An id that is there already belongs to a session that has ended since, though
 * that may not be committed yet: from now on it means the new place.
 */
export const add = (substream: Substream, id: string, index: number): Substream => {
  const { length } = substream
  const isNewest = substream !== emptySubstream && substream.shared.ids.length === length
  const shared = isNewest ? substream.shared : copyOf(substream, 0)
  shared.indices.push(index)
  shared.ids.push(id)
  return { shared, length: length + 1 }
}

/** Where in the log the request with this id is answered. */
export const indexOf = ({ shared, length }: Substream, id: string): number | undefined => {
  const { ids, indices, places } = shared
  for (; shared.placed < ids.length; shared.placed++) places.set(ids[shared.placed] ?? "", shared.placed)
  const last = places.get(id)
  if (last === undefined || last < length) return last === undefined ? undefined : indices[last]
  // A later version has it, perhaps once more.
  return indices[ids.slice(0, length).lastIndexOf(id)]
}

/** How many of the entries lie before `index` in the log. */
export const countBefore = ({ shared, length }: Substream, index: number): number => {
  let low = 0
  let high = length
  // Nearly always asked about the end.
  if (high > 0 && (shared.indices[high - 1] ?? 0) < index) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((shared.indices[middle] ?? 0) < index) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether the entry at `index` of the log is one of these. */
export const includes = (substream: Substream, index: number): boolean => {
  const place = countBefore(substream, index)
  return place < substream.length && substream.shared.indices[place] === index
}

/** The index in the log of the last entry before `limit`; -1 if there is none. */
export const lastBefore = (substream: Substream, limit: number): number =>
  substream.shared.indices[countBefore(substream, limit) - 1] ?? -1

/** The indices in the log of the entries from `from` on and before `to`. */
export const indicesIn = (substream: Substream, from: number, to: number): ReadonlyArray<number> =>
  substream.shared.indices.slice(countBefore(substream, from), countBefore(substream, to))

/** The same without the entries before `index` of the log. */
export const dropBefore = (substream: Substream, index: number): Substream => {
  const dropped = countBefore(substream, index)
  if (dropped === 0) return substream
  return { shared: copyOf(substream, dropped), length: substream.length - dropped }
}

const copyOf = ({ shared, length }: Substream, from: number): Shared =>
  sharedOf(shared.indices.slice(from, length), shared.ids.slice(from, length))
