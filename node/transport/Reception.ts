import type { Socket } from "node:net"
import { WIRE_VERSION } from "../../core/codec/Codec.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { OnBytes } from "../http/ReadSocket.ts"
import { oneLine } from "../log/OneLine.ts"
import { Connection, type Ending } from "./Connection.ts"
import type { Cork } from "./Cork.ts"
import { describe, otherDisk } from "./Dial.ts"
import { FRAME_LIMIT } from "./Frame.ts"
import {
  decodeGreeting,
  encodeGreeting,
  type Hello,
  type Introduction,
  type Refusal,
  type RefusalCode,
} from "./Handshake.ts"
import type { Problems } from "./Problems.ts"
import type { TransportLimits } from "./TransportLimits.ts"

export interface ReceptionContext {
  readonly cluster: string
  readonly self: Introduction
  readonly limits: TransportLimits
  readonly cork: Cork
  readonly problems: Problems
  /** Why `peer` may not be spoken to, if so: it has lost its disk, a newer process of it is known, too many peers are. */
  readonly meet: (peer: Introduction) => "OtherDisk" | "StaleBoot" | "TooMany" | undefined
  /** A peer has proved who it is, and been told who we are. Sets the connection's user. */
  readonly onPeer: (connection: Connection, contact: Contact) => void
  /** So has a client. Sets the connection's user. */
  readonly onClient: (connection: Connection) => void
}

/** Lets in, or turns away, whoever connects to the ring port. */
export class Reception {
  private readonly context: ReceptionContext
  private readonly unproved = new Set<Connection>()

  constructor(context: ReceptionContext) {
    this.context = context
  }

  /** Closes those that have not said who they are. */
  close(): void {
    for (const connection of this.unproved) connection.drop("Stopping")
  }

  /**
   * @param open as of a {@link Connection}
   * @param inbound how many connections there are, this one included
   */
  receive(open: (onBytes: OnBytes) => Socket, inbound: number): void {
    const { limits, cork } = this.context
    const forget = (): void => {
      clearTimeout(deadline)
      this.unproved.delete(connection)
    }
    const connection = new Connection(open, cork, {
      onFrame: (bytes, start, end) => {
        forget()
        this.greet(connection, bytes, start, end)
      },
      onBroken: (problem) => {
        forget()
        this.complain(connection, problem)
      },
      onEnd: ({ ours, goodbye, cause }: Ending) => {
        forget()
        // One that connects and goes without a word only looked whether somebody listens.
        if (!ours && goodbye === undefined && connection.heardAnything) {
          this.complain(connection, `ended within its greeting (${cause})`)
        }
      },
    })
    const deadline = setTimeout(() => {
      this.refuse(connection, "Late", `no greeting came within ${limits.handshakeMs} ms`)
    }, limits.handshakeMs)
    if (inbound > limits.inbound || this.unproved.size >= limits.unproved) {
      clearTimeout(deadline)
      this.refuse(connection, "TooMany", `${this.name} has too many connections; try again later`)
    } else {
      this.unproved.add(connection)
    }
  }

  private greet(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const hello = decodeGreeting(bytes, start, end)
    switch (hello.type) {
      case "Problem":
        return this.refuse(connection, "Malformed", `no greeting: ${hello.problem} at byte ${hello.offset}`)
      case "OtherVersion":
        return this.refuse(
          connection,
          "WrongVersion",
          `${this.name} speaks wire version ${WIRE_VERSION}, not ${hello.version}; run one version of ringstead everywhere`,
        )
      case "Refusal":
        return this.refuse(connection, "Malformed", "a refusal as first word")
      case "Hello":
        return this.judge(connection, hello)
    }
  }

  private judge(connection: Connection, hello: Hello): void {
    const objection = this.objection(hello)
    if (objection !== undefined) return this.refuse(connection, objection.code, objection.text)
    const { cluster, self } = this.context
    connection.allow(FRAME_LIMIT)
    connection.writeNow(encodeGreeting({ type: "Hello", cluster, peer: self, expected: null }))
    if (hello.peer === null) this.context.onClient(connection)
    else this.context.onPeer(connection, hello.peer.contact)
  }

  private objection({ cluster, expected, peer }: Hello): Omit<Refusal, "type"> | undefined {
    const { context, name } = this
    const self = context.self.contact
    if (cluster !== context.cluster) {
      return {
        code: "WrongCluster",
        text: `${name} belongs to cluster ${context.cluster}, not to ${cluster}; check the address and the genesis file`,
      }
    }
    if (peer?.contact.id === self.id) {
      return { code: "Self", text: `${name} itself, or another process with its ring id, is calling` }
    }
    if (expected !== null && (expected.id !== self.id || expected.incarnation !== self.incarnation)) {
      return {
        code: "NotExpected",
        text: `${describe(self)} listens here, where ${describe(expected)} was expected`,
      }
    }
    if (peer === null) return undefined
    const code = context.meet(peer)
    switch (code) {
      case "OtherDisk":
        return { code, text: `${name} knows ${otherDisk(peer.contact)}` }
      case "StaleBoot":
        return { code, text: `a newer process of this peer is known to ${name}; stop one of them` }
      case "TooMany":
        return { code, text: `${name} speaks to too many peers already; try again later` }
      case undefined:
        return undefined
    }
  }

  private refuse(connection: Connection, code: RefusalCode, text: string): void {
    connection.closeWith(encodeGreeting({ type: "Refusal", code, text }))
    this.complain(connection, `refused: ${text}`)
  }

  private complain(connection: Connection, problem: string): void {
    this.context.problems.report("inbound", `connection from ${connection.remote}: ${oneLine(problem)}`)
  }

  private get name(): string {
    return this.context.self.contact.name
  }
}
