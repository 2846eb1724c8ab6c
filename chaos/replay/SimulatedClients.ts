import type { Reply } from "../../core/handoff/Reply.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Seeded } from "../../spec/conformance/Seeded.ts"
import type { VirtualJournal } from "../../spec/conformance/VirtualJournal.ts"
import { LOOK } from "../../spec/conformance/VirtualService.ts"
import { shownIn } from "../../spec/journal/Service.ts"
import type { Operation } from "../history/Operation.ts"
import type { Plan, WorkloadName } from "../plan/Plan.ts"

/** How long a client waits for an answer, in ms; its dispatcher asks again and elsewhere until then. */
const PATIENCE_MS = 5_000
/** How long a dispatcher waits for a peer. */
const ELSEWHERE_MS = 400
/** What a session of the workload `short` consists of. */
const SHORT = 8

/** A client's session, and what each of its requests was to do. */
interface Session {
  readonly client: string
  readonly workload: WorkloadName
  readonly cell: number
  readonly asked: Map<string, { readonly f: Operation["f"]; readonly value: unknown }>
}

interface Actor {
  readonly process: number
  readonly dispatcher: string
  readonly everyMs: number
  session: Session
  left: number
  leader: string | null
}

interface Asking {
  readonly actor: Actor
  readonly session: Session
  readonly id: string
  readonly f: Operation["f"]
  readonly final: boolean
  /** What the client has heard, or that it has given up. */
  isOver: boolean
  turn: number
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

/**
 * The workloads of a plan on a simulated ring. Its service keeps a list of the requests of each client, which every answer
 * tells; what the services of a real run would say is read off that list, so that histories are alike.
 */
export class SimulatedClients {
  readonly history: Array<Operation> = []
  /** Whether a dispatcher's requests reach a peer. */
  reaches: (dispatcher: string, peer: string) => boolean = () => true
  #resting = false
  #nextToken = 1
  #nextSession = 0
  #unread = 0
  readonly #journal: VirtualJournal
  readonly #random: Seeded
  readonly #actors: ReadonlyArray<Actor>
  readonly #sessions: Array<Session> = []
  readonly #tokens = new Map<number, Asking>()

  constructor(journal: VirtualJournal, random: Seeded, plan: Plan) {
    this.#journal = journal
    this.#random = random
    journal.onReply = (peer, token, reply) => this.#onReply(peer, token, reply)
    let process = 0
    this.#actors = plan.workloads.flatMap(({ name, clients, ratePerClient }) => {
      const hot = name === "hot" ? this.#newSession(name) : undefined
      return Array.from({ length: clients }, (): Actor => ({
        process: process++,
        dispatcher: `d${process % plan.dispatchers}`,
        everyMs: 1_000 / ratePerClient,
        session: hot ?? this.#newSession(name),
        left: SHORT,
        leader: null,
      }))
    })
    for (const actor of this.#actors) this.#later(actor, this.#random.next() * actor.everyMs)
  }

  /** No new requests; what is under way goes on. */
  rest(): void {
    this.#resting = true
  }

  /** Every session is read, each once and for so long as it takes. */
  readAll(): void {
    const [first] = this.#actors
    if (first === undefined) return
    for (const [n, session] of this.#sessions.entries()) {
      const actor = { ...first, process: 1_000_000 + n, session }
      this.#unread++
      this.#ask(actor, "read", null, true)
    }
  }

  /** Sessions that have not been read yet. */
  get unread(): number {
    return this.#unread
  }

  #newSession(workload: WorkloadName): Session {
    const number = this.#nextSession++
    const session: Session = {
      client: `${workload}-${number}`,
      workload,
      cell: number % this.#journal.options.cells,
      asked: new Map(),
    }
    this.#sessions.push(session)
    return session
  }

  #later(actor: Actor, ms: number): void {
    this.#journal.ring.after(ms, () => {
      if (this.#resting) return
      if (actor.session.workload === "short" && actor.left-- === 0) {
        actor.left = SHORT - 1
        actor.session = this.#newSession("short")
      }
      const [f, value] = this.#draw(actor.session)
      this.#ask(actor, f, value, false)
    })
  }

  #draw({ workload, asked }: Session): readonly [Operation["f"], unknown] {
    if (this.#random.next() < 0.2) return ["read", null]
    if (workload === "ledger") return ["append", asked.size]
    if (workload !== "cart") return ["increment", null]
    const item = ["tea", "honey", "bread"][this.#random.below(3)]
    return [this.#random.next() < 0.1 ? "remove" : "add", item]
  }

  #ask(actor: Actor, f: Operation["f"], value: unknown, final: boolean): void {
    const { session } = actor
    const id = `${session.client}-${session.asked.size}`
    session.asked.set(id, { f, value })
    const asking: Asking = { actor, session, id, f, final, isOver: false, turn: 0 }
    this.#note(asking, "invoke", value)
    this.#send(asking)
    if (final) return
    this.#journal.ring.after(PATIENCE_MS, () => {
      if (asking.isOver) return
      this.#end(asking, "info", null, `no answer in ${PATIENCE_MS} ms`)
    })
  }

  #end(asking: Asking, type: "ok" | "info", value: unknown, error?: string, peer?: string): void {
    asking.isOver = true
    this.#note(asking, type, value, error, peer)
    if (asking.final) this.#unread--
    else this.#later(asking.actor, asking.actor.everyMs * (0.5 + this.#random.next()))
  }

  #note(asking: Asking, type: Operation["type"], value: unknown, error?: string, peer?: string): void {
    this.history.push({
      index: this.history.length,
      process: asking.actor.process,
      type,
      f: asking.f,
      workload: asking.session.workload,
      client: asking.session.client,
      value,
      time: Math.round(this.#journal.ring.now * 1e6),
      ...(asking.final ? { final: true as const } : {}),
      ...(peer === undefined ? {} : { peer }),
      ...(error === undefined ? {} : { error }),
    })
  }

  #send(asking: Asking): void {
    if (asking.isOver) return
    const { ring, watches } = this.#journal
    const { actor, session, id } = asking
    const running = ring.states().map((state) => state.config.self.name)
    const name = actor.leader ?? running[this.#random.below(running.length)]
    actor.leader = null
    this.#again(asking, ELSEWHERE_MS * (0.5 + this.#random.next()))
    if (name === undefined || !ring.isAlive(name)) return this.#again(asking, 20)
    if (!this.reaches(actor.dispatcher, name)) return
    const token = this.#nextToken++
    this.#tokens.set(token, asking)
    const { cell, client } = session
    const readOnly = asking.f === "read"
    if (readOnly) watches[cell]?.see({ type: "asked", token, client })
    const request = utf8.encode(readOnly ? LOOK : id)
    ring.happen(
      name,
      { type: "request", token, cell, client, id, request, readOnly },
      this.#random.next() * 2,
    )
  }

  #again(asking: Asking, afterMs: number): void {
    const turn = ++asking.turn
    this.#journal.ring.after(afterMs, () => {
      if (asking.turn === turn) this.#send(asking)
    })
  }

  #onReply(peer: Contact, token: number, reply: Reply): void {
    const asking = this.#tokens.get(token)
    this.#tokens.delete(token)
    if (asking === undefined || !this.reaches(asking.actor.dispatcher, peer.name)) return
    if (reply.type === "not-leader") {
      asking.actor.leader = reply.leader?.name ?? null
      return this.#again(asking, 1 + this.#random.next() * 10)
    }
    if (reply.type === "refused") return this.#again(asking, 20 + this.#random.next() * 100)
    if (asking.isOver) return
    const { session, id, f } = asking
    const response = text.decode(reply.response)
    // An instance that was killed while it ran the request has said nothing of the session.
    if (!response.startsWith(`${session.client}: `))
      return this.#end(asking, "info", null, response, peer.name)
    asking.actor.leader = peer.name
    const shown = shownIn(response)
    // An answer tells all that was applied, so that its own request is the last.
    const value = answerOf(session, f === "read" ? shown : shown.slice(0, shown.lastIndexOf(id) + 1), f)
    this.#end(asking, "ok", value, undefined, peer.name)
  }
}

/** What the workload's service says after these requests. */
const answerOf = (
  { workload, asked }: Session,
  applied: ReadonlyArray<string>,
  f: Operation["f"],
): unknown => {
  const done = applied.flatMap((id) => asked.get(id) ?? [])
  if (workload === "ledger") return f === "append" ? done.length : done.map(({ value }) => value)
  if (workload !== "cart") return done.length
  const cart: Record<string, number> = {}
  for (const { f: verb, value } of done) {
    const item = String(value)
    if (verb === "remove") delete cart[item]
    else cart[item] = (cart[item] ?? 0) + 1
  }
  return cart
}
