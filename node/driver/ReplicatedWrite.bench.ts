import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { ETCD, etcdClient, startEtcd } from "../testing/rivals/Etcd.ts"
import { REDIS, redisClient, startRedis } from "../testing/rivals/Redis.ts"
import { MEMBERS } from "../testing/rivals/Rival.ts"
import { makeGenesis } from "../cli/genesis/MakeGenesis.ts"
import { foundersOn } from "../cli/up/Plan.ts"
import { freePorts } from "../ports/FreePorts.ts"
import { opened } from "../testing/Opened.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import type { Load, Told } from "./WriterProcess.ts"

const WRITERS = 64
const BYTES = 300
const ROUNDS = 7
/** Writes of one sample, with one writer and with many. */
const ALONE = 200
const TOGETHER = 4_000

const PEERS = "ringstead"
const BATCHED = "Redis, batched"

/** Three copies somewhere, and how long a load on them takes, in ms. */
interface Store {
  readonly name: string
  readonly run: (load: Load) => Promise<number>
  readonly close: () => Promise<void>
}

const script = fileURLToPath(new URL("WriterProcess.ts", import.meta.url))

const startPeers = async (folder: string): Promise<Store> => {
  const claims = await opened(freePorts(2 * MEMBERS))
  const ports = claims.value
  const genesis = makeGenesis({
    cluster: "bench",
    cells: 128,
    replicas: MEMBERS,
    successors: undefined,
    mode: "replay",
    hash: ["sha1"],
    secret: "0".repeat(64),
    founders: foundersOn(
      Array.from({ length: MEMBERS }, (_, i) => [ports[2 * i] ?? 0, ports[2 * i + 1] ?? 0]),
    ),
  })
  const children = genesis.founders.map(({ name }) =>
    fork(script, [name, folder, JSON.stringify(genesis)], { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  )
  const close = async (): Promise<void> => {
    for (const child of children) child.kill("SIGKILL")
    await claims[Symbol.asyncDispose]()
  }
  try {
    const ends = children.map((child) =>
      once(child, "exit").then(() => Promise.reject(new Error("a peer ended"))),
    )
    for (const end of ends) end.catch(() => {})
    await Promise.race([Promise.all(children.map((child) => once(child, "message"))), ...ends])
    const [first] = children
    if (first === undefined) throw new Error("no peer")
    return {
      name: PEERS,
      run: async (load) => {
        const answered = once(first, "message")
        first.send(load)
        const [told] = (await Promise.race([answered, ...ends])) as [Told]
        return told === "ready" ? 0 : told.ms
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** So many at a time, each of which puts again as soon as it has put. */
const together = (
  { writers, writes }: Load,
  put: (writer: number, done: (error?: Error) => void) => void,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    let left = writes
    let running = writers
    const next = (writer: number): void => {
      if (left-- > 0) put(writer, (error) => (error === undefined ? next(writer) : reject(error)))
      else if (--running === 0) resolve(performance.now() - start)
    }
    for (let writer = 0; writer < writers; writer++) next(writer)
  })

const VALUE = "x".repeat(BYTES)

const etcdStore = async (folder: string): Promise<Store> => {
  const etcd = await startEtcd(join(folder, "etcd"))
  const client = etcdClient((await etcd.leader()).url)
  return {
    name: ETCD,
    run: (load) => together(load, (writer, done) => client.put(`key-${writer}`, VALUE, done)),
    close: async () => {
      client.close()
      await etcd[Symbol.asyncDispose]()
    },
  }
}

const isStored = (replicas: number): Error | undefined =>
  replicas === MEMBERS - 1 ? undefined : new Error(`only ${replicas} replicas of Redis have a write`)

const redisStores = async (folder: string): Promise<ReadonlyArray<Store>> => {
  const redis = await startRedis(join(folder, "redis"))
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => redisClient(redis.port)))
  const keys = Array.from({ length: WRITERS }, (_, i) => `key-${i}`)
  return [
    {
      name: REDIS,
      run: (load) =>
        together(load, (writer, done) =>
          clients[writer]?.putAll([`key-${writer}`], VALUE, (replicas) => done(isStored(replicas))),
        ),
      close: async () => {
        for (const client of clients) client.close()
        await redis[Symbol.asyncDispose]()
      },
    },
    {
      name: BATCHED,
      // One writer, who hands on what all have to write.
      run: ({ writers, writes }) =>
        together({ writers: 1, writes: Math.round(writes / writers) }, (_, done) =>
          clients[0]?.putAll(keys.slice(0, writers), VALUE, (replicas) => done(isStored(replicas))),
        ),
      close: async () => {},
    },
  ]
}

/** Microseconds a write with one writer, writes a second with many. */
const measureAll = async ({ progress, rounds, signal }: MeasureContext): Promise<Measured> => {
  await using scratch = await scratchDirectory()
  const stores: Array<Store> = []
  const missing: Array<string> = []
  const add = async (start: (folder: string) => Promise<ReadonlyArray<Store>>): Promise<void> => {
    try {
      stores.push(...(await start(scratch.path)))
    } catch (error) {
      missing.push(error instanceof Error ? error.message : String(error))
    }
  }
  try {
    await add(async (folder) => [await etcdStore(folder)])
    await add(redisStores)
    stores.push(await startPeers(scratch.path))
    const alone = stores.map(({ name }) => ({ candidate: name, values: new Array<number>() }))
    const many = stores.map(({ name }) => ({ candidate: name, values: new Array<number>() }))
    for (let round = -1; round < Math.min(rounds, ROUNDS); round++) {
      for (const [i, store] of stores.entries()) {
        signal.throwIfAborted()
        progress(round < 0 ? `${store.name} warms up` : `round ${round + 1}: ${store.name}`)
        const one = await store.run({ writers: 1, writes: ALONE })
        const all = await store.run({ writers: WRITERS, writes: TOGETHER })
        if (round < 0) continue
        alone[i]?.values.push((one * 1_000) / ALONE)
        many[i]?.values.push(TOGETHER / (all / 1_000))
      }
    }
    return { alone, many, missing }
  } finally {
    for (const store of stores) await store.close()
  }
}

interface Measured {
  readonly alone: ReadonlyArray<Samples>
  readonly many: ReadonlyArray<Samples>
  readonly missing: ReadonlyArray<string>
}

/** All rows are of the same run: what was measured for the first is kept for the others. */
let last: Promise<Measured> | undefined

const samplesOf = async (
  figure: "alone" | "many",
  candidates: ReadonlyArray<string>,
  context: MeasureContext,
): Promise<ReadonlyArray<Samples>> => {
  last ??= measureAll(context)
  const { missing, [figure]: measured } = await last
  const found = measured.filter(({ candidate }) => candidates.includes(candidate))
  if (found.length < candidates.length) throw new Error(missing.join("; "))
  return found
}

const WRITE = `a write of ${BYTES} B on disk at ${MEMBERS} members`

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 7,
    title: `${WRITE}, 1 writer`,
    unit: "us",
    goal: { of: PEERS, against: ETCD, atMost: 0.6 },
    measure: (context) => samplesOf("alone", [ETCD, PEERS], context),
  },
  {
    row: 7,
    title: `${WRITE}, 1 writer, beside Redis (appendfsync always, WAIT ${MEMBERS - 1})`,
    unit: "us",
    goal: { of: PEERS, against: REDIS, atMost: 0.95 },
    measure: (context) => samplesOf("alone", [REDIS, PEERS], context),
  },
  {
    row: 7,
    title: `${WRITE}, ${WRITERS} writers`,
    unit: "/s",
    goal: { of: PEERS, against: ETCD, atLeast: 6 },
    measure: (context) => samplesOf("many", [ETCD, PEERS], context),
  },
  {
    row: 7,
    title: `${WRITE}, ${WRITERS} writers, beside Redis`,
    unit: "/s",
    goal: { of: PEERS, against: BATCHED, atLeast: 1 },
    measure: (context) => samplesOf("many", [REDIS, BATCHED, PEERS], context),
  },
]
