/** Something with a buffer that is to be written. */
export interface Corked {
  readonly flush: () => void
}

/**
 * Collects whoever has something to write in this tick, and lets them write once, when the code that runs now is done.
 * Writing each message by itself costs seven times as much (performance.md).
 */
export class Cork {
  private waiting = new Set<Corked>()

  private readonly flushAll = (): void => {
    const ready = this.waiting
    this.waiting = new Set()
    for (const one of ready) one.flush()
  }

  add(one: Corked): void {
    if (this.waiting.size === 0) process.nextTick(this.flushAll)
    this.waiting.add(one)
  }
}
