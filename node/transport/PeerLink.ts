import { decode, isRingMessage } from "../../core/codec/Codec.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import { oneLine } from "../log/OneLine.ts"
import type { Connection, Ending } from "./Connection.ts"
import type { Cork } from "./Cork.ts"
import { describe, dial, type DialFailure } from "./Dial.ts"
import type { DiskOptions } from "./DiskOptions.ts"
import type { Introduction } from "./Handshake.ts"
import { Outbox } from "./Outbox.ts"
import type { Problems } from "./Problems.ts"
import type { Sockets } from "./Sockets.ts"
import type { TransportLimits } from "./TransportLimits.ts"

/** What all links of a transport share. */
export interface LinkContext {
  readonly cluster: string
  readonly self: Introduction
  readonly disk: DiskOptions
  readonly limits: TransportLimits
  /** How often {@link PeerLink.sweep} is called, in ms. */
  readonly sweepMs: number
  readonly routes: ReadonlyMap<string, string>
  readonly cork: Cork
  readonly sockets: Sockets
  readonly problems: Problems
  readonly onMessage: (from: Contact, message: RingMessage) => void
  readonly onUnreachable: (peer: Contact) => void
}

/**
 * All that goes between us and one peer. Each side sends on the connection that it dialled and only there, so that
 * cutting one connection cuts one direction; we dial when there is something to send.
 *
 * Whoever closes a connection on purpose says so first. One that ends without a word has lost its process, and that is
 * how a killed peer is noticed within milliseconds.
 */
export class PeerLink {
  /** The peer as it was last heard or spoken of. */
  contact: Contact
  readonly incarnation: number

  private readonly context: LinkContext
  private readonly outbox: Outbox
  /** The connection that we dialled, and the one that the peer did. */
  private outgoing: Connection | undefined
  private inbound: Connection | undefined
  private giveUpDialling: (() => void) | undefined
  /** Runs while we wait before dialling again. */
  private pause: NodeJS.Timeout | undefined
  private failures = 0
  /** Boot number of the peer's process as of the last handshake, 0 before any. */
  private boot = 0
  /** Whether we have said that it is unreachable and not heard from it since. */
  private lost = false
  private sentSinceSweep = false
  private quietSweeps = 0
  /** Sweeps since a probe that was not confirmed; 0 when there is none. */
  private unconfirmed = 0

  constructor(context: LinkContext, contact: Contact) {
    this.context = context
    this.contact = contact
    this.incarnation = contact.incarnation
    this.outbox = new Outbox(context.limits.queueFrames, context.limits.queueBytes)
  }

  get dropped(): number {
    return this.outbox.dropped
  }

  /** Whether a connection stands that we dialled. */
  get connected(): boolean {
    return this.outgoing !== undefined
  }

  send(to: Contact, message: RingMessage): void {
    this.contact = to
    this.sentSinceSweep = true
    const problem = this.outbox.push(message)
    if (problem !== undefined) {
      this.context.problems.report("send", `to ${describe(to)}, not sent: ${problem}`)
    } else if (this.outgoing === undefined) {
      this.dialWhenDue()
    } else {
      this.outgoing.schedule()
    }
  }

  /**
   * Another process of this peer than before? Then that one has ended, whatever its connections look like.
   *
   * @returns false when `boot` is that of an older process than the one we know, so that the connection is worth nothing
   */
  meet(boot: number): boolean {
    if (boot < this.boot) return false
    if (boot > this.boot && this.boot > 0) {
      this.shut("Replaced")
      this.sayLost()
    }
    this.boot = boot
    return true
  }

  /** The peer has dialled us; {@link PeerLink.meet} has been asked. */
  welcome(connection: Connection, contact: Contact): void {
    // The peer has given up the older one, or it would not have dialled again.
    const older = this.inbound
    this.inbound = connection
    older?.drop("Replaced")
    this.contact = contact
    this.lost = false
    connection.user = {
      onFrame: (bytes, start, end) => this.hear(connection, contact, bytes, start, end),
      onBroken: (problem) => this.complain(problem),
      onEnd: (ending) => this.inboundEnded(connection, ending),
    }
    this.failures = 0
    clearTimeout(this.pause)
    this.pause = undefined
    if (this.outbox.frames > 0) this.dialWhenDue()
  }

  /** We have dialled the peer, for a message or to find out who is there. */
  adopt(connection: Connection, peer: Introduction): void {
    if (!this.meet(peer.boot)) {
      connection.drop("Other", `a newer process of this peer is known (boot ${this.boot})`)
      return this.rest()
    }
    this.giveUpDialling?.()
    this.giveUpDialling = undefined
    const older = this.outgoing
    this.outgoing = connection
    older?.drop("Replaced")
    this.contact = peer.contact
    this.lost = false
    this.failures = 0
    this.unconfirmed = 0
    this.quietSweeps = 0
    clearTimeout(this.pause)
    this.pause = undefined
    connection.outbox = this.outbox
    connection.user = {
      onFrame: () => connection.breaks("a message on a connection that only the dialler sends on"),
      onBroken: (problem) => this.complain(problem),
      onEnd: (ending) => this.outgoingEnded(connection, ending),
      onEcho: () => {
        this.unconfirmed = 0
      },
    }
    connection.schedule()
  }

  /**
   * Called at regular intervals: probes what is in use, closes what is not. Counts intervals rather than time, so that
   * having stood still ourselves counts as one.
   *
   * @returns whether there is nothing left to keep
   */
  sweep(): boolean {
    const { limits, sweepMs } = this.context
    this.quietSweeps = this.sentSinceSweep ? 0 : this.quietSweeps + 1
    const idle = this.quietSweeps * sweepMs >= limits.idleMs
    if (this.outgoing === undefined) {
      return (
        idle &&
        this.inbound === undefined &&
        this.giveUpDialling === undefined &&
        this.pause === undefined &&
        this.outbox.frames === 0
      )
    }
    if (this.unconfirmed > 0) {
      this.unconfirmed++
      if (this.unconfirmed * sweepMs > limits.stallMs) this.stalled(this.outgoing)
    } else if (this.sentSinceSweep) {
      this.unconfirmed = 1
      this.outgoing.probe()
    } else if (idle) {
      this.outgoing.drop("Done")
    }
    this.sentSinceSweep = false
    return false
  }

  /** Closes all there is, and says nothing of it to anyone on this side. */
  close(): void {
    clearTimeout(this.pause)
    this.pause = undefined
    this.shut("Stopping")
  }

  private shut(code: "Replaced" | "Stopping"): void {
    this.giveUpDialling?.()
    this.giveUpDialling = undefined
    this.outgoing?.drop(code)
    this.inbound?.drop(code)
  }

  private dialWhenDue(): void {
    if (this.giveUpDialling !== undefined || this.pause !== undefined || this.outgoing !== undefined) return
    const { context, contact } = this
    const address = context.routes.get(contact.name) ?? contact.ring
    const { connectMs, handshakeMs } = context.limits
    const { cluster, self, disk, cork, sockets } = context
    this.giveUpDialling = dial(
      { address, cluster, self, disk, expected: contact, connectMs, handshakeMs, cork, sockets },
      {
        onOpen: (connection, peer) => {
          this.giveUpDialling = undefined
          this.adopt(connection, peer)
        },
        onFailure: (failure) => {
          this.giveUpDialling = undefined
          this.notReached(failure)
        },
      },
    )
  }

  private notReached(failure: DialFailure): void {
    if (failure.reason === "refused" || failure.reason === "protocol") {
      this.context.problems.report("dial", `${describe(this.contact)} not reached: ${failure.message}`)
    }
    this.rest()
    if (failure.gone) this.sayLost()
  }

  /** Waits before dialling again; what was to be sent is too old by then. */
  private rest(): void {
    const { backoffMs, maxBackoffMs } = this.context.limits
    this.outbox.clear()
    clearTimeout(this.pause)
    this.pause = setTimeout(
      () => {
        this.pause = undefined
        if (this.outbox.frames > 0) this.dialWhenDue()
      },
      Math.min(backoffMs * 2 ** Math.min(this.failures, 20), maxBackoffMs),
    )
    this.failures++
  }

  private hear(connection: Connection, from: Contact, bytes: Uint8Array, start: number, end: number): void {
    const message = decode(bytes, start, end)
    if (message.type === "Problem") {
      return connection.breaks(`a frame that is no message: ${message.problem} at byte ${message.offset}`)
    }
    if (!isRingMessage(message)) {
      return connection.breaks(
        `${message.type}, which only clients and peers say to one another, from a peer`,
      )
    }
    this.lost = false
    this.context.onMessage(from, message)
  }

  private outgoingEnded(connection: Connection, ending: Ending): void {
    if (this.outgoing !== connection) return
    this.outgoing = undefined
    this.outbox.clear()
    if (ending.ours) return
    this.rest()
    this.ended(ending)
  }

  private inboundEnded(connection: Connection, ending: Ending): void {
    if (this.inbound !== connection) return
    this.inbound = undefined
    if (ending.ours) return
    // While ours stands the peer's process does too; were it killed, both would end in the same moment.
    if (ending.goodbye === undefined && this.outgoing !== undefined) return
    this.ended(ending)
  }

  private ended({ goodbye }: Ending): void {
    if (goodbye?.code === "Protocol") {
      this.complain(`it says that we broke the protocol: ${oneLine(goodbye.text)}`)
    }
    if (goodbye === undefined || goodbye.code === "Stopping") this.sayLost()
  }

  private stalled(connection: Connection): void {
    connection.drop("Stalled")
    this.rest()
  }

  private sayLost(): void {
    if (this.lost) return
    this.lost = true
    this.context.onUnreachable(this.contact)
  }

  private complain(problem: string): void {
    this.context.problems.report("peer", `connection with ${describe(this.contact)} closed: ${problem}`)
  }
}
