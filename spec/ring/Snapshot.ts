/** What one live member knows. Ids are numbers in ring order; only their order matters. */
export interface Member {
  readonly id: number
  /** Its successor list as it stands; entries may be dead, or stand for nobody. */
  readonly successors: ReadonlyArray<number>
  /** Null while it knows none. */
  readonly predecessor: number | null
}

/** All live members of a network at one moment, each id once. The dead and the joining are not in it. */
export type Snapshot = ReadonlyArray<Member>

/**
 * `x` lies strictly inside the clockwise arc from `a` to `b`; when `a = b` that is every other id.
 *
 * Source: Zave, "How to Make Chord Correct" (TSE 2017), section 3.
 */
export const between = (a: number, x: number, b: number): boolean =>
  a < b ? a < x && x < b : a === b ? x !== a : a < x || x < b

/** A member's *best successor*, the first live entry of its list, for every member that has one. */
export type BestSuccessors = ReadonlyMap<number, number>

export const bestSuccessors = (snapshot: Snapshot): BestSuccessors => {
  const live = new Set(snapshot.map((member) => member.id))
  const best = new Map<number, number>()
  for (const member of snapshot) {
    const entry = member.successors.find((id) => live.has(id))
    if (entry !== undefined) best.set(member.id, entry)
  }
  return best
}

/**
 * Where the best successors lead from `from`: every member met, in order, `from` first, until there is none or one
 * would be met twice.
 */
export const path = (best: BestSuccessors, from: number): ReadonlySet<number> => {
  const met = new Set<number>()
  for (let at: number | undefined = from; at !== undefined && !met.has(at); at = best.get(at)) met.add(at)
  return met
}

/** The cycles that best successors form, each from one of its members on, in order. */
export const rings = (snapshot: Snapshot): ReadonlyArray<ReadonlyArray<number>> => {
  const best = bestSuccessors(snapshot)
  const seen = new Set<number>()
  const found: Array<ReadonlyArray<number>> = []
  for (const { id } of snapshot) {
    const walk: Array<number> = []
    let at: number | undefined = id
    for (; at !== undefined && !seen.has(at); at = best.get(at)) {
      seen.add(at)
      walk.push(at)
    }
    const start = at === undefined ? -1 : walk.indexOf(at)
    if (start >= 0) found.push(walk.slice(start))
  }
  return found
}

/** Members that reach themselves by best successors; all others are in *appendages*. */
export const ringMembers = (snapshot: Snapshot): ReadonlySet<number> => new Set(rings(snapshot).flat())

/** A successor list: whose it is, or whose it becomes when the message arrives that carries it. */
export type Listed = Pick<Member, "id" | "successors">

/** Whether the list skips `id`: it lies strictly between two adjacent entries of ESL, the owner followed by its list. */
export const skips = ({ id: owner, successors }: Listed, id: number): boolean =>
  successors.some((entry, i) => between(successors[i - 1] ?? owner, id, entry))

/**
 * Members that no list skips.
 *
 * @param inFlight lists on their way to somebody alive (ring.md, Invariant).
 */
export const principals = (snapshot: Snapshot, inFlight: ReadonlyArray<Listed> = []): ReadonlyArray<number> =>
  snapshot
    .map((member) => member.id)
    .filter((id) => ![...snapshot, ...inFlight].some((listed) => skips(listed, id)))
