/** Something with a buffer that is to be written. */
export interface Corked {
  readonly flush: () => void
}

/**
 * Collects whoever has something to write, and lets them write once: when the chunk that is being read has been dealt
 * with, or else when the code that runs now is done. Writing each message by itself costs seven times as much
 * (performance.md).
 */
export class Cork {
  private waiting: Array<Corked> = []
  private flushing: Array<Corked> = []
  private reading = 0

  /** Lets them write now. */
  readonly flush = (): void => {
    const ready = this.waiting
    this.waiting = this.flushing
    this.flushing = ready
    for (const one of ready) one.flush()
    ready.length = 0
  }

  /** To be called again only after `one` was flushed. */
  add(one: Corked): void {
    if (this.waiting.length === 0 && this.reading === 0) process.nextTick(this.flush)
    this.waiting.push(one)
  }

  /** A chunk is about to be read ... */
  begin(): void {
    this.reading++
  }

  /** ... and has been. */
  end(): void {
    this.reading--
    if (this.reading === 0 && this.waiting.length > 0) this.flush()
  }
}
