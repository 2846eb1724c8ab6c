import { type RingId, upper32 } from "./RingId.ts"

/**
 * The peers of a ring, searchable by key: which one is the first at or clockwise after it? Immutable.
 *
 * The upper 32 bits of the ids stand in one column of numbers, and a table over their leading bits says where in the
 * column to start, so that a search compares a few machine words. Only ids whose upper 32 bits equal the key's are
 * compared whole, so crowded ids are found as exactly as scattered ones, only slower.
 */
export interface RingIndex {
  /** The ids in increasing order, each once. Positions in this array are the answers of searches. */
  readonly ids: ReadonlyArray<RingId>
  /** Upper 32 bits of each id. */
  readonly uppers: Uint32Array
  /**
   * starts[b] is the number of ids whose upper 32 bits, shifted right by `shift`, are below b; there is one more
   * entry than buckets.
   */
  readonly starts: Uint32Array
  /** From 1 to 31: the number of buckets is 2^(32 - shift). */
  readonly shift: number
}

/** Buckets longer than this are halved, shorter ones walked: at the usual one or two ids, walking wins. */
const WALKED = 8

/**
 * The index of these ids, given in any order.
 *
 * @throws RangeError when there is none, or one occurs twice.
 */
export const makeRingIndex = (members: Iterable<RingId>): RingIndex => {
  const ids = [...members].toSorted()
  if (ids.length === 0) throw new RangeError("a ring index needs at least one id; nobody owns an empty ring")
  const twice = ids.find((id, position) => id === ids[position + 1])
  if (twice !== undefined) throw new RangeError(`the id ${twice} occurs twice; give each peer its own`)

  const uppers = Uint32Array.from(ids, upper32)
  // Two to four buckets an id: most are empty, and of scattered ids hardly any is long.
  const shift = Math.max(1, Math.clz32(ids.length) - 1)
  const starts = new Uint32Array(2 ** (32 - shift) + 1)
  for (const upper of uppers) starts[(upper >>> shift) + 1] = (starts[(upper >>> shift) + 1] ?? 0) + 1
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0)
  }
  return { ids, uppers, starts, shift }
}

/** Position of the owner of `key`: the first id at or after it, or the very first when there is none. */
export const ownerOf = (index: RingIndex, key: RingId): number => {
  const upper = upper32(key)
  const position = firstAtOrAfter(index, upper)
  if (index.uppers[position] !== upper) return position === index.ids.length ? 0 : position
  return ownerAmongEqual(index, upper, key, position)
}

/**
 * Position of the owner of a key of which only the upper 32 bits are known, or -1 when an id shares those, so that
 * the rest decides. That is one key in 2^32 / N; ask {@link ownerOf} then.
 */
export const ownerOfUpper = (index: RingIndex, upper: number): number => {
  const position = firstAtOrAfter(index, upper)
  if (position === index.ids.length) return 0
  return index.uppers[position] === upper ? -1 : position
}

/** Position of the first id whose upper 32 bits are at least `upper`, in [0, N]. */
const firstAtOrAfter = (index: RingIndex, upper: number): number => {
  const { uppers, starts } = index
  const bucket = upper >>> index.shift
  let low = starts[bucket] ?? 0
  let high = starts[bucket + 1] ?? 0
  while (high - low > WALKED) {
    const middle = (low + high) >>> 1
    if ((uppers[middle] ?? 0) < upper) low = middle + 1
    else high = middle
  }
  while (low < high && (uppers[low] ?? 0) < upper) low++
  return low
}

/** `first` is the position of the first id with these upper bits. */
const ownerAmongEqual = (index: RingIndex, upper: number, key: RingId, first: number): number => {
  const { ids } = index
  let low = first
  let high = upper === 0xffffffff ? ids.length : firstAtOrAfter(index, upper + 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] ?? key) < key) low = middle + 1
    else high = middle
  }
  return low === ids.length ? 0 : low
}
