import { randomUUID } from "node:crypto"
import * as http from "node:http"
import type { Outcome } from "./Load.ts"
import type { SessionLedger } from "./SessionLedger.ts"

export interface ShopClientOptions {
  /** Base URLs of the dispatchers; client i uses the i-th, round and round. */
  readonly urls: ReadonlyArray<string>
  /** A request that takes longer counts as failed, in ms. */
  readonly timeoutMs: number
  /** Client i is called so in this header, rather than by a cookie. */
  readonly name?: { readonly header: string; readonly of: (i: number) => string }
  /** Every request carries an Idempotency-Key, and goes to the next dispatcher when one is not there or breaks off. */
  readonly persistent?: boolean
}

/** What the shop says of a session. */
interface ShopAnswer {
  readonly visits?: number
  readonly cart: ReadonlyArray<{ readonly item: string; readonly count: number }>
}

type Answered = Outcome & { readonly body: string }

/** One person in the sample shop, with a cookie jar and a connection, who keeps a ledger. */
export class ShopClient {
  readonly name: string
  private readonly options: ShopClientOptions
  private urls: ReadonlyArray<string>
  /** Which of the dispatchers it uses now. */
  private place: number
  private readonly ledger: SessionLedger
  private readonly jar = new Map<string, string>()
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

  constructor(i: number, options: ShopClientOptions, ledger: SessionLedger) {
    this.name = options.name?.of(i) ?? `client-${i}`
    this.options = options
    this.urls = options.urls
    this.place = i
    this.ledger = ledger
  }

  /** Looks in, or puts tea in the cart, and checks what the shop says about it. */
  async ask(what: "visit" | "tea"): Promise<Outcome> {
    const outcome = await (what === "visit"
      ? this.insist("GET", "/", "")
      : this.insist("POST", "/cart", '{"item":"tea"}'))
    const counter = what === "visit" ? "visits" : "teas"
    const answer = outcome.error === "" ? readAnswer(outcome.body) : undefined
    if (answer === undefined) {
      this.ledger.failed(this.name, counter)
      return {
        ...outcome,
        status: outcome.error === "" ? 0 : outcome.status,
        error: outcome.error || outcome.body,
      }
    }
    const teas = answer.cart.find(({ item }) => item === "tea")?.count ?? 0
    this.ledger.answered(this.name, "teas", teas, what === "tea")
    if (what === "visit") this.ledger.answered(this.name, "visits", answer.visits ?? 0, true)
    return outcome
  }

  /** The dispatchers are elsewhere now. */
  moveTo(urls: ReadonlyArray<string>): void {
    this.urls = urls
  }

  close(): void {
    this.agent.destroy()
  }

  private async insist(method: string, path: string, body: string): Promise<Answered> {
    const key = this.options.persistent === true ? randomUUID() : undefined
    const start = performance.now()
    for (;;) {
      const outcome = await this.request(method, path, body, key)
      const tookMs = outcome.at - start
      if (outcome.status !== 0 || key === undefined || tookMs > this.options.timeoutMs) {
        return { ...outcome, tookMs }
      }
      this.place++
    }
  }

  private request(method: string, path: string, body: string, key: string | undefined): Promise<Answered> {
    return new Promise((resolve) => {
      const start = performance.now()
      const end = (status: number, peer: string, text: string, error: string): void => {
        const at = performance.now()
        resolve({ client: this.name, at, tookMs: at - start, status, peer, error, body: text })
      }
      const { name, timeoutMs } = this.options
      const headers: Record<string, string> = {}
      if (this.jar.size > 0) headers["cookie"] = [...this.jar].map((pair) => pair.join("=")).join("; ")
      if (name !== undefined) headers[name.header] = this.name
      if (key !== undefined) headers["idempotency-key"] = key
      if (body !== "") headers["content-type"] = "application/json"
      const sent = http.request(
        new URL(path, this.urls[this.place % this.urls.length]),
        { method, agent: this.agent, headers, timeout: timeoutMs },
        (response) => {
          const status = response.statusCode ?? 0
          const peer = String(response.headers["ringstead-peer"] ?? "")
          for (const cookie of response.headers["set-cookie"] ?? []) this.keep(cookie)
          let text = ""
          response.setEncoding("utf8")
          response.on("data", (chunk: string) => {
            text += chunk
          })
          response.on("end", () => end(status, peer, text, status < 300 ? "" : `${status} ${text.trimEnd()}`))
          response.on("error", (error) => end(0, peer, "", error.message))
        },
      )
      sent.on("timeout", () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)))
      sent.on("error", (error) => end(0, "", "", error.message))
      sent.end(body)
    })
  }

  private keep(cookie: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (name !== undefined && value !== undefined) this.jar.set(name, value)
  }
}

const readAnswer = (text: string): ShopAnswer | undefined => {
  try {
    const value = JSON.parse(text) as ShopAnswer
    return Array.isArray(value.cart) ? value : undefined
  } catch {
    return undefined
  }
}
