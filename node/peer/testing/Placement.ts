import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { startRing } from "../../testing/LocalRing.ts"

interface Founder {
  readonly id: string
  readonly name: string
}

/** Where a client belongs, by sorting alone: the first id at or after the last id of the cell of its key. */
const oracle = (founders: ReadonlyArray<Founder>, cells: number, client: string): string => {
  const key = BigInt(`0x${createHash("sha1").update(client).digest("hex")}`)
  const width = 2n ** 160n / BigInt(cells)
  const home = (key / width + 1n) * width - 1n
  const sorted = founders.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return (sorted.find((one) => BigInt(`0x${one.id}`) >= home) ?? sorted[0])?.name ?? ""
}

/** Any program that listens on PORT will do; this one starts fast, since 64 of them have to. */
const TINY = `exec node -e 'require("http").createServer((q, r) => r.end("ok")).listen(process.env.PORT)'`

/** How long a peer that was taken for dead by mistake may take to lead again what is its own, in ms. */
const SETTLED_MS = 30_000

/**
 * Those of 1,000 clients of a ring of that size who land elsewhere than sorted ids say, at any of the dispatchers, and go on
 * doing so though nothing happens to the ring.
 */
export const misplaced = async (
  peers: number,
  flags: ReadonlyArray<string> = [],
): Promise<ReadonlyArray<string>> => {
  await using ring = await startRing(
    ["--peers", String(peers), "--client", "header:x-client", "--service", TINY, ...flags],
    { deadlineMs: 110_000 },
  )
  const genesis = JSON.parse(await readFile(join(ring.data, "genesis.json"), "utf8")) as {
    readonly cells: number
    readonly founders: ReadonlyArray<Founder>
  }
  const { dispatchers } = await ring.file()
  const clients = Array.from({ length: 1_000 }, (_, i) => `client ${i} of ${peers}`)
  const expected = new Map(clients.map((client) => [client, oracle(genesis.founders, genesis.cells, client)]))
  const found: Array<string> = []
  for (const { url } of dispatchers) {
    const isWrong = async (client: string): Promise<boolean> =>
      (await peerOf(url, client)) !== expected.get(client)
    const deadline = performance.now() + SETTLED_MS
    let wrong = await filtered(clients, isWrong)
    while (wrong.length > 0 && performance.now() < deadline) wrong = await filtered(wrong, isWrong)
    found.push(...wrong)
  }
  return found
}

const peerOf = async (url: string, client: string): Promise<string | null> => {
  const response = await fetch(url, { headers: { "x-client": client } })
  await response.arrayBuffer()
  return response.headers.get("ringstead-peer")
}

/** Those of whom it is so, sixteen asked at a time. */
const filtered = async (
  clients: ReadonlyArray<string>,
  is: (client: string) => Promise<boolean>,
): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  const rest = [...clients]
  const worker = async (): Promise<void> => {
    for (let client = rest.pop(); client !== undefined; client = rest.pop()) {
      if (await is(client)) found.push(client)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return found
}
