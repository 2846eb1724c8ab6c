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

/** Those of 1,000 clients of a ring of that size who land elsewhere than sorted ids say, at any of the dispatchers. */
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
  for (const dispatcher of dispatchers) {
    const landed = new Map<string, string | null>()
    const rest = [...clients]
    const worker = async (): Promise<void> => {
      for (let client = rest.pop(); client !== undefined; client = rest.pop()) {
        const response = await fetch(dispatcher.url, { headers: { "x-client": client } })
        await response.arrayBuffer()
        landed.set(client, response.headers.get("ringstead-peer"))
      }
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    found.push(...clients.filter((client) => landed.get(client) !== expected.get(client)))
  }
  return found
}
