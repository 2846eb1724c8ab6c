import type { Contact } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import { initial, step } from "../../core/peer/Peer.ts"
import type { FindResult } from "../../core/peer/Message.ts"
import { type PeerState, RETRY_TICKS } from "../../core/peer/PeerState.ts"
import { fromBigInt, type RingId, toBigInt } from "../../core/ring/RingId.ts"
import type { RingEvent } from "../ring/RingEvent.ts"
import type { Snapshot } from "../ring/Snapshot.ts"
import { snapshotOf } from "./Abstraction.ts"

/** What came of a lookup: its answer, and how often each peer sent it on. */
interface Told {
  found: FindResult | null
  readonly sent: Map<number, number>
}

/** Chooses one of so many: a whole number in [0, bound). */
export type Choose = (bound: number) => number

/** The peer whose ring id is `id`. */
export const peerAt = (id: number): Contact => ({
  id: fromBigInt(BigInt(id)),
  incarnation: 1,
  name: String(id),
  ring: `r${id}:1`,
  http: `h${id}:1`,
})

/**
 * A few peers that run the shipped `step`, driven one event at a time as the lists of ring.md are written: no time,
 * no loss, every message delivered before the next event. Nobody notices a death unless the list says so.
 */
export class HandRing {
  readonly #states = new Map<number, PeerState>()
  readonly #mail: Array<{ readonly to: number; readonly event: Event }> = []
  readonly #successors: number
  readonly #choose: Choose
  #told: Told = { found: null, sent: new Map() }

  /**
   * @param successors L.
   * @param choose picks the member that a newcomer asks, and which message is delivered next.
   */
  constructor(successors: number, choose: Choose = () => 0) {
    this.#successors = successors
    this.#choose = choose
  }

  /** Starts the peer that founds the ring. */
  found(id: number): void {
    this.#start(id, true)
    this.#settle()
  }

  /**
   * One event of a list. Reconcile is part of our stabilize, so R is another S.
   *
   * @throws RangeError when it happens to a peer that is not there, or when a newcomer is not let in.
   */
  happen({ kind, at }: RingEvent): void {
    if (kind === "J") this.#join(at)
    else if (kind === "F") this.#states.delete(at)
    else if (kind === "S" || kind === "R") this.#give(at, { type: "tick", lateMs: 0 })
    else {
      const { successors, predecessor } = this.state(at)
      const lost = kind === "U" ? successors[0] : predecessor
      const isDead = !this.#states.has(Number(lost.name))
      if (isDead) this.#give(at, { type: "suspect", peer: lost })
    }
    this.#settle()
  }

  isRunning(id: number): boolean {
    return this.#states.has(id)
  }

  state(id: number): PeerState {
    const state = this.#states.get(id)
    if (state === undefined) throw new RangeError(`no peer ${id} is running`)
    return state
  }

  /** States of all that run, by increasing id. */
  states(): ReadonlyArray<PeerState> {
    return [...this.#states].toSorted(([a], [b]) => a - b).map(([, state]) => state)
  }

  snapshot(): Snapshot {
    return snapshotOf(this.states(), (id) => Number(toBigInt(id)))
  }

  /**
   * Looks the owner of `key` up from a member; null where nobody says who it is.
   *
   * @returns `sent`: most messages that one peer sent on for it
   */
  lookup(
    id: number,
    key: RingId,
  ): { readonly owner: number | null; readonly hops: number; readonly sent: number } {
    const told: Told = { found: null, sent: new Map() }
    this.#told = told
    this.#give(id, { type: "find", token: 1, key, trace: false })
    this.#settle()
    const owner = told.found?.owner ?? null
    return {
      owner: owner === null ? null : Number(owner.name),
      hops: told.found?.hops ?? 0,
      sent: Math.max(0, ...told.sent.values()),
    }
  }

  #start(id: number, founding: boolean): void {
    const self = peerAt(id)
    const founders = founding ? [self] : []
    const timing = { tickMs: 100, suspectTicks: 1_000_000, journal: null }
    this.#states.set(
      id,
      initial({ self, founders, founding, successors: this.#successors, cells: 1, ...timing }),
    )
    this.#give(id, { type: "started" })
  }

  #join(id: number): void {
    const members = this.states().filter((state) => state.phase === "member")
    const through = members[this.#choose(members.length)]?.config.self
    this.#start(id, false)
    if (through) this.#give(id, { type: "seed", peer: through })
    for (let i = 0; i < RETRY_TICKS && this.state(id).phase === "joining"; i++) {
      this.#give(id, { type: "tick", lateMs: 0 })
      this.#settle()
    }
    if (this.state(id).phase !== "member") throw new RangeError(`${id} was not let in by ${through?.name}`)
  }

  #settle(): void {
    for (;;) {
      const [next] = this.#mail.splice(this.#choose(this.#mail.length), 1)
      if (next === undefined) return
      if (this.#states.has(next.to)) this.#give(next.to, next.event)
    }
  }

  #give(id: number, event: Event): void {
    const { state, commands } = step(this.state(id), event)
    this.#states.set(id, state)
    for (const command of commands) {
      if (command.type === "found") this.#told.found = command.result
      if (command.type !== "send") continue
      const { to, message } = command
      if (message.type === "Lookup") this.#told.sent.set(id, (this.#told.sent.get(id) ?? 0) + 1)
      this.#mail.push({ to: Number(to.name), event: { type: "message", from: state.config.self, message } })
    }
  }
}
