import type { Socket } from "node:net"
import type { OnBytes } from "../http/ReadSocket.ts"
import { systemReason } from "../log/SystemReason.ts"
import { CONTROL, decodeControl, encodeControl, type GoodbyeCode } from "./Control.ts"
import type { Cork } from "./Cork.ts"
import { FrameParser, frameOf } from "./Frame.ts"
import { GREETING_LIMIT } from "./Handshake.ts"
import { Outbox } from "./Outbox.ts"

/** Most bytes given to a socket in one write, so that what it holds beyond its own limit stays small. */
const WRITE_BYTES = 2 ** 16

/** How long a socket that was told goodbye may take to close, in ms. */
const LINGER_MS = 500

/** How a connection ended. */
export interface Ending {
  /** Our side closed it, or gave it up. */
  readonly ours: boolean
  /** The other side said goodbye, and so. */
  readonly goodbye: { readonly code: GoodbyeCode; readonly text: string } | undefined
  /** The system's word for it (`ECONNRESET`, ...), or "closed". */
  readonly cause: string
}

/** Who uses a connection. It may change while the connection lives: first the handshake, then whoever it was made for. */
export interface ConnectionUser {
  /** A frame that is no control frame; `bytes[start]` to `bytes[end - 1]` until the call returns. */
  readonly onFrame: (bytes: Uint8Array, start: number, end: number) => void
  /** The stream makes no sense from here on: `problem` in one line. The connection has been closed for that. */
  readonly onBroken: (problem: string) => void
  /** It is over; called exactly once, and nothing else is afterwards. */
  readonly onEnd: (ending: Ending) => void
  /** The other side confirmed a probe. */
  readonly onEcho?: () => void
  /** All that was in the outbox has been given to the socket. */
  readonly onRoom?: () => void
}

/**
 * One TCP connection: frames in, an outbox out, and a proper end. Plain callbacks, as it is the path of every
 * message; deadlines belong to its user.
 */
export class Connection {
  user: ConnectionUser
  /** What waits to be written. A link to a peer puts its own here, which outlives the connection. */
  outbox: Outbox
  /** The socket holds as much as it should; it says when it has room again. */
  full = false
  /** `address:port` of the other side, for people. */
  readonly remote: string

  private readonly socket: Socket
  private readonly cork: Cork
  private readonly parser = new FrameParser(GREETING_LIMIT)
  private held = false
  private reading = false
  private scheduled = false
  private closing = false
  private over = false
  private goodbye: Ending["goodbye"]
  private cause = "closed"
  private linger: NodeJS.Timeout | undefined

  /** @param open gives the socket, connected already; what it receives goes to the function that `open` is given */
  constructor(open: (onBytes: OnBytes) => Socket, cork: Cork, user: ConnectionUser) {
    const socket = open((bytes, length) => this.receive(bytes, length))
    this.socket = socket
    this.cork = cork
    this.user = user
    this.outbox = new Outbox(1, 0)
    this.remote = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`
    socket.on("drain", () => {
      this.full = false
      this.flush()
    })
    // Nobody is served by what is written to one who has stopped listening.
    socket.on("end", () => socket.destroy())
    socket.on("error", (error) => {
      this.cause = systemReason(error)
    })
    socket.on("close", () => this.finish())
    socket.resume()
  }

  get open(): boolean {
    return !this.closing
  }

  /** Whether a byte has come. */
  get heardAnything(): boolean {
    return this.socket.bytesRead > 0
  }

  /** Longest frame accepted from now on. */
  allow(bytes: number): void {
    this.parser.limit = bytes
  }

  /** Sends what is in the outbox at the end of this tick. */
  schedule(): void {
    if (this.scheduled || this.full || this.closing) return
    this.scheduled = true
    this.cork.add(this)
  }

  /** Writes what is in the outbox as far as the socket takes it. */
  flush(): void {
    this.scheduled = false
    while (!this.full && !this.closing) {
      const bytes = this.outbox.take(WRITE_BYTES)
      if (bytes === undefined) return this.user.onRoom?.()
      this.full = !this.socket.write(bytes)
    }
  }

  /** Writes a frame around `body` at once, ahead of the outbox. */
  writeNow(body: Uint8Array): void {
    if (!this.closing) this.full = !this.socket.write(frameOf(body)) || this.full
  }

  probe(): void {
    this.writeNow(encodeControl({ type: "Probe" }))
  }

  /** Stops reading, even of what has come already, until {@link Connection.release}. */
  hold(): void {
    if (this.held) return
    this.held = true
    this.socket.pause()
  }

  release(): void {
    if (!this.held || this.closing) return
    this.held = false
    this.read()
    if (!this.held) this.socket.resume()
  }

  /** Says goodbye and closes; the user hears of it when that is done. What waits in the outbox is not sent. */
  close(code: GoodbyeCode, text = ""): void {
    this.closeWith(encodeControl({ type: "Goodbye", code, text }))
  }

  /** Closes after `body` as the last frame. */
  closeWith(body: Uint8Array): void {
    if (this.closing) return
    this.closing = true
    this.socket.resume()
    this.socket.end(frameOf(body))
    this.linger = setTimeout(() => this.socket.destroy(), LINGER_MS)
  }

  /**
   * Says goodbye if that takes no waiting, and closes at once. The user hears of it in this very call; the socket is
   * gone in the next turn of the event loop.
   */
  drop(code: GoodbyeCode, text = ""): void {
    if (!this.closing) {
      this.closing = true
      this.socket.write(frameOf(encodeControl({ type: "Goodbye", code, text })))
    }
    this.socket.destroy()
    this.finish()
  }

  /** Whether to go on reading. */
  private receive(bytes: Buffer, length: number): boolean {
    if (this.closing) return true
    this.parser.push(bytes.subarray(0, length))
    this.read()
    this.parser.keep()
    return !this.held
  }

  private read(): void {
    if (this.reading) return
    this.reading = true
    this.cork.begin()
    const { parser } = this
    while (!this.held && !this.closing) {
      const found = parser.next()
      if (found === "more") break
      if (found === "broken") this.breaks(parser.problem)
      else if (parser.bytes[parser.start] === CONTROL) this.control(parser.bytes, parser.start, parser.end)
      else this.user.onFrame(parser.bytes, parser.start, parser.end)
    }
    this.reading = false
    this.cork.end()
  }

  private control(bytes: Uint8Array, start: number, end: number): void {
    const control = decodeControl(bytes, start, end)
    switch (control.type) {
      case "Problem":
        return this.breaks(`a control frame that is none: ${control.problem} at byte ${control.offset}`)
      case "Probe":
        // Whoever probes without reading the answers gets none.
        if (!this.full) this.writeNow(encodeControl({ type: "Echo" }))
        return
      case "Echo":
        return this.user.onEcho?.()
      case "Goodbye":
        this.goodbye = control
        this.socket.destroy()
        return this.finish()
    }
  }

  /** Closes because the other side broke the protocol; `problem` says how. */
  breaks(problem: string): void {
    this.close("Protocol", problem)
    this.user.onBroken(problem)
  }

  private finish(): void {
    clearTimeout(this.linger)
    if (this.over) return
    this.over = true
    const ours = this.closing
    this.closing = true
    this.user.onEnd({ ours, goodbye: this.goodbye, cause: this.cause })
  }
}
