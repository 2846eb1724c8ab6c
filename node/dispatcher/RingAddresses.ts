/** Pauses after failed attempts at one address, in ms: doubling from the first to the last. */
const FIRST_PAUSE_MS = 50
const LAST_PAUSE_MS = 2_000

/** Addresses remembered. Any few that live are enough. */
const REMEMBERED = 256

interface Entry {
  failures: number
  /** Not to be tried before, on the caller's clock. */
  notBefore: number
  taken: boolean
}

/** The ring addresses worth dialling: which are in use, and which failed lately. */
export class RingAddresses {
  private readonly entries = new Map<string, Entry>()

  /** An address heard of; one already known stays as it is. */
  add(address: string): void {
    if (this.entries.has(address)) return
    if (this.entries.size >= REMEMBERED && !this.dropWorst()) return
    this.entries.set(address, { failures: 0, notBefore: 0, taken: false })
  }

  /**
   * Takes one of the addresses that have failed least and may be tried now.
   *
   * @param chance in [0, 1): which of several, so that dispatchers spread over the peers.
   */
  take(now: number, chance: number): string | undefined {
    let best: Array<[string, Entry]> = []
    for (const [address, entry] of this.entries) {
      if (entry.taken || entry.notBefore > now) continue
      const least = best[0]?.[1].failures ?? Number.POSITIVE_INFINITY
      if (entry.failures < least) best = [[address, entry]]
      else if (entry.failures === least) best.push([address, entry])
    }
    const chosen = best[Math.floor(chance * best.length)]
    if (chosen === undefined) return undefined
    chosen[1].taken = true
    return chosen[0]
  }

  /** The address served well; it may be taken again. */
  release(address: string): void {
    const entry = this.entries.get(address)
    if (entry !== undefined) Object.assign(entry, { taken: false, failures: 0 })
  }

  /** Nobody of use is there at present. */
  fail(address: string, now: number): void {
    const entry = this.entries.get(address)
    if (entry === undefined) return
    entry.taken = false
    entry.notBefore = now + Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.failures)
    entry.failures++
  }

  private dropWorst(): boolean {
    let worst: string | undefined
    let failures = 0
    for (const [address, entry] of this.entries) {
      if (!entry.taken && entry.failures > failures) {
        worst = address
        failures = entry.failures
      }
    }
    return worst !== undefined && this.entries.delete(worst)
  }
}
