/** Something with deadlines of its own. */
export interface Swept {
  /** Called about every tick; `now` is the sweep's clock. */
  onTick(now: number): void
}

/**
 * One timer for all deadlines of a process's HTTP sockets. Deadlines here are tens of milliseconds and more, and
 * nearly none ever passes: looking at all of them now and then costs less than setting and clearing a timer each.
 */
export class Sweep {
  /** The clock at the last tick: late by a tick at most, and free. Monotonic, in ms. */
  coarse: number = performance.now()
  private readonly members = new Set<Swept>()
  private readonly tickMs: number
  private timer: NodeJS.Timeout | undefined

  /** @param tickMs how late a deadline may be noticed, in ms. */
  constructor(tickMs: number) {
    this.tickMs = tickMs
  }

  /** The clock now, in ms. */
  now(): number {
    return performance.now()
  }

  add(member: Swept): void {
    this.members.add(member)
    if (this.timer !== undefined) return
    this.coarse = this.now()
    this.timer = setInterval(() => this.tick(), this.tickMs)
  }

  delete(member: Swept): void {
    if (!this.members.delete(member) || this.members.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private tick(): void {
    const now = this.now()
    this.coarse = now
    for (const member of this.members) member.onTick(now)
  }
}
