import { decode } from "../../core/codec/Codec.ts"
import type { ClientMessage } from "../../core/peer/Message.ts"
import type { Connection } from "./Connection.ts"
import { Outbox } from "./Outbox.ts"
import type { Problems } from "./Problems.ts"
import type { TransportLimits } from "./TransportLimits.ts"

/** Bytes of answers that may wait for a client before we stop reading its requests. */
const WAITING_BYTES = 2 ** 18

export interface SessionContext {
  readonly limits: TransportLimits
  readonly sweepMs: number
  readonly problems: Problems
  readonly onClient: (message: ClientMessage, reply: (message: ClientMessage) => void) => void
}

/**
 * A client's connection. No answer is dropped; a client that asks faster than it reads, or than we answer, is not read
 * from until it has caught up, and one that does not read at all is closed.
 */
export class ClientSession {
  private readonly context: SessionContext
  private readonly connection: Connection
  /** Requests that wait for their answer. */
  private waiting = 0
  private fullSweeps = 0

  /** @param onEnd called once, when the connection is gone */
  constructor(context: SessionContext, connection: Connection, onEnd: () => void) {
    this.context = context
    this.connection = connection
    // Reading stops long before either bound is reached; what was read already may still be answered.
    connection.outbox = new Outbox(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    connection.user = {
      onFrame: (bytes, start, end) => this.hear(bytes, start, end),
      onBroken: (problem) => this.complain(problem),
      onEnd,
      onRoom: () => this.consider(),
    }
  }

  /** Called at regular intervals. */
  sweep(): void {
    this.fullSweeps = this.connection.full ? this.fullSweeps + 1 : 0
    if (this.fullSweeps * this.context.sweepMs > this.context.limits.stallMs) {
      this.complain("it does not read its answers")
      this.connection.drop("Stalled", "you do not read your answers")
    }
  }

  close(): void {
    this.connection.drop("Stopping")
  }

  private hear(bytes: Uint8Array, start: number, end: number): void {
    const message = decode(bytes, start, end)
    switch (message.type) {
      case "Problem":
        return this.connection.breaks(
          `a frame that is no message: ${message.problem} at byte ${message.offset}`,
        )
      case "Find":
      case "Inspect":
      case "Session":
        return this.ask(message)
      case "Leave":
        return this.context.onClient(message, () => {})
      default:
        return this.connection.breaks(`${message.type}, which clients do not say`)
    }
  }

  private ask(message: ClientMessage): void {
    this.waiting++
    let answered = false
    this.context.onClient(message, (answer) => {
      if (answered) return
      answered = true
      this.waiting--
      this.answer(answer)
    })
    this.consider()
  }

  private answer(message: ClientMessage): void {
    const { connection } = this
    if (!connection.open) return
    const problem = connection.outbox.push(message)
    if (problem !== undefined) {
      this.complain(`no answer: ${problem}`)
      return connection.close("Other", problem)
    }
    connection.schedule()
    this.consider()
  }

  /** Reads on, or not. */
  private consider(): void {
    const { connection, context } = this
    if (connection.outbox.bytes > WAITING_BYTES || this.waiting >= context.limits.clientRequests) {
      connection.hold()
    } else {
      connection.release()
    }
  }

  private complain(problem: string): void {
    this.context.problems.report("client", `client at ${this.connection.remote}: ${problem}`)
  }
}
