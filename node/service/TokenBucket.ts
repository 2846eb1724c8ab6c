/** A limit on a rate that lets short bursts pass: so many tokens at once, refilled at a steady pace. */
export class TokenBucket {
  readonly #most: number
  readonly #perSecond: number
  #left: number
  #at: number

  /** @param now in ms, as in every call; it never goes back */
  constructor(most: number, perSecond: number, now: number) {
    this.#most = most
    this.#perSecond = perSecond
    this.#left = most
    this.#at = now
  }

  /** How many are there; below 0 after more was taken than that. */
  left(now: number): number {
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    return this.#left
  }

  /** Takes `count`, whether they are there or not. */
  take(count: number): void {
    this.#left -= count
  }

  /** How many ms it takes until `count` are there, 0 if they are. */
  until(count: number, now: number): number {
    return (Math.max(0, count - this.left(now)) * 1000) / this.#perSecond
  }
}
