import type { Contact } from "../../core/peer/Contact.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import type { Sha256 } from "../../core/replication/Chain.ts"
import type { Replica } from "../../core/replication/Replica.ts"
import { isMember } from "../../core/replication/View.ts"
import { shownIn } from "../journal/Service.ts"
import { VirtualJournal } from "./VirtualJournal.ts"
import { virtualPeers } from "./VirtualPeer.ts"
import { LOOK } from "./VirtualService.ts"

/** A message on its way that was stopped. */
export interface Held {
  readonly from: Contact
  readonly to: Contact
  readonly message: RingMessage
}

type Which = (held: Held) => boolean

const utf8 = new TextEncoder()
const text = new TextDecoder()

/**
 * One cell on a calm ring, whose messages somebody stops and lets go as a schedule demands. Every promise of the journal
 * is held against every step, as in walks.
 */
export class StagedJournal {
  readonly journal: VirtualJournal
  /** Members of the cell's first view: its leader, and the two others. */
  readonly leader: Contact
  readonly second: Contact
  readonly third: Contact
  /** What was answered, by id. */
  readonly answers = new Map<string, string>()
  readonly #held: Array<Held> = []
  readonly #asked = new Map<
    number,
    { readonly client: string; readonly id: string; readonly look: boolean }
  >()
  #stops: Which = () => false
  #next = 1

  /** @param standby as in JournalConfig */
  constructor(sha256: Sha256 | undefined, standby: "warm" | "cold" = "cold") {
    this.journal = new VirtualJournal(
      {
        ring: { seed: 1, tickMs: 100 },
        cells: 1,
        journal: {
          replicas: 3,
          standby,
          sessionState: "any",
          sessionEntries: 1_000,
          sessionBytes: 2 ** 20,
          idleMs: 1e15,
          replays: 1,
        },
        diskMs: [0.1, 0.2],
        slowDisk: [0, 0],
        torn: 0,
        service: {
          startMs: [1, 2],
          runMs: [0.1, 0.2],
          slow: [0, 0],
          unjournaled: 0,
          fatal: 0,
          stateInCookies: false,
        },
        ...(sha256 === undefined ? {} : { sha256 }),
      },
      virtualPeers(3),
    )
    const { ring } = this.journal
    ring.passes = (from, to, message) => {
      const held = { from, to, message }
      if (!this.#stops(held)) return true
      this.#held.push(held)
      return false
    }
    this.journal.onReply = (peer, token, reply) => {
      const asked = this.#asked.get(token)
      if (asked === undefined || reply.type !== "response") return
      const response = text.decode(reply.response)
      this.answers.set(asked.id, response)
      const length = this.journal.lengthAt(peer, 0, asked.client, asked.id)
      if (asked.look) this.#see({ type: "looked", token, shown: shownIn(response), length })
      else if (reply.entry !== null) {
        this.#see({ type: "answered", client: asked.client, id: asked.id, entry: reply.entry, response })
      }
    }
    ring.run(500)
    const view = this.#replicaOf(ring.states()[0]?.config.self.name ?? "")?.record.view ?? []
    const [leader, second, third] = view
    if (leader === undefined || second === undefined || third === undefined)
      throw new Error("no view of three")
    this.leader = leader
    this.second = second
    this.third = third
  }

  /** From now on these messages are stopped, and no others. */
  stop(which: Which): void {
    this.#stops = which
  }

  /** Stops what is said of the cell to or from that peer. */
  isolate(peer: Contact): Which {
    return ({ from, to, message }) => "cell" in message && (from.name === peer.name || to.name === peer.name)
  }

  run(ms: number): void {
    this.journal.ring.run(ms)
  }

  /**
   * Lets time go by until such a message is stopped.
   *
   * @throws RangeError when none was within ten virtual seconds: the schedule went another way
   */
  runUntil(which: Which): void {
    const { ring } = this.journal
    if (ring.runUntil(() => this.holds(which), 10_000) === undefined) {
      throw new RangeError("the schedule went another way: a message did not come")
    }
  }

  /** Lets the stopped messages go that are asked for, and forgets them; how many there were. */
  release(which: Which): number {
    const due = this.#held.filter(which)
    for (const held of due) {
      this.#held.splice(this.#held.indexOf(held), 1)
      this.journal.ring.deliver(held.from, held.to, held.message)
    }
    return due.length
  }

  /** These stopped messages are lost. */
  lose(which: Which): void {
    for (const held of this.#held.filter(which)) this.#held.splice(this.#held.indexOf(held), 1)
  }

  /** Whether such a message is stopped. */
  holds(which: Which): boolean {
    return this.#held.some(which)
  }

  /** Takes `other` for dead, at `peer`. */
  suspect(peer: Contact, other: Contact): void {
    this.journal.ring.happen(peer.name, { type: "suspect", peer: other })
    this.run(0)
  }

  ask(peer: Contact, client: string, id: string): void {
    this.#request(peer, client, id, false)
  }

  look(peer: Contact, client: string, id: string): void {
    this.#request(peer, client, id, true)
  }

  replica(peer: Contact): Replica | null {
    return this.#replicaOf(peer.name)
  }

  /** Whether the peer leads the cell, and may serve. */
  serves(peer: Contact): boolean {
    const replica = this.replica(peer)
    return replica?.leading?.active === true && isMember(replica.record.view, peer)
  }

  #replicaOf(name: string): Replica | null {
    return this.journal.ring.state(name).replicas[0] ?? null
  }

  #request(peer: Contact, client: string, id: string, look: boolean): void {
    const token = this.#next++
    this.#asked.set(token, { client, id, look })
    if (look) this.#see({ type: "asked", token, client })
    const request = utf8.encode(look ? LOOK : id)
    this.journal.ring.happen(peer.name, {
      type: "request",
      token,
      cell: 0,
      client,
      id,
      request,
      readOnly: look,
    })
    this.run(0)
  }

  #see(happening: Parameters<VirtualJournal["watches"][number]["see"]>[0]): void {
    this.journal.watches[0]?.see(happening)
  }
}
