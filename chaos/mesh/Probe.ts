import { connect, type Socket } from "node:net"

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
 * Says something that no protocol knows through a link, to which both ports of a peer answer why they refuse it: what a link
 * does to bytes, seen from outside.
 */
export class Probe {
  private readonly socket: Socket
  private readonly start = performance.now()
  private readonly times: Array<number> = []
  private bytes = 0
  private gone = false
  private tell = (): void => {}

  /**
   * @param address `host:port`
   * @param padding bytes that are sent beside the least there must be; null: nothing at all is said
   */
  constructor(address: string, padding: number | null = 0) {
    const colon = address.lastIndexOf(":")
    this.socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
    if (padding !== null) {
      // A field for each part, since none may be of any length.
      const fields = Array.from({ length: Math.ceil(padding / PART) }, (_, n) =>
        `X-${n}: `.padEnd(Math.min(PART, padding - n * PART), "x"),
      )
      const lines = ["GET / HTTP/1.1", "Host: probe", "Connection: close", ...fields]
      this.socket.write(`${lines.join("\r\n")}\r\n\r\n`)
    }
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

const PART = 1_000

/** What one probe hears. */
export const probe = async (address: string, padding: number, withinMs: number): Promise<Heard> => {
  const one = new Probe(address, padding)
  try {
    return await one.heard(withinMs)
  } finally {
    one.close()
  }
}
