/**
 * What the clients of a shop know of their sessions, and where that does not fit what the shop tells them. Each client
 * has counters that its own requests raise by one; an answer acknowledges one step, a request without an answer may
 * have been applied or not.
 */
export class SessionLedger {
  private readonly clients = new Map<string, Map<string, Counter>>()
  private readonly lostState = new Set<string>()
  private lost = 0
  private twice = 0

  /**
   * A good answer says that `counter` of `client` is at `seen`.
   *
   * @param raised whether the request that it answers was to raise it by one
   */
  answered(client: string, counter: string, seen: number, raised: boolean): void {
    const known = this.counter(client, counter)
    const least = known.acknowledged + (raised ? 1 : 0)
    const most = least + known.unknown
    if (seen < least) {
      this.lostState.add(client)
      this.lost += least - seen
    }
    if (seen > most) this.twice += seen - most
    known.acknowledged = seen
    known.unknown = 0
  }

  /** A request of `client` that was to raise `counter` by one got no good answer. */
  failed(client: string, counter: string): void {
    this.counter(client, counter).unknown++
  }

  verdict(): SessionVerdict {
    return { clientsThatLostState: this.lostState.size, updatesLost: this.lost, appliedTwice: this.twice }
  }

  private counter(client: string, name: string): Counter {
    let counters = this.clients.get(client)
    if (counters === undefined) this.clients.set(client, (counters = new Map()))
    let found = counters.get(name)
    if (found === undefined) counters.set(name, (found = { acknowledged: 0, unknown: 0 }))
    return found
  }
}

/** What became of the sessions, as their clients can tell. */
export interface SessionVerdict {
  readonly clientsThatLostState: number
  /** Acknowledged steps that a later answer knew nothing of. */
  readonly updatesLost: number
  /** Steps that nobody took. */
  readonly appliedTwice: number
}

interface Counter {
  /** As of the last good answer. */
  acknowledged: number
  /** Steps since then that may have been applied or not. */
  unknown: number
}
