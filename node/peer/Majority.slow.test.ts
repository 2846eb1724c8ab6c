import { expect, onTestFailed, test } from "vitest"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { startPeer } from "../testing/LonePeer.ts"
import { type NamedClient, namedClient } from "../testing/NamedClient.ts"
import { SHOP_SERVICE } from "../testing/services/Services.ts"
import { until } from "../testing/Until.ts"

interface Placed {
  readonly client: NamedClient
  /** Names of the peers that replicate its cell, the leader first. */
  readonly view: ReadonlyArray<string>
}

const viewOf = async (ring: LocalRing, client: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = await ring.run("session", "show", client, "-o", "json")
  return (JSON.parse(stdout) as { readonly view: ReadonlyArray<string> }).view
}

test("two of a cell's three replicas are killed: it stops with a reason, others do not, and one that is back is enough", async () => {
  await using ring = await startRing(["--client", "header:x-client", "--restart-after", "never"])
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const [dispatcher] = (await ring.file()).dispatchers
  const url = dispatcher?.url ?? ""
  const clients: Array<Placed> = []
  for (let i = 0; i < 12; i++) {
    const client = namedClient(url, `client-${i}`)
    expect(await client.ask("/")).toMatchObject({ status: 200, text: '{"visits":1,"cart":[]}' })
    clients.push({ client, view: await viewOf(ring, client.name) })
  }
  const killed = clients[0]?.view.slice(0, 2) ?? []
  const stopped = clients.filter(({ view }) => killed.every((name) => view.includes(name)))
  const others = clients.filter((one) => !stopped.includes(one))
  expect(stopped.length).toBeGreaterThan(0)
  expect(others.length).toBeGreaterThan(0)
  for (const name of killed) await ring.signal(name, "SIGKILL")

  const refused = Promise.all(
    stopped.map(async ({ client }) => {
      expect(await client.ask("/")).toMatchObject({
        status: 503,
        code: "no-majority",
        text: expect.stringContaining(killed[0] ?? ""),
      })
    }),
  )
  for (const { client } of others) {
    expect(await client.ask("/")).toMatchObject({ status: 200, text: '{"visits":2,"cart":[]}' })
  }
  await refused

  await using back = await startPeer(ring, killed[1] ?? "", [`--service=${SHOP_SERVICE}`])
  for (const { client } of clients) {
    const answer = await until(`${client.name} is served`, async () => {
      const { status, text } = await client.ask("/cart")
      return status === 200 ? text : undefined
    })
    expect(answer).toBe('{"cart":[]}')
  }
  // A request that was refused was not executed, or was not acknowledged: the one from before is there in any case.
  for (const { client } of stopped) {
    const { visits } = JSON.parse((await client.ask("/")).text) as { readonly visits: number }
    expect([2, 3]).toContain(visits)
  }
  for (const { client } of others) expect((await client.ask("/")).text).toBe('{"visits":3,"cart":[]}')
  expect(back.said().filter(({ type }) => type === "corrupt" || type === "diverged")).toEqual([])
})
