import type { Contact } from "../../core/peer/Contact.ts"
import type { Reply } from "../../core/handoff/Reply.ts"
import { shownIn } from "../journal/Service.ts"
import { JournalViolation } from "./JournalWatch.ts"
import type { Seeded } from "./Seeded.ts"
import type { VirtualJournal } from "./VirtualJournal.ts"
import { LOOK } from "./VirtualService.ts"

export interface ClientOptions {
  readonly clients: number
  /** From an answer to the next request, in ms. */
  readonly thinkMs: readonly [number, number]
  /** Chance that a request only looks. */
  readonly looks: number
  /** How long a client, or rather its dispatcher, waits before it sends the same request elsewhere, in ms. */
  readonly patienceMs: number
  /** Chance that it sends a request twice at once. */
  readonly doubled: number
  /** Chance that it asks anybody, whoever is said to lead its cell. */
  readonly astray: number
}

interface Client {
  readonly name: string
  readonly cell: number
  /** Requests so far. */
  count: number
  /** What it waits for; null while it thinks. */
  asking: Asking | null
  /** Who was said to lead its cell. */
  leader: Contact | null
}

interface Asking {
  readonly id: string
  readonly look: boolean
  /** Counts what it was decided to do next: only the last decision holds. */
  turn: number
}

interface Token {
  readonly client: Client
  readonly asking: Asking
  replied: boolean
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

/**
 * Clients with their dispatcher: each asks one thing after another, names every request, and sends the same one again,
 * wherever it is told or anywhere, until it is answered.
 */
export class VirtualClients {
  /** No new requests are begun any more. */
  resting = false
  /** Requests answered. */
  answered = 0
  readonly #journal: VirtualJournal
  readonly #random: Seeded
  readonly #options: ClientOptions
  readonly #clients: ReadonlyArray<Client>
  readonly #tokens = new Map<number, Token>()
  #nextToken = 1

  constructor(journal: VirtualJournal, random: Seeded, options: ClientOptions) {
    this.#journal = journal
    this.#random = random
    this.#options = options
    const { cells } = journal.options
    this.#clients = Array.from({ length: options.clients }, (_, n) => ({
      name: `c${n}`,
      cell: n % cells,
      count: 0,
      asking: null,
      leader: null,
    }))
    journal.onReply = (peer, token, reply) => this.#onReply(peer, token, reply)
    for (const client of this.#clients) this.#think(client)
  }

  /** What has not been answered, one line each. */
  unanswered(): ReadonlyArray<string> {
    return this.#clients.flatMap(({ asking, name, cell }) =>
      asking === null ? [] : [`${asking.id} of ${name} in cell ${cell} was never answered`],
    )
  }

  /** An operator resets one of the sessions, at a peer that happens to be up. */
  reset(): void {
    const client = this.#clients[this.#random.below(this.#clients.length)]
    if (client !== undefined) this.#reset(client)
  }

  #reset(client: Client): void {
    const name = this.#anybody()
    if (name === undefined) return
    const token = this.#nextToken++
    this.#tokens.set(token, { client, asking: { id: "", look: false, turn: 0 }, replied: false })
    this.#journal.ring.happen(name, { type: "reset", token, cell: client.cell, client: client.name })
  }

  #think(client: Client): void {
    const [low, high] = this.#options.thinkMs
    this.#journal.ring.after(low + this.#random.next() * (high - low), () => {
      if (this.resting) return
      const number = client.count++
      const look = this.#random.next() < this.#options.looks
      client.asking = { id: `${client.name}-${number}`, look, turn: 0 }
      this.#send(client, client.asking)
      if (this.#random.next() < this.#options.doubled) this.#send(client, client.asking)
    })
  }

  #anybody(): string | undefined {
    const { ring } = this.#journal
    const running = ring.states().map((state) => state.config.self.name)
    return running[this.#random.below(running.length)]
  }

  #send(client: Client, asking: Asking): void {
    if (client.asking !== asking) return
    const { ring, watches } = this.#journal
    // Whoever was said to lead may be gone, or wrong: now and then anybody is asked.
    const hinted =
      client.leader !== null && this.#random.next() >= this.#options.astray ? client.leader.name : undefined
    const name = hinted ?? this.#anybody()
    client.leader = null
    this.#again(client, asking, this.#options.patienceMs * (0.5 + this.#random.next()))
    if (name === undefined || !ring.isAlive(name)) return this.#again(client, asking, 20)
    const token = this.#nextToken++
    this.#tokens.set(token, { client, asking, replied: false })
    const { cell, name: who } = client
    if (asking.look) watches[cell]?.see({ type: "asked", token, client: who })
    const request = utf8.encode(asking.look ? LOOK : asking.id)
    ring.happen(
      name,
      { type: "request", token, cell, client: who, id: asking.id, request, readOnly: asking.look },
      this.#random.next() * 2,
    )
  }

  #again(client: Client, asking: Asking, afterMs: number): void {
    const turn = ++asking.turn
    this.#journal.ring.after(afterMs, () => {
      if (asking.turn === turn) this.#send(client, asking)
    })
  }

  #onReply(peer: Contact, number: number, reply: Reply): void {
    const token = this.#tokens.get(number)
    if (token === undefined || token.replied) {
      throw new JournalViolation("one reply for each request", `${peer.name} replied again to ${number}`)
    }
    token.replied = true
    const { client, asking } = token
    if (asking.id === "") return
    switch (reply.type) {
      case "response":
        this.#check(peer, client, number, asking, reply)
        if (client.asking !== asking) return
        client.asking = null
        client.leader = peer
        this.answered++
        return this.#think(client)
      case "not-leader":
        client.leader = reply.leader
        return this.#again(client, asking, 1 + this.#random.next() * 10)
      case "refused":
        if (reply.code === "diverged" && reply.reason.includes("instances died")) {
          // An operator looks into it, and finds that the session is not to blame.
          this.#reset(client)
        } else if (reply.code === "diverged") {
          throw new JournalViolation("replays agree", `${peer.name} refused ${asking.id}: ${reply.reason}`)
        }
        return this.#again(client, asking, 20 + this.#random.next() * 100)
    }
  }

  #check(
    peer: Contact,
    client: Client,
    token: number,
    asking: Asking,
    reply: Reply & { readonly type: "response" },
  ): void {
    const watch = this.#journal.watches[client.cell]
    const response = text.decode(reply.response)
    const { id, look } = asking
    if (look !== (reply.entry === null)) {
      throw new JournalViolation(
        "looking changes nothing",
        `${id} ${look ? "only looks" : "changes something"}, and has entry ${reply.entry}`,
      )
    }
    if (reply.entry === null) {
      // An instance that died of it, or whose answer was none to pass on, shows nothing.
      if (!response.startsWith(`${client.name}: `)) return
      const length = this.#journal.lengthAt(peer, client.cell, client.name, id)
      watch?.see({ type: "looked", token, shown: shownIn(response), length })
    } else watch?.see({ type: "answered", client: client.name, id, entry: reply.entry, response })
  }
}
