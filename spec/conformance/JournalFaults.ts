import type { Contact } from "../../core/peer/Contact.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import { majority, type Member } from "../journal/Replica.ts"
import type { Climate, Fault } from "./JournalClimate.ts"
import { memberOf } from "./JournalFacts.ts"
import type { Seeded } from "./Seeded.ts"
import type { VirtualJournal } from "./VirtualJournal.ts"
import { virtualPeer } from "./VirtualPeer.ts"

/** Most peers that come in addition to the founders. */
const NEWCOMERS = 3

/** What happens to one peer. */
type Hit = Exclude<Fault, "restart" | "resume" | "reconnect" | "join" | "trap">

/** When such a message is sent next, something happens to one of the two. */
const TRAPS: ReadonlyArray<RingMessage["type"]> = [
  "Append",
  "AppendAck",
  "Prepare",
  "Promise",
  "Accept",
  "Accepted",
  "Install",
  "Pulled",
  "Learned",
  "Retire",
]

/** Whoever lost its disk comes back as another, which has nothing. */
const renewed = (peer: Contact): Contact => ({ ...peer, incarnation: peer.incarnation + 1 })

/** Injects the faults of a walk, one at a time. */
export class JournalFaults {
  /** Kinds that were injected. */
  readonly injected = new Set<Fault>()
  readonly #journal: VirtualJournal
  readonly #random: Seeded
  readonly #weights: ReadonlyMap<Fault, number>
  readonly #paused = new Set<string>()
  /** Whoever does not run and has its disk. */
  readonly #down = new Map<string, Contact>()
  /** Incarnations whose disks are gone. */
  readonly #lost = new Set<Member>()
  /** Whoever was told to leave, and whoever's disk has failed; they may have ended since. */
  readonly #leaving = new Map<string, Contact>()
  readonly #failing = new Map<string, Contact>()
  #newcomers = 0
  #isOver = false
  #trap: { readonly type: RingMessage["type"]; readonly sender: boolean; readonly how: Hit } | null = null

  constructor(journal: VirtualJournal, random: Seeded, climate: Climate) {
    this.#journal = journal
    this.#random = random
    this.#weights = climate.weights
    journal.ring.onSend = (from, to, message) => this.#spring(from, to, message)
  }

  /** One fault, whichever comes up. */
  inject(): void {
    let draw = this.#random.next() * [...this.#weights.values()].reduce((sum, one) => sum + one, 0)
    for (const [fault, weight] of this.#weights) {
      draw -= weight
      if (draw < 0) return this.#do(fault)
    }
  }

  /** No fault from now on: whatever stands still goes on, whatever is down comes back, with its disk if it has one. */
  peace(): void {
    const journal = this.#journal
    this.#isOver = true
    this.#trap = null
    journal.ring.heal()
    journal.skews.clear()
    this.#resume()
    journal.options = {
      ...journal.options,
      slowDisk: [0, 0],
      service: { ...journal.options.service, slow: [0, 0], fatal: 0, unjournaled: 0 },
    }
    for (const name of this.#failing.keys()) this.#replace(name)
    for (const [name, peer] of this.#leaving) {
      if (journal.ring.isAlive(name)) journal.ring.vanish(name)
      this.#down.set(name, peer)
    }
    this.#leaving.clear()
    for (const peer of this.#down.values()) this.#start(peer)
    this.#down.clear()
  }

  #do(fault: Fault): void {
    const { ring } = this.#journal
    const peer = this.#pick(this.#running())
    switch (fault) {
      case "restart":
        return this.#restart()
      case "resume":
        return this.#resume()
      case "reconnect":
        return ring.reconnect()
      case "join":
        return this.#join()
      case "trap": {
        const type = TRAPS[this.#random.below(TRAPS.length)] ?? "Append"
        const how = (["crash", "vanish", "pause", "cut"] as const)[this.#random.below(4)] ?? "crash"
        this.#trap = { type, sender: this.#random.next() < 0.5, how }
        return
      }
      default:
        if (peer === undefined) return
        this.injected.add(fault)
        return this.#hit(fault, peer)
    }
  }

  #hit(fault: Hit, peer: Contact): void {
    const { ring } = this.#journal
    const { name } = peer
    switch (fault) {
      case "crash":
      case "vanish":
        return this.#stop(peer, fault)
      case "everything":
        for (const one of this.#running()) this.#stop(one, "vanish")
        return
      case "wipe":
        if (!this.#mayLose(peer)) return
        this.#stop(peer, "crash")
        this.#down.delete(name)
        this.#lost.add(memberOf(peer))
        this.#journal.loseDisk(peer)
        this.#down.set(name, renewed(peer))
        return
      case "storage":
        if (!this.#mayLose(peer)) return
        this.#lost.add(memberOf(peer))
        this.#journal.failDisk(peer)
        this.#failing.set(name, peer)
        ring.after(this.#random.next() * 3_000, () => this.#replace(name))
        return
      case "pause":
        ring.pause(name)
        this.#paused.add(name)
        return
      case "cut": {
        const other = this.#pick(this.#running().filter((one) => one.name !== name))
        if (other === undefined) return
        ring.cut(name, other.name)
        if (this.#random.next() < 0.5) ring.cut(other.name, name)
        return
      }
      case "split": {
        const names = this.#running().map((one) => one.name)
        const side = new Set(names.filter(() => this.#random.next() < 0.5))
        return ring.partition(
          side,
          names.filter((one) => !side.has(one)),
        )
      }
      case "suspect": {
        const other = this.#pick(this.#running().filter((one) => one.name !== name))
        if (other !== undefined) ring.happen(name, { type: "suspect", peer: other })
        return
      }
      case "leave":
        if (ring.state(name).phase !== "member" || this.#leaving.has(name) || !this.#mayLose(peer)) return
        this.#leaving.set(name, peer)
        return ring.leave(name)
      case "hold":
      case "slow":
      case "jitter":
      case "reset": {
        const other = this.#pick(this.#running().filter((one) => one.name !== name))
        if (other !== undefined) this.#disturb(fault, name, other.name)
        return
      }
      case "skew":
        this.#journal.skews.set(name, (this.#random.next() - 0.5) * 2 * 10 ** (2 + this.#random.below(6)))
        return
      case "clock":
        this.#journal.clockMs += (this.#random.next() - 0.5) * 2 * 10 ** (2 + this.#random.below(6))
        return
      case "service":
        return this.#journal.killService(name)
    }
  }

  #disturb(fault: "hold" | "slow" | "jitter" | "reset", a: string, b: string): void {
    const { ring } = this.#journal
    const [slowMs, jitterMs] = [this.#random.next() * 400, this.#random.next() * 800]
    const isOneWay = this.#random.next() < 0.5
    for (const [from, to] of isOneWay
      ? ([[a, b]] as const)
      : ([
          [a, b],
          [b, a],
        ] as const)) {
      if (fault === "hold") ring.hold(from, to)
      else if (fault === "reset") ring.reset(from, to)
      else ring.slow(from, to, fault === "slow" ? slowMs : 0, fault === "jitter" ? jitterMs : 0)
    }
  }

  #stop(peer: Contact, how: "crash" | "vanish"): void {
    const { ring } = this.#journal
    this.#paused.delete(peer.name)
    // A disk that fails is replaced before its peer is started again: nobody is to do it once more, with an earlier peer.
    this.#failing.delete(peer.name)
    if (how === "crash") ring.kill(peer.name)
    else ring.vanish(peer.name)
    this.#leaving.delete(peer.name)
    this.#down.set(peer.name, this.#lost.has(memberOf(peer)) ? renewed(peer) : peer)
  }

  /** Somebody takes the machine with the failed disk away, and puts another in its place. */
  #replace(name: string): void {
    const peer = this.#failing.get(name)
    if (peer === undefined) return
    this.#failing.delete(name)
    if (this.#journal.ring.isAlive(name)) this.#journal.ring.vanish(name)
    this.#paused.delete(name)
    this.#leaving.delete(name)
    this.#down.set(name, renewed(peer))
  }

  #restart(): void {
    for (const [name, peer] of this.#leaving) {
      if (this.#journal.ring.isAlive(name)) continue
      this.#leaving.delete(name)
      this.#down.set(name, peer)
    }
    const peer = this.#pick([...this.#down.values()])
    if (peer === undefined) return
    this.#down.delete(peer.name)
    this.#start(peer)
  }

  #start(peer: Contact): void {
    const { ring, founders } = this.#journal
    if (ring.isAlive(peer.name)) return
    ring.restart(peer, founders)
    const other = this.#pick(this.#running().filter((one) => one.name !== peer.name))
    if (other !== undefined) ring.meet(peer.name, other)
  }

  #join(): void {
    if (this.#newcomers >= NEWCOMERS) return
    this.injected.add("join")
    this.#start(virtualPeer(50 + this.#newcomers++))
  }

  #resume(): void {
    const { ring } = this.#journal
    for (const name of this.#paused) if (ring.isAlive(name)) ring.resume(name)
    this.#paused.clear()
  }

  #spring(from: Contact, to: Contact, message: RingMessage): void {
    const trap = this.#trap
    if (trap === null || message.type !== trap.type) return
    this.#trap = null
    const victim = trap.sender ? from : to
    const { ring } = this.#journal
    this.injected.add("trap")
    ring.after(this.#random.next() * 2, () => {
      if (this.#isOver || !ring.isAlive(victim.name) || ring.state(victim.name).phase === "leaving") return
      if (trap.how === "cut") ring.cut(from.name, to.name)
      else this.#hit(trap.how, ring.state(victim.name).config.self)
    })
  }

  /**
   * Whether a peer may go for good without a cell losing what it needs (journal.md, Moves): a majority of its present
   * view, of a view that is proposed for the next epoch, and of the one before as long as the present one is not
   * installed at a majority. Whoever is leaving is as good as gone.
   */
  #mayLose(peer: Contact): boolean {
    const lost = new Set([...this.#lost, ...[...this.#leaving.values(), peer].map(memberOf)])
    const survives = (members: ReadonlyArray<Member>): boolean =>
      members.filter((member) => !lost.has(member)).length >= majority(members)
    // Only who was there at genesis founds the ring anew, should all of it be down at once.
    if (this.#journal.founders.every((founder) => lost.has(memberOf(founder)))) return false
    const proposed = this.#journal.ring
      .states()
      .flatMap(({ replicas }) => replicas.map((replica) => replica?.proposing?.proposal?.members ?? []))
    return (
      this.#journal.watches.every(({ history }) => history.inForce().every(survives)) &&
      proposed.every((members) => members.length === 0 || survives(members.map(memberOf)))
    )
  }

  /** Running and not about to leave. */
  #running(): ReadonlyArray<Contact> {
    return this.#journal.ring.states().map((state) => state.config.self)
  }

  #pick(from: ReadonlyArray<Contact>): Contact | undefined {
    return from[this.#random.below(from.length)]
  }
}
