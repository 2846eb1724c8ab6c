import type { Contact } from "../../core/peer/Contact.ts"
import { LOOKUP_TRIES, RETRY_TICKS } from "../../core/peer/PeerState.ts"
import type { Claim } from "../ring/invariants/Claim.ts"
import { snapshotOf } from "./Abstraction.ts"
import { acquainted } from "./Acquaintance.ts"
import { fingersAreExact, flaws } from "./Ideal.ts"
import { type Seeded, seeded } from "./Seeded.ts"
import { lookUpSettled } from "./SettledLookups.ts"
import { drawId, virtualPeer, virtualPeers } from "./VirtualPeer.ts"
import { VirtualRing } from "./VirtualRing.ts"

/**
 * How bad it gets. `mild` stays within what the ring's proof assumes: one fault at a time, noticed at once, the
 * network perfect. `rough` adds loss, duplication, reordering and peers that stand still, so that the living are
 * suspected. `wild` adds partitions and the loss of half the ring in one moment: more than the ring promises to
 * survive, but not more than it should recover from.
 */
export type Weather = "mild" | "rough" | "wild"

export interface ChurnReport {
  /** Everything that went wrong, a line each. */
  readonly problems: ReadonlyArray<string>
  readonly founders: number
  readonly members: number
  /** Virtual ms from the end of all faults until the ring was ideal. */
  readonly idealAfterMs: number
  readonly lookups: number
  readonly givenUp: number
  /** Lookup messages sent after the hop budget was used up. */
  readonly walked: number
  readonly worstHops: number
}

/** Virtual ms within which a ring must be ideal again after the last fault. */
export const HEAL_MS: Readonly<Record<Weather, number>> = { mild: 2000, rough: 10_000, wild: 30_000 }

/** Virtual ms within which all fingers of an ideal ring are exact. */
const FINGERS_MS = 20_000

const FAULTS = 30
const LOOKUPS_PER_FAULT = 5

/** One campaign: founding, thirty faults with lookups between them, then peace. The same seed, the same campaign. */
export const churn = (seed: number, weather: Weather, claims: ReadonlyArray<Claim> = []): ChurnReport => {
  const random = seeded(seed)
  const size = 5 + random.below(28)
  const listLength = weather !== "mild" ? 2 + random.below(3) : size < 7 ? 2 : 4
  const ring = new VirtualRing({
    seed,
    successors: listLength,
    latencyMs: weather === "mild" ? [0.3, 2] : [0.3, 40],
    loss: weather === "mild" ? 0 : random.next() * 0.1,
    duplication: weather === "mild" ? 0 : 0.05,
  })
  const problems: Array<string> = []
  const founders = virtualPeers(size)
  const campaign = new Campaign(ring, random, founders, weather)
  ring.found(founders)
  ring.run(500)

  ring.onTrace = () => {
    if (claims.length === 0) return
    const snapshot = snapshotOf(ring.states())
    for (const claim of claims) {
      const problem = claim(snapshot)
      if (problem !== undefined) problems.push(`at ${ring.now.toFixed(1)} ms: ${problem}`)
    }
  }
  for (let fault = 0; fault < FAULTS; fault++) {
    campaign.fault()
    campaign.lookUp(LOOKUPS_PER_FAULT)
    ring.run(weather === "mild" ? 700 : random.below(1500))
  }

  campaign.peace()
  const idealAfterMs = ring.runUntil(() => campaign.flaws().length === 0, HEAL_MS[weather])
  if (idealAfterMs === undefined) problems.push(...campaign.flaws().slice(0, 5))
  ring.run((LOOKUP_TRIES + 1) * RETRY_TICKS * ring.options.tickMs)
  const answers = campaign.answers()
  problems.push(...answers.problems)
  if (idealAfterMs !== undefined) problems.push(...campaign.wrongOwners())
  return {
    problems,
    founders: size,
    members: ring.states().length,
    idealAfterMs: idealAfterMs ?? Number.NaN,
    ...answers.report,
    walked: campaign.walked,
  }
}

class Campaign {
  walked = 0
  readonly #ring: VirtualRing
  readonly #random: Seeded
  readonly #founders: ReadonlyArray<Contact>
  readonly #weather: Weather
  readonly #paused = new Set<string>()
  readonly #gone: Array<Contact> = []
  readonly #asked: Array<{ readonly token: number; readonly at: string; readonly life: number }> = []
  #next: number
  #largest: number

  constructor(ring: VirtualRing, random: Seeded, founders: ReadonlyArray<Contact>, weather: Weather) {
    this.#ring = ring
    this.#random = random
    this.#founders = founders
    this.#weather = weather
    this.#next = founders.length
    this.#largest = founders.length
    ring.onSend = (_from, _to, message) => {
      if (message.type === "Lookup" && message.budget === 0) this.walked++
    }
  }

  fault(): void {
    const ring = this.#ring
    const live = this.#live()
    const pick = (): Contact => this.#pick(live)
    const spare = live.length > ring.options.successors + 3
    const rough = this.#weather !== "mild"
    const draw = this.#random.next()
    if (draw < 0.25) ring.join(virtualPeer(this.#next++), [pick(), pick()])
    else if (draw < 0.32) this.#restart()
    else if (draw < 0.5 && spare) this.#kill(pick())
    else if (draw < 0.6 && spare) {
      const leaver = pick()
      ring.leave(leaver.name)
      this.#gone.push(leaver)
    } else if (rough && draw < 0.7 && spare) {
      const { name } = pick()
      ring.pause(name)
      this.#paused.add(name)
    } else if (rough && draw < 0.8) this.#resume()
    else if (this.#weather === "wild" && draw < 0.88) {
      const names = live.map((peer) => peer.name)
      const side = new Set(names.filter(() => this.#random.next() < 0.5))
      ring.partition(
        side,
        names.filter((name) => !side.has(name)),
      )
    } else if (this.#weather === "wild" && draw < 0.92 && live.length > 8) {
      for (const peer of live.slice(0, live.length / 2)) this.#kill(peer)
    } else ring.reconnect()
    this.#largest = Math.max(this.#largest, ring.states().length)
  }

  lookUp(count: number): void {
    for (let i = 0; i < count; i++) {
      const { name } = this.#pick(this.#live())
      this.#asked.push({
        token: this.#ring.find(name, drawId(this.#random)),
        at: name,
        life: this.#ring.life(name),
      })
    }
  }

  /** No fault from now on. */
  peace(): void {
    this.#resume()
    this.#ring.heal()
  }

  /** What keeps each ring that can still be formed from being ideal. */
  flaws(): ReadonlyArray<string> {
    return acquainted(this.#ring.states()).flatMap(flaws)
  }

  answers(): {
    readonly problems: ReadonlyArray<string>
    readonly report: Pick<ChurnReport, "lookups" | "givenUp" | "worstHops">
  } {
    const problems: Array<string> = []
    let givenUp = 0
    let worstHops = 0
    for (const { token, at, life } of this.#asked) {
      const answer = this.#ring.answer(token)
      const stillThere = this.#ring.isAlive(at) && this.#ring.life(at) === life
      if (answer === undefined && stillThere) problems.push(`lookup ${token} at ${at} was never answered`)
      if (answer?.owner === null) givenUp++
      if (answer?.owner) worstHops = Math.max(worstHops, answer.hops)
    }
    const budget = 2 * Math.ceil(Math.log2(this.#largest)) + this.#ring.options.successors
    const bound = this.#weather === "mild" ? budget : budget + this.#largest
    if (this.#weather === "mild" && this.walked > 0)
      problems.push(`${this.walked} times a lookup walked successors`)
    if (worstHops > bound) problems.push(`a lookup took ${worstHops} hops, more than ${bound}`)
    return { problems, report: { lookups: this.#asked.length, givenUp, worstHops } }
  }

  /** What lookups from everywhere find wrong once all fingers are exact. */
  wrongOwners(): ReadonlyArray<string> {
    const ring = this.#ring
    ring.runUntil(() => acquainted(ring.states()).every(fingersAreExact), FINGERS_MS)
    return acquainted(ring.states()).flatMap((states) => lookUpSettled(ring, 2, states).problems)
  }

  #live(): ReadonlyArray<Contact> {
    return this.#ring
      .states()
      .map((state) => state.config.self)
      .filter((peer) => !this.#paused.has(peer.name))
  }

  #pick(from: ReadonlyArray<Contact>): Contact {
    const peer = from[this.#random.below(from.length)]
    if (peer === undefined) throw new RangeError("nobody to choose from")
    return peer
  }

  #kill(peer: Contact): void {
    this.#ring.kill(peer.name)
    this.#gone.push(peer)
  }

  /** Somebody who was killed or left comes back with the same identity, or with a new one after its disk was lost. */
  #restart(): void {
    const [peer] = this.#gone.splice(this.#random.below(this.#gone.length), 1)
    if (peer === undefined || this.#ring.isAlive(peer.name)) return
    const lostDisk = this.#random.next() < 0.3
    const seed = this.#pick(this.#live())
    this.#ring.restart({ ...peer, incarnation: peer.incarnation + (lostDisk ? 1 : 0) }, this.#founders)
    // All founders may be gone for good; then only a seed leads to the ring.
    this.#ring.meet(peer.name, seed)
  }

  #resume(): void {
    for (const name of this.#paused) if (this.#ring.isAlive(name)) this.#ring.resume(name)
    this.#paused.clear()
  }
}
