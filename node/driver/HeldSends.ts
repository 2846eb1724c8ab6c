/**
 * What may leave only when the writes it rests on are durable, in the order in which it was given. Numbers of writes
 * only grow, so nothing that is held waits for less than what came before it.
 */
export class HeldSends<A> {
  private readonly leave: (send: A) => void
  private durable = 0
  private held: Array<{ readonly after: number; readonly send: A }> = []

  constructor(leave: (send: A) => void) {
    this.leave = leave
  }

  /** Lets `send` go when the writes up to number `after` are durable: now, or later. */
  add(send: A, after: number): void {
    if (after <= this.durable && this.held.length === 0) this.leave(send)
    else this.held.push({ after, send })
  }

  /** The writes up to number `upTo` are durable: whatever waited for no more than that leaves, all at once. Whether anything did. */
  release(upTo: number): boolean {
    this.durable = Math.max(this.durable, upTo)
    const still = this.held.findIndex(({ after }) => after > this.durable)
    const ready = this.held.splice(0, still === -1 ? this.held.length : still)
    for (const { send } of ready) this.leave(send)
    return ready.length > 0
  }
}
