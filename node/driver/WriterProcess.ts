import { join } from "node:path"
import * as Effect from "effect/Effect"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import { coreConfig } from "../peer/CoreConfig.ts"
import { journalDefaults } from "../peer/JournalDefaults.ts"
import { type JournalStore, openJournal } from "../storage/JournalStore.ts"
import { openIdentity } from "../storage/PeerIdentity.ts"
import { type Driver, makeDriver } from "./Driver.ts"

/**
 * One peer of ReplicatedWrite.bench.ts: core, journal and transport, and in place of a service and of clients what
 * its parent asks for. `WriterProcess.ts NAME FOLDER GENESIS`; ends with its parent.
 */

/** What the parent asks: as many writes, so many at a time. */
export interface Load {
  readonly writers: number
  readonly writes: number
}

/** What the parent hears: once that the peer is ready, then how many milliseconds each load took. */
export type Told = "ready" | { readonly ms: number }

const [name = "", folder = "", text = ""] = process.argv.slice(2)
const genesis = JSON.parse(text) as Genesis

/** Together 300 bytes. */
const REQUEST = Buffer.from(`POST / HTTP/1.1\r\nHost: bench\r\nContent-Length: 120\r\n\r\n${"q".repeat(120)}`)
const RESPONSE = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n${"a".repeat(300 - REQUEST.length - 39)}`,
)
const ORIGIN = "0".repeat(32)
const UNLIMITED = 2 ** 40
/** How many clients are wanted, and how many names are tried for them. */
const CLIENTS = 64
const TRIES = 100_000

const fail = (reason: string): never => {
  throw new Error(reason)
}

const tell = (told: Told): void => void process.send?.(told)

process.on("disconnect", () => process.exit(0))

const peer = Effect.gen(function* () {
  const options = {
    ...journalDefaults,
    genesis,
    name,
    data: join(folder, name),
    seeds: [],
    routes: new Map<string, string>(),
    service: "",
    serviceReadyMs: 1_000,
    serviceAnswerMs: 1_000,
    bodyLimit: UNLIMITED,
    tickMs: 100,
    suspectTicks: 30,
    sessionEntries: UNLIMITED,
    sessionBytes: UNLIMITED,
  }
  const identity = yield* openIdentity(options)
  const store: JournalStore = yield* openJournal({
    directory: identity.journal,
    durability: "disk",
    onDurable: (upTo) => driver.tell({ type: "persisted", upTo }),
    onFailed: fail,
    warn: fail,
  })
  const driver: Driver = yield* makeDriver({
    cluster: genesis.cluster,
    config: coreConfig(options, identity),
    boot: identity.boot,
    disk: { own: identity.disk, isKnown: () => true, onDisowned: fail },
    listen: identity.self.ring,
    routes: options.routes,
    journal: {
      store,
      instances: () => ({
        run: (_birth, _client, _request, done) => done({ type: "answered", response: RESPONSE }),
        replay: (_birth, _client, _fresh, steps, _mayRest, done) => done(steps.length, null),
        renew: () => {},
        retire: () => {},
      }),
    },
    onTrace: () => {},
    onSettled: () => tell("ready"),
    onLeft: () => {},
    onProblem: () => {},
    onLeaveAsked: () => {},
    inspect: () => "{}",
    onSession: () => {},
  })
  driver.start()
  driver.tell({ type: "instance", birth: 1 })
  const cellOf = makeHasher(genesis.hash).cell
  let asked = 0
  let clients: ReadonlyArray<readonly [client: string, cell: number]> | undefined
  process.on("message", ({ writers, writes }: Load) => {
    clients ??= [...led(driver, cellOf, genesis.cells)]
    const start = performance.now()
    let left = writes
    let running = writers
    const next = (i: number): void => {
      if (left-- <= 0) {
        if (--running === 0) tell({ ms: performance.now() - start })
        return
      }
      const [client, cell] = clients?.[i] ?? fail("no client")
      driver.request(
        { cell, client, id: `${ORIGIN}-${++asked}`, request: REQUEST, readOnly: false },
        (reply) => {
          if (reply.type !== "response") fail(`not written: ${JSON.stringify(reply)}`)
          next(i)
        },
      )
    }
    for (let i = 0; i < writers; i++) next(i)
  })
  return yield* Effect.never
})

/** Clients that this peer leads, enough for any load. */
function* led(driver: Driver, cellOf: (client: string, cells: number) => number, cells: number) {
  for (let found = 0, i = 0; found < CLIENTS && i < TRIES; i++) {
    const client = `client-${i}`
    const cell = cellOf(client, cells)
    if (!driver.leadership(cell).leads) continue
    found++
    yield [client, cell] as const
  }
}

Effect.runFork(Effect.scoped(peer))
