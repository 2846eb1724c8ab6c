import type { Contact } from "../../../core/peer/Contact.ts"
import type { VirtualJournal } from "../VirtualJournal.ts"
import { virtualPeer } from "../VirtualPeer.ts"

/**
 * The verbs of campaigns (chaos.md, The verbs), done to a simulated ring: what a plan does to real processes it can do
 * to this one. Peers are named as in plans, `p0`, `p1`, ...; who does not run, or runs already, is left as it is.
 */
export class SimulatedFaults {
  readonly #journal: VirtualJournal
  readonly #down = new Map<string, Contact>()
  readonly #paused = new Set<string>()

  constructor(journal: VirtualJournal) {
    this.#journal = journal
  }

  /** Names of all that run. */
  running(): ReadonlyArray<string> {
    return this.#journal.ring.states().map(({ config }) => config.self.name)
  }

  /** kill -9. */
  kill(name: string): void {
    const { ring } = this.#journal
    if (!ring.isAlive(name)) return
    this.#down.set(name, ring.state(name).config.self)
    this.#paused.delete(name)
    ring.kill(name)
  }

  /** Starts a peer that was killed, wiped or torn, or has left, on what its disk has. */
  restart(name: string): void {
    const { founders, ring } = this.#journal
    const peer = this.#down.get(name)
    if (peer === undefined || ring.isAlive(name)) return
    this.#down.delete(name)
    const [other] = this.running()
    ring.restart(peer, founders)
    if (other !== undefined) ring.meet(name, ring.state(other).config.self)
  }

  pause(name: string): void {
    const { ring } = this.#journal
    if (!ring.isAlive(name)) return
    ring.pause(name)
    this.#paused.add(name)
  }

  resume(name: string): void {
    const { ring } = this.#journal
    if (this.#paused.delete(name) && ring.isAlive(name)) ring.resume(name)
  }

  /** Kills it, and its disk is gone: it comes back as another incarnation. */
  wipe(name: string): void {
    this.kill(name)
    const peer = this.#down.get(name)
    if (peer === undefined) return
    this.#journal.loseDisk(peer)
    this.#down.set(name, { ...peer, incarnation: peer.incarnation + 1 })
  }

  /** Kills it while it writes: of what was not flushed the disk keeps some, as the seed has it. */
  tear(name: string): void {
    const journal = this.#journal
    const { torn } = journal.options
    journal.options = { ...journal.options, torn: 1 }
    this.kill(name)
    journal.options = { ...journal.options, torn }
  }

  /** A newcomer comes. */
  join(name: string): void {
    const { ring } = this.#journal
    if (!ring.isAlive(name) && !this.#down.has(name)) this.#down.set(name, virtualPeer(Number(name.slice(1))))
    this.restart(name)
  }

  /** A graceful leave; it may be started again. */
  leave(name: string): void {
    const { ring } = this.#journal
    if (!ring.isAlive(name)) return
    this.#down.set(name, ring.state(name).config.self)
    ring.leave(name)
  }

  /** Nothing gets through in either direction. */
  cut(a: string, b: string): void {
    this.cutOneWay(a, b)
    this.cutOneWay(b, a)
  }

  cutOneWay(from: string, to: string): void {
    this.#journal.ring.cut(from, to)
  }

  /** What is said in either direction arrives when the link is healed. */
  hold(a: string, b: string): void {
    this.#journal.ring.hold(a, b)
    this.#journal.ring.hold(b, a)
  }

  /** What is said in either direction takes so many ms longer. */
  slow(a: string, b: string, ms: number): void {
    this.jitter(a, b, 0, ms)
  }

  /** What is said in either direction takes up to `ms` longer, beside what it takes longer anyway. */
  jitter(a: string, b: string, ms: number, slowMs = 0): void {
    this.#journal.ring.slow(a, b, slowMs, ms)
    this.#journal.ring.slow(b, a, slowMs, ms)
  }

  /** The connections between the two break. */
  reset(a: string, b: string): void {
    this.#journal.ring.reset(a, b)
    this.#journal.ring.reset(b, a)
  }

  /** Nothing befalls the link between the two any more. */
  heal(a: string, b: string): void {
    this.#journal.ring.mend(a, b)
    this.#journal.ring.mend(b, a)
  }

  /** The peer's clock is so many ms ahead, or behind if negative. */
  skew(name: string, ms: number): void {
    this.#journal.skews.set(name, ms)
  }

  /** Everything is undone: links are whole, clocks right, and all that are paused or down run again. */
  peace(): void {
    const { ring, skews } = this.#journal
    ring.heal()
    skews.clear()
    for (const name of this.#paused) this.resume(name)
    for (const [name, peer] of this.#down) {
      // A peer that is told to leave and has not yet ended comes back all the same.
      if (ring.isAlive(name)) ring.vanish(name)
      this.#down.set(name, peer)
      this.restart(name)
    }
  }
}
