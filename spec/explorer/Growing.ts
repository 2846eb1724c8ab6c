type Words = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** A list of numbers that grows, a few bytes each. */
export class Growing<W extends Words> {
  #words: W
  readonly #make: (length: number) => W
  #length = 0

  /** @param make an empty array of that length, like `(n) => new Uint8Array(n)`; its type bounds the numbers. */
  constructor(make: (length: number) => W) {
    this.#make = make
    this.#words = make(64)
  }

  get length(): number {
    return this.#length
  }

  at(index: number): number {
    return this.#words[index] ?? 0
  }

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const larger = this.#make(2 * this.#length)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[this.#length++] = word
  }

  /** Replaces what was pushed. */
  put(index: number, word: number): void {
    this.#words[index] = word
  }

  /** Takes back what was pushed last, so that `length` words are left. */
  cut(length: number): void {
    this.#length = length
  }
}
