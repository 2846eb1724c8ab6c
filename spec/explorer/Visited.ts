import { Growing } from "./Growing.ts"

/**
 * The states met so far, numbered in the order in which they were found: of each no more is kept than its hash and how
 * it was reached, some thirty bytes, so that tens of millions fit.
 */
export class Visited {
  readonly #highs = new Growing((n) => new Int32Array(n))
  readonly #lows = new Growing((n) => new Int32Array(n))
  readonly #parents = new Growing((n) => new Uint32Array(n))
  readonly #choices = new Growing((n) => new Uint16Array(n))
  /** Open addressing: the number of the state plus one, 0 where there is none; at most half full. */
  #slots = new Uint32Array(256)

  get size(): number {
    return this.#highs.length
  }

  /**
   * The number of the state with this hash; a new one is added, as what follows `parent` when the action at index
   * `choice` of its actions happens. It is new exactly when the number is the `size` there was before.
   */
  add(high: number, low: number, parent: number, choice: number): number {
    const mask = this.#slots.length - 1
    let at = (low ^ (high >>> 7)) & mask
    for (;;) {
      const found = (this.#slots[at] ?? 0) - 1
      if (found < 0) break
      if (this.#lows.at(found) === low && this.#highs.at(found) === high) return found
      at = (at + 1) & mask
    }
    const index = this.size
    this.#slots[at] = index + 1
    this.#highs.push(high)
    this.#lows.push(low)
    this.#parents.push(parent)
    this.#choices.push(choice)
    if (2 * this.size > this.#slots.length) this.#grow()
    return index
  }

  /**
   * How state `index` was first reached: the index of an initial state, then that of the action chosen in each state
   * on the way. No way is shorter.
   *
   * @param initials how many of the first numbers are initial states, their own parents.
   */
  way(index: number, initials: number): ReadonlyArray<number> {
    const choices: Array<number> = []
    let at = index
    for (; at >= initials; at = this.#parents.at(at)) choices.push(this.#choices.at(at))
    return [this.#choices.at(at), ...choices.toReversed()]
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length)
    const mask = this.#slots.length - 1
    for (let index = 0; index < this.size; index++) {
      let at = (this.#lows.at(index) ^ (this.#highs.at(index) >>> 7)) & mask
      while (this.#slots[at] !== 0) at = (at + 1) & mask
      this.#slots[at] = index + 1
    }
  }
}
