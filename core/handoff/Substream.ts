/**
 * A session's entries in the log of its cell, in order: where they are, and which requests they answer. A value that
 * is never changed. Adding to the newest version does not copy it: as with a log, versions share one growing list, of
 * which each sees only its own length.
 */
export interface Substream {
  readonly shared: {
    /** Indices in the log, increasing. */
    readonly indices: Array<number>
    /** Place in `indices` by request id; one beyond the length belongs to a later version. */
    readonly places: Map<string, number>
  }
  readonly length: number
}

export const emptySubstream: Substream = { shared: { indices: [], places: new Map() }, length: 0 }

/**
 * `index` is greater than those before. An id that is there already belongs to a session that has ended since, though
 * that may not be committed yet: from now on it means the new place.
 */
export const add = (substream: Substream, id: string, index: number): Substream => {
  const { length } = substream
  const isNewest = substream !== emptySubstream && substream.shared.indices.length === length
  // Older versions would lose what a repeated id meant in them.
  const mayShare = isNewest && !substream.shared.places.has(id)
  const shared = mayShare ? substream.shared : copyOf(substream)
  shared.indices.push(index)
  shared.places.set(id, length)
  return { shared, length: length + 1 }
}

/** Where in the log the request with this id is answered. */
export const indexOf = ({ shared, length }: Substream, id: string): number | undefined => {
  const place = shared.places.get(id)
  return place !== undefined && place < length ? shared.indices[place] : undefined
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
  const { indices, places } = copyOf(substream)
  const kept = new Map<string, number>()
  for (const [id, place] of places) if (place >= dropped) kept.set(id, place - dropped)
  return {
    shared: { indices: indices.slice(dropped), places: kept },
    length: substream.length - dropped,
  }
}

const copyOf = ({ shared, length }: Substream): Substream["shared"] => {
  const places = new Map<string, number>()
  for (const [id, place] of shared.places) if (place < length) places.set(id, place)
  return { indices: shared.indices.slice(0, length), places }
}
