import type { Contact } from "../../core/peer/Contact.ts"
import type { RefusalCode, Reply as Answer } from "../../core/handoff/Reply.ts"
import type { Exchange, HttpRequest, Reply } from "../http/Exchange.ts"
import { RINGSTEAD, RINGSTEAD_STATUS } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { defaultLimits, type HttpLimits } from "../http/HttpLimits.ts"
import { requestLines, responseLines } from "../http/ProxyExchange.ts"
import { NO_BODY, parseResponseHead, type ResponseHead } from "../http/ResponseHead.ts"
import { entryLine, LEADER_NO_MORE, leaderLine, NOT_LEADER } from "./PeerHeaders.ts"

/** A client's request for the journal. */
export interface JournaledRequest {
  readonly cell: number
  readonly client: string
  /** The same for every attempt at the request (PeerHeaders.requestLine). */
  readonly id: string
  /** HTTP/1.1 head and body as the service gets them, without a field of ours. */
  readonly request: Uint8Array
  readonly readOnly: boolean
}

/** What an ingress needs of the journal. */
export interface Journal {
  /** Takes a request; `done` is called exactly once, perhaps before this returns. */
  readonly request: (request: JournaledRequest, done: (answer: Answer) => void) => void
  /** Whether a request with this method and path (without its query) is on a route that changes nothing. */
  readonly readOnly: (method: string, path: string) => boolean
}

/** What all journaled exchanges of a peer share. */
export interface JournaledContext {
  readonly journal: Journal
  /** The peer's name. */
  readonly self: string
  /** `Ringstead-Peer: NAME`, for every answer. */
  readonly peerLine: string
  /** What to name as Host when the client named none. */
  readonly host: string
}

const STATUSES: Readonly<Record<RefusalCode, number>> = {
  "no-majority": 503,
  diverged: 503,
  "session-full": 507,
  "no-instance": 503,
  overloaded: 503,
}

/**
 * One request on its way through the journal. It is beyond recall once handed over: when the dispatcher goes away,
 * it is executed and journaled all the same, so that the dispatcher's next attempt with the same id finds its answer.
 */
export class JournaledExchange implements Exchange {
  private readonly context: JournaledContext
  private readonly reply: Reply
  private readonly method: string
  private readonly cell: number
  private gone = false
  /** The journal has not answered at once: the request waits, runs, or waits to be committed. */
  private taken = false

  constructor(context: JournaledContext, reply: Reply, method: string, cell: number) {
    this.context = context
    this.reply = reply
    this.method = method
    this.cell = cell
  }

  begin(client: string, id: string, { head, body }: HttpRequest): this {
    const { journal, host } = this.context
    const lines = `${requestLines(head, body.length, RINGSTEAD, host)}\r\n`
    const request = {
      cell: this.cell,
      client,
      id,
      request: Buffer.concat([Buffer.from(lines, "latin1"), body]),
      readOnly: journal.readOnly(head.method, pathOf(head.target)),
    }
    journal.request(request, (answer) => this.onDone(answer))
    this.taken = true
    return this
  }

  private onDone(answer: Answer): void {
    if (this.gone) return
    switch (answer.type) {
      case "response":
        return this.respond(answer.response, answer.entry)
      case "not-leader":
        return this.redirect(answer.leader)
      case "refused":
        return this.say(STATUSES[answer.code], answer.code, answer.reason)
    }
  }

  private respond(response: Uint8Array, entry: number | null): void {
    const bytes = Buffer.from(response.buffer, response.byteOffset, response.byteLength)
    const head = parseResponseHead(bytes, 0, bytes.length, responseLimits(bytes.length), this.method)
    const length = head?.ok === true ? bytes.length - head.bytes : 0
    if (head?.ok !== true || (head.framing !== NO_BODY && head.framing !== length)) {
      return this.say(500, "journal", "what was journaled is not a whole HTTP/1.1 response to such a request")
    }
    const ours = entry === null ? this.context.peerLine : this.context.peerLine + entryLine(entry)
    this.reply.start(responseLines(head) + serviceStatusLines(head) + ours, head.framing)
    if (head.framing !== NO_BODY) this.reply.write(bytes, head.bytes, bytes.length)
    this.reply.end()
  }

  private redirect(leader: Contact | null): void {
    const who = leader === null ? "ask the ring who does" : `${leader.name} does`
    const state = this.taken ? `leads cell ${this.cell} no more` : `does not lead cell ${this.cell}`
    this.say(
      421,
      this.taken ? LEADER_NO_MORE : NOT_LEADER,
      `${this.context.self} ${state}; ${who}`,
      leader === null ? "" : leaderLine(leader),
    )
  }

  private say(status: number, code: string, reason: string, lines = ""): void {
    this.reply.answer(status, code, reason, this.context.peerLine + lines)
  }

  onTick(): void {
    // How long a request may take is the journal's to judge.
  }

  onDrain(): void {
    // The whole answer is written at once.
  }

  onGone(): void {
    this.gone = true
  }
}

const pathOf = (target: string): string => {
  const query = target.indexOf("?")
  return query < 0 ? target : target.slice(0, query)
}

/**
 * What was journaled in place of an answer of the service's says why there is none (`service-silent`, ...). Any other
 * status is not for the journal to give, and dispatchers would act on it.
 */
const serviceStatusLines = (head: ResponseHead): string => {
  const [code] = valuesOf(head, RINGSTEAD_STATUS)
  return code?.startsWith("service-") === true ? `Ringstead-Status: ${code}\r\n` : ""
}

/** What was journaled was found small enough then; cookies given their names back may have made it longer. */
const responseLimits = (bytes: number): HttpLimits => ({ ...defaultLimits, headBytes: bytes, fields: bytes })
