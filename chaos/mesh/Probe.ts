import { connect, type Socket } from "node:net"
import type { Pipe } from "./Mesh.ts"

/** What came back of a probe; times in ms since it was sent. */
export interface Echo {
  readonly firstMs: number
  readonly lastMs: number
  /** How many times something came. */
  readonly pieces: number
  readonly bytes: number
}

/** `silent`: nothing came in time. `hung up`: the connection ended, and nothing had come. */
export type Heard = Echo | "silent" | "hung up"

/**
 * Says something through a link that a peer's port must hear to its end and then refuses, saying why: what a link does to
 * bytes, seen from outside.
 */
export class Probe {
  private readonly socket: Socket
  private readonly start = performance.now()
  private readonly times: Array<number> = []
  private bytes = 0
  private gone = false
  private tell = (): void => {}

  /**
   * @param padding bytes that are sent beside the least there must be, as far as the port listens; null: nothing at all is
   *   said
   */
  constructor({ listen, port }: Pick<Pipe, "listen" | "port">, padding: number | null = 0) {
    const colon = listen.lastIndexOf(":")
    this.socket = connect({ host: listen.slice(0, colon), port: Number(listen.slice(colon + 1)) })
    if (padding !== null) this.socket.write(port === "ring" ? noGreeting(padding) : oddRequest(padding))
    this.socket.on("data", (piece: Buffer) => {
      this.times.push(performance.now() - this.start)
      this.bytes += piece.length
    })
    this.socket.on("error", () => {})
    this.socket.once("close", () => {
      this.gone = true
      this.tell()
    })
  }

  /** Done when the connection ends, or after `withinMs` from its beginning. */
  async heard(withinMs: number): Promise<Heard> {
    await this.ended(withinMs - (performance.now() - this.start))
    const [firstMs] = this.times
    if (firstMs === undefined) return this.gone ? "hung up" : "silent"
    return { firstMs, lastMs: this.times.at(-1) ?? firstMs, pieces: this.times.length, bytes: this.bytes }
  }

  /** Whether the connection ends within so many ms from now. */
  async ended(withinMs: number): Promise<boolean> {
    if (this.gone) return true
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, withinMs))
      this.tell = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    return this.gone
  }

  close(): void {
    this.socket.destroy()
  }
}

/** The longest first frame that a ring port waits for, in bytes, without its length. */
export const FIRST_FRAME = 4_096

/** A frame, its length before it, that is not the greeting which a ring port waits for. */
const noGreeting = (padding: number): Uint8Array => {
  const length = Math.min(FIRST_FRAME, 1 + padding)
  const frame = Buffer.alloc(4 + length)
  frame.writeUInt32BE(length)
  return frame
}

/** A request with a target that no proxy would send on; a field for each part, since none may be of any length. */
const oddRequest = (padding: number): string => {
  const fields = Array.from({ length: Math.ceil(padding / PART) }, (_, n) =>
    `X-${n}: `.padEnd(Math.min(PART, padding - n * PART), "x"),
  )
  const lines = ["GET / HTTP/1.1", "Host: probe", "Connection: close", ...fields]
  return `${lines.join("\r\n")}\r\n\r\n`
}

const PART = 1_000

/** What one probe hears. */
export const probe = async (
  pipe: Pick<Pipe, "listen" | "port">,
  padding: number,
  withinMs: number,
): Promise<Heard> => {
  const one = new Probe(pipe, padding)
  try {
    return await one.heard(withinMs)
  } finally {
    one.close()
  }
}
