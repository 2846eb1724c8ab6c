import * as http from "node:http"

/** What became of a request: `ok` it was executed; `fail` it was not and never will be; `info` nobody knows. */
export interface Asked {
  readonly type: "ok" | "fail" | "info"
  readonly value: unknown
  readonly peer?: string
  readonly error?: string
}

/** Longer than a dispatcher takes by default until it gives up. */
const TIMEOUT_MS = 12_000

/** One client's connection, with its cookies. */
export class HttpAsk {
  private readonly url: string
  private readonly jar = new Map<string, string>()
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  private readonly user: string | undefined

  /** @param user asks by basic auth rather than by cookie */
  constructor(url: string, user?: string) {
    this.url = url
    this.user = user
  }

  close(): void {
    this.agent.destroy()
  }

  ask(method: string, path: string, body?: unknown): Promise<Asked> {
    return new Promise((resolve) => {
      const headers: Record<string, string> = { Connection: "keep-alive" }
      if (this.jar.size > 0) headers["Cookie"] = [...this.jar].map((pair) => pair.join("=")).join("; ")
      if (this.user !== undefined) headers["Authorization"] = `Basic ${btoa(`${this.user}:secret`)}`
      if (body !== undefined) headers["Content-Type"] = "application/json"
      const target = new URL(path, this.url)
      const sent = http.request(target, { method, agent: this.agent, headers }, (response) => {
        const texts: Array<string> = []
        response.setEncoding("utf8").on("data", (text: string) => texts.push(text))
        response.on("end", () => {
          clearTimeout(timer)
          resolve(this.answer(response, texts.join("")))
        })
        response.on("error", lost)
      })
      const lost = (error: Error & { readonly code?: string }): void => {
        clearTimeout(timer)
        // Only a connection that never came about has carried nothing.
        resolve({ type: error.code === "ECONNREFUSED" ? "fail" : "info", value: null, error: error.message })
      }
      const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
      sent.on("error", lost)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  private answer({ statusCode = 0, headers }: http.IncomingMessage, text: string): Asked {
    const peer = headers["ringstead-peer"]
    const who = typeof peer === "string" ? { peer } : {}
    if (statusCode >= 300) {
      const code = headers["ringstead-status"]
      // The one refusal that says of itself that nothing was executed; every other may come after it was.
      const type = code === "overloaded" ? "fail" : "info"
      return { type, value: null, ...who, error: `${statusCode} ${text.trim().slice(0, 200)}` }
    }
    for (const cookie of headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (name !== undefined && value !== undefined) this.jar.set(name, value)
    }
    try {
      return { type: "ok", value: (JSON.parse(text) as { readonly value: unknown }).value, ...who }
    } catch {
      return { type: "info", value: null, ...who, error: `no answer of the service: ${text.slice(0, 100)}` }
    }
  }
}
