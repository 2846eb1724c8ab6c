/** A running digest of what is told to it, in order: for telling runs apart, against no adversary. */
export class Digest {
  #a = 0x9e3779b9
  #b = 0x85ebca6b
  readonly #words = new Map<string, number>()
  readonly #view = new DataView(new ArrayBuffer(8))

  /** Any number, to its last bit. */
  number(value: number): void {
    // The same on machines of either byte order.
    this.#view.setFloat64(0, value)
    this.#mix(this.#view.getUint32(0) ^ Math.imul(this.#view.getUint32(4), 0x01000193))
  }

  /** One of not too many words. */
  word(text: string): void {
    let hash = this.#words.get(text)
    if (hash === undefined) {
      hash = 0x811c9dc5
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
      this.#words.set(text, hash)
    }
    this.#mix(hash)
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }

  #mix(value: number): void {
    this.#a = Math.imul((this.#a ^ value) + 0x6d2b79f5, 0x21f0aaad)
    this.#a ^= this.#a >>> 15
    this.#b = Math.imul(this.#b ^ value, 0x01000193) + this.#a
    this.#b ^= this.#b >>> 13
  }
}
