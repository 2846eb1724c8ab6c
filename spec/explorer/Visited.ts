import { Growing } from "./Growing.ts"

/**
 * Fingerprints met so far, numbered in the order in which they were met; of each no more is kept than its hash, some
 * sixteen bytes, so that tens of millions fit.
 */
export class Visited {
  readonly #highs = new Growing((n) => new Int32Array(n))
  readonly #lows = new Growing((n) => new Int32Array(n))
  /** Open addressing: the number plus one, 0 where there is none; at most half full. */
  #slots = new Uint32Array(256)

  get size(): number {
    return this.#highs.length
  }

  /** The number of what has this hash. It is new exactly when the number is the `size` there was before. */
  add(high: number, low: number): number {
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
    if (2 * this.size > this.#slots.length) this.#grow()
    return index
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
