import type { Mode } from "../../core/peer/Genesis.ts"
import type { DispatchOptions } from "../dispatcher/DispatchOptions.ts"
import {
  defaultTuning,
  type Dispatcher,
  type DispatchTuning,
  makeDispatcher,
} from "../dispatcher/Dispatcher.ts"
import type { LeaderSource } from "../dispatcher/Leaders.ts"
import type { Leader } from "../ingress/PeerHeaders.ts"
import { type Opened, opened } from "./Opened.ts"
import { answering, type RawConnection, type RawServer } from "./RawHttp.ts"
import { until } from "./Until.ts"

/** Cells of the rings that dispatchers under test see. */
export const CELLS = 16

/** A ring made of a table: who leads each cell. */
export class FakeRing implements LeaderSource {
  readonly leaders = new Map<number, Leader>()
  up = true
  asked = 0

  readonly reachable = (): boolean => this.up

  readonly find = (cell: number): Promise<Leader | null> => {
    this.asked++
    return Promise.resolve(this.up ? (this.leaders.get(cell) ?? null) : null)
  }

  /** Gives all cells to one peer. */
  give(leader: Leader): this {
    for (let cell = 0; cell < CELLS; cell++) this.leaders.set(cell, leader)
    return this
  }
}

/** Opens a dispatcher on a port of its own; clients are named by the header `x-client`. Stateless unless told otherwise. */
export const dispatch = (
  ring: LeaderSource,
  { mode = "stateless", ...options }: Partial<DispatchOptions> & { readonly mode?: Mode } = {},
  tuning: Partial<DispatchTuning> = {},
): Promise<Opened<Dispatcher>> =>
  opened(
    makeDispatcher(
      {
        genesis: {
          version: 1,
          cluster: "test",
          cells: CELLS,
          replicas: 3,
          successors: 2,
          mode,
          hash: ["sha1"],
          secret: "5e".repeat(32),
          founders: [],
        },
        listen: "127.0.0.1:0",
        client: [{ kind: "header", header: "x-client" }],
        routes: new Map(),
        deadlineMs: 5_000,
        bodyLimit: 100_000,
        ...options,
      },
      ring,
      { ...defaultTuning, ...tuning },
    ),
  )

/** A peer called `name` whose ingress `server` plays. */
export const named = (name: string, server: { readonly address: string }): Leader => ({
  name,
  http: server.address,
})

/** A request of `client`, the only one on its connection. */
export const ask = (method = "GET", client = "alice", ...fields: ReadonlyArray<string>): string =>
  [`${method} /x HTTP/1.1`, "Host: shop", "Connection: close", `X-Client: ${client}`, ...fields, "", ""].join(
    "\r\n",
  )

/** A good answer of the peer called `name`. */
export const okOf = (name: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRingstead-Peer: ${name}\r\n\r\nok`
/** The same of a peer called p. */
export const OK = okOf("p")
/** Answers every request with `text`. */
export const answers = (text: string) => answering(() => text)
/** A good answer with this body. */
export const saying = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
/** What a peer says that does not lead, and takes `leader` for the leader. */
export const misdirected = (leader?: Leader, status = "not-leader"): string =>
  `HTTP/1.1 421 Misdirected Request\r\nRingstead-Status: ${status}\r\nContent-Length: 3\r\n${
    leader === undefined ? "" : `Ringstead-Leader: ${leader.name} ${leader.http}\r\n`
  }\r\nno\n`

/** Waits for the first request on a server's first connection. */
export const firstRequest = (server: RawServer): Promise<RawConnection> =>
  until("a request", () => server.connections.find((one) => one.received().includes("\r\n\r\n")))
