/**
 * What a search has tried: which answers were put, the state they left, and how many open calls of each effect that took. To
 * come to the same place with no fewer open calls of any effect leads nowhere that was not tried.
 */
export class Memo {
  /** About what it takes. */
  bytes = 0
  private readonly taken: Uint32Array
  private readonly kinds: number
  /** For each set of answers and state the fewest open calls: none of them has as many as another of each effect. */
  private readonly seen = new Map<string, ReadonlyArray<ReadonlyArray<number>>>()

  /** @param kinds different effects of open calls */
  constructor(answers: number, kinds: number) {
    this.taken = new Uint32Array(Math.ceil(answers / 32))
    this.kinds = kinds
  }

  /** Puts an answer, or takes it back. */
  flip(answer: number): void {
    this.taken[answer >>> 5] = (this.taken[answer >>> 5] ?? 0) ^ (1 << (answer & 31))
  }

  /**
   * Whether it is worth the while to put an answer next; remembered.
   *
   * @param state that it leaves
   * @param counts of open calls that were put, by effect
   */
  isNew(answer: number, state: string | number, counts: ReadonlyArray<number>): boolean {
    this.flip(answer)
    const key = `${this.set()}|${state}`
    this.flip(answer)
    const known = this.seen.get(key)
    if (known?.some((fewer) => fewer.every((count, n) => count <= (counts[n] ?? 0))) === true) return false
    const kept = known?.filter((more) => more.some((count, n) => count < (counts[n] ?? 0))) ?? []
    if (known === undefined) this.bytes += ENTRY_BYTES + 2 * key.length
    this.bytes += (kept.length + 1 - (known?.length ?? 0)) * (LIST_BYTES + 8 * this.kinds)
    this.seen.set(key, [...kept, counts])
    return true
  }

  /** Names the set: all that is taken up to a point, and then what is taken beyond, which is little. */
  private set(): string {
    const { taken } = this
    let full = 0
    while (taken[full] === 0xffffffff) full++
    let end = taken.length
    while (end > full && taken[end - 1] === 0) end--
    let key = String(full)
    for (let n = full; n < end; n++) key += ` ${taken[n]?.toString(36)}`
    return key
  }
}

/** What the engine takes for an entry of a map with its list, and for a list in it, measured. */
const ENTRY_BYTES = 120
const LIST_BYTES = 32
