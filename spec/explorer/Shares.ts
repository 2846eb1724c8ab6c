import type { Batch, Broken, Findings } from "./Slice.ts"

/**
 * Which of several slices holds which state of a level, in the order of the search: a state belongs to the slice that came
 * upon it first. What they say is put together so that it is what one slice would have said; so a search comes to the same
 * end, state for state, among however many it is shared.
 */
export class Shares {
  /** By state of this level, and of the next as far as it is known. */
  #owners: ReadonlyArray<number>
  #next: Array<number> = []
  #cursor = 0
  readonly #slices: number

  /** @param size states of the first level that is shared: every `slices`th goes to the same slice (Slice.ts, share). */
  constructor(slices: number, size: number) {
    this.#slices = slices
    this.#owners = Array.from({ length: size }, (_, i) => i % slices)
  }

  /** The next `limit` states of this level; undefined when none is left. */
  take(limit: number): Stride | undefined {
    const owners = this.#owners.slice(this.#cursor, this.#cursor + limit)
    this.#cursor += owners.length
    return owners.length === 0 ? undefined : new Stride(this.#slices, owners, this.#next)
  }

  /** The next level begins. @returns how many states it has. */
  turn(): number {
    this.#owners = this.#next
    this.#next = []
    this.#cursor = 0
    return this.#owners.length
  }
}

/** Some states of a level that are expanded at a time. */
export class Stride {
  /** By slice how many of them are its own; they are its next. */
  readonly counts: ReadonlyArray<number>
  readonly #owners: ReadonlyArray<number>
  readonly #next: Array<number>
  /** By action of all of them the slice that has the state after it; and of the new ones alone. */
  readonly #after: Array<number> = []
  readonly #found: Array<number> = []

  /** @param next takes the owners of the new states. */
  constructor(slices: number, owners: ReadonlyArray<number>, next: Array<number>) {
    const counts = zeros(slices)
    for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1
    this.counts = counts
    this.#owners = owners
    this.#next = next
  }

  /** What all slices say, one batch each, as one batch in the order of the search. */
  join(batches: ReadonlyArray<Batch>): Batch {
    const size = batches.reduce((sum, { highs }) => sum + highs.length, 0)
    const joined = {
      counts: new Uint16Array(this.#owners.length),
      highs: new Int32Array(size),
      lows: new Int32Array(size),
      fair: new Uint8Array(batches.every(({ fair }) => fair.length === 0) ? 0 : size),
      numbers: new Float64Array(batches.reduce((sum, { numbers }) => sum + numbers.length, 0)),
      ends: new Uint32Array(batches.every(({ ends }) => ends.length === 0) ? 0 : size),
    }
    const states = zeros(batches.length)
    const actions = zeros(batches.length)
    let to = 0
    let filled = 0
    for (const [i, owner] of this.#owners.entries()) {
      const batch = batches[owner] as Batch
      const state = states[owner] ?? 0
      const count = batch.counts[state] ?? 0
      states[owner] = state + 1
      joined.counts[i] = count
      let from = actions[owner] ?? 0
      actions[owner] = from + count
      for (const end = to + count; to < end; to++, from++) {
        joined.highs[to] = batch.highs[from] ?? 0
        joined.lows[to] = batch.lows[from] ?? 0
        if (joined.fair.length > 0) joined.fair[to] = batch.fair[from] ?? 0
        if (joined.ends.length > 0) {
          const numbers = batch.numbers.subarray(from === 0 ? 0 : batch.ends[from - 1], batch.ends[from])
          joined.numbers.set(numbers, filled)
          filled += numbers.length
          joined.ends[to] = filled
        }
        this.#after.push(owner)
      }
    }
    return joined
  }

  /** Which of its own states each slice is to keep. @param isNew by action in the order of the search. */
  split(isNew: Uint8Array): ReadonlyArray<Uint8Array> {
    const bits = this.counts.map((): Array<number> => [])
    for (const [i, owner] of this.#after.entries()) {
      const bit = isNew[i] ?? 0
      bits[owner]?.push(bit)
      if (bit === 1) this.#found.push(owner)
    }
    for (const owner of this.#found) this.#next.push(owner)
    return bits.map((some) => Uint8Array.from(some))
  }

  /** What all slices say of their new states, as of one. */
  gather(findings: ReadonlyArray<Findings>): Findings {
    const places = findings.map((): Array<number> => [])
    for (const [i, owner] of this.#found.entries()) places[owner]?.push(i)
    const reached = new Uint8Array(findings.reduce((sum, one) => sum + one.reached.length, 0))
    const broken: Array<Broken> = []
    let seen = 0
    for (const [slice, one] of findings.entries()) {
      seen |= one.seen
      for (const [i, bits] of one.reached.entries()) reached[places[slice]?.[i] ?? 0] = bits
      for (const found of one.broken) broken.push({ ...found, at: places[slice]?.[found.at] ?? 0 })
    }
    return { broken, seen, reached }
  }
}

const zeros = (length: number): Array<number> => Array.from({ length }, () => 0)
