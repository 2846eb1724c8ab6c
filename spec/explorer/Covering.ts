import { Growing } from "./Growing.ts"

/**
 * Of each fingerprint the largest surpluses met with it (System.ts, surplus): together they cover every other.
 *
 * This is how coverability is decided for systems that never mind having more (P. A. Abdulla, K. Cerans, B. Jonsson,
 * Y.-K. Tsay, "General decidability theorems for infinite-state systems", LICS 1996), here forwards, since the states are
 * finitely many.
 */
export class Covering {
  /** By fingerprint the latest of its surpluses, and by surplus the one before it; plus one, 0 where there is none. */
  readonly #latest = new Growing((n) => new Uint32Array(n))
  readonly #before = new Growing((n) => new Uint32Array(n))
  /** Of all surpluses, one after the other; and by surplus where its numbers begin, and end where those of the next do. */
  readonly #numbers = new Growing((n) => new Float64Array(n))
  readonly #starts = new Growing((n) => new Float64Array(n))
  /** By surplus a bit for each of its numbers: what has a bit that another lacks is no part of it. */
  readonly #bits = new Growing((n) => new Int32Array(n))

  constructor() {
    this.#starts.push(0)
  }

  /**
   * Whether nothing that was met with this fingerprint covers the surplus at [from, to) of `numbers`. It is kept then, and
   * those that it covers are forgotten.
   *
   * @param fingerprint its number; they are met in order, from 0 on.
   */
  admits(fingerprint: number, numbers: Float64Array, from: number, to: number): boolean {
    if (fingerprint === this.#latest.length) this.#latest.push(0)
    const surplus = this.#keep(numbers, from, to)
    const first = this.#latest.at(fingerprint)
    for (let one = first; one !== 0; one = this.#before.at(one - 1))
      if (this.#covers(one - 1, surplus)) return this.#forget(surplus)
    let last = surplus
    for (let one = first; one !== 0; one = this.#before.at(one - 1)) {
      if (this.#covers(surplus, one - 1)) continue
      this.#before.put(last, one)
      last = one - 1
    }
    this.#before.put(last, 0)
    this.#latest.put(fingerprint, surplus + 1)
    return true
  }

  #keep(numbers: Float64Array, from: number, to: number): number {
    let bits = 0
    for (let at = from; at < to; at++) {
      const number = numbers[at] ?? 0
      bits |= 1 << (number % 32)
      this.#numbers.push(number)
    }
    this.#starts.push(this.#numbers.length)
    this.#bits.push(bits)
    this.#before.push(0)
    return this.#before.length - 1
  }

  #forget(surplus: number): false {
    this.#numbers.cut(this.#starts.at(surplus))
    this.#starts.cut(surplus + 1)
    this.#bits.cut(surplus)
    this.#before.cut(surplus)
    return false
  }

  /** Whether one surplus has all that another has, each number as often. */
  #covers(one: number, other: number): boolean {
    if ((this.#bits.at(other) & ~this.#bits.at(one)) !== 0) return false
    let at = this.#starts.at(one)
    const end = this.#starts.at(one + 1)
    const to = this.#starts.at(other + 1)
    for (let from = this.#starts.at(other); from < to; from++, at++) {
      const wanted = this.#numbers.at(from)
      while (at < end && this.#numbers.at(at) < wanted) at++
      if (at >= end || this.#numbers.at(at) !== wanted) return false
    }
    return true
  }
}
