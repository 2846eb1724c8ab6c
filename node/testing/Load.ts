import * as http from "node:http"

/** A steady load: each client sends GETs one after another, at a fixed rate, on a connection of its own. */
export interface LoadOptions {
  /** Base URLs of the dispatchers; client i uses the i-th, round and round. */
  readonly urls: ReadonlyArray<string>
  readonly clients: number
  readonly ratePerClient: number
  readonly path: string
  /** Request header that carries the client's name. */
  readonly nameHeader: string
  /** A request that takes longer counts as failed, in ms. */
  readonly timeoutMs: number
}

/** One answer, or its absence, as a client saw it. Times in ms on a monotonic clock. */
export interface Outcome {
  readonly client: string
  readonly at: number
  readonly tookMs: number
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Name of the peer that answered, "" if it did not say. */
  readonly peer: string
  readonly error: string
}

export interface Load {
  /** Every outcome so far, in the order of completion. */
  readonly outcomes: ReadonlyArray<Outcome>
  /** Lets requests in flight end, then closes every connection. */
  readonly stop: () => Promise<void>
}

/** Starts the load; it runs until stopped. */
export const startLoad = (options: LoadOptions): Load => {
  const outcomes: Array<Outcome> = []
  const interval = 1000 / options.ratePerClient
  const stopped = new AbortController()
  const runs = Array.from({ length: options.clients }, async (_, i) => {
    const name = `client-${i}`
    const url = new URL(options.path, options.urls[i % options.urls.length])
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    // Phases are spread over the interval, so that the load is steady and not a burst.
    let due = performance.now() + (interval * i) / options.clients
    while (!stopped.signal.aborted) {
      const wait = due - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      outcomes.push(await request(url, agent, name, options))
      due = Math.max(due + interval, performance.now())
    }
    agent.destroy()
  })
  const stop = async (): Promise<void> => {
    stopped.abort()
    await Promise.all(runs)
  }
  return { outcomes, stop }
}

const request = (url: URL, agent: http.Agent, client: string, options: LoadOptions): Promise<Outcome> =>
  new Promise((resolve) => {
    const start = performance.now()
    const end = (status: number, peer: string, error: string): void => {
      const at = performance.now()
      resolve({ client, at, tookMs: at - start, status, peer, error })
    }
    const sent = http.get(
      url,
      { agent, headers: { [options.nameHeader]: client }, timeout: options.timeoutMs },
      (response) => {
        const peer = String(response.headers["ringstead-peer"] ?? "")
        let body = ""
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => {
          body += chunk
        })
        response.on("end", () => end(response.statusCode ?? 0, peer, response.statusCode === 200 ? "" : body))
        response.on("error", (error) => end(0, peer, error.message))
      },
    )
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${options.timeoutMs} ms`)))
    sent.on("error", (error) => end(0, "", error.message))
  })

const isGood = ({ status }: Outcome): boolean => status >= 200 && status < 300

/** Outcomes that a client would call a failure. */
export const failures = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<Outcome> =>
  outcomes.filter((one) => !isGood(one))

/**
 * The longest time, in ms, that any one client went without a good answer between two good ones, the second of which
 * is one of the outcomes from `from` up to `to`.
 */
export const longestGap = (outcomes: ReadonlyArray<Outcome>, from = 0, to = outcomes.length): number => {
  const last = new Map<string, number>()
  let longest = 0
  for (const [i, one] of outcomes.slice(0, to).entries()) {
    if (!isGood(one)) continue
    if (i >= from) longest = Math.max(longest, one.at - (last.get(one.client) ?? one.at))
    last.set(one.client, one.at)
  }
  return longest
}

/** The peer that gave most of these answers; "" if none said who it was. */
export const busiest = (outcomes: ReadonlyArray<Outcome>): string => {
  const counts = new Map<string, number>()
  for (const { peer } of outcomes) if (peer !== "") counts.set(peer, (counts.get(peer) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ""
}
