import { expect, onTestFailed, test } from "vitest"
import { type LocalRing, startRing } from "../testing/LocalRing.ts"
import { type NamedAnswer, type NamedClient, namedClient } from "../testing/NamedClient.ts"
import { PID_SERVICE, WORKERS_SERVICE } from "../testing/services/Services.ts"
import { until } from "../testing/Until.ts"

const FLAGS = ["--peers", "3", "--client", "header:x-client", "--restart-after", "1s"]

const startClient = async (ring: LocalRing): Promise<NamedClient> => {
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const [dispatcher] = (await ring.file()).dispatchers
  const client = namedClient(dispatcher?.url ?? "", "alice")
  return { ...client, ask: (path) => client.ask(path, { headers: { cookie: "who=alice" } }) }
}

/** Kills the peer that gave `answer`, and asks again until another one has. */
const takenOver = async (
  ring: LocalRing,
  client: NamedClient,
  { peer }: NamedAnswer,
): Promise<NamedAnswer> => {
  await ring.signal(peer, "SIGKILL")
  return await until("another peer answers", async () => {
    const answer = await client.ask("/json")
    return answer.peer !== peer ? answer : undefined
  })
}

const visitsIn = ({ text }: NamedAnswer): number => (JSON.parse(text) as { readonly visits: number }).visits

test("a service that names its process is reported at its first request, and its sessions fenced at takeover", async () => {
  await using ring = await startRing([...FLAGS, `--service=${PID_SERVICE}`])
  const client = await startClient(ring)
  const first = await client.ask("/json")
  expect([first.status, visitsIn(first)]).toEqual([200, 1])
  await until("the difference is reported, with the flag that declares it noise", () =>
    /diverged: client alice.*\/pid was.*--ignore \/pid/.test(ring.output()) ? true : undefined,
  )
  const second = await takenOver(ring, client, first)
  expect(second).toMatchObject({
    status: 503,
    code: "diverged",
    text: expect.stringContaining("session reset"),
  })
})

test("declared noise, the same service keeps its sessions", async () => {
  await using ring = await startRing([...FLAGS, `--service=${PID_SERVICE}`, "--ignore=/pid"])
  const client = await startClient(ring)
  const first = await client.ask("/json")
  const second = await takenOver(ring, client, first)
  expect([second.status, visitsIn(second)]).toEqual([200, 2])
  expect(ring.output()).not.toContain("diverged")
})

test("a service of two processes that share nothing is reported", async () => {
  await using ring = await startRing([...FLAGS, `--service=${WORKERS_SERVICE}`])
  const alice = await startClient(ring)
  const [dispatcher] = (await ring.file()).dispatchers
  const bob = namedClient(dispatcher?.url ?? "", "bob")
  // One client's requests may go round the two processes of each peer in step; those of two hardly do.
  await until("the difference is reported", async () => {
    for (const client of [alice, bob, bob, alice, bob]) await client.ask("/")
    return /diverged: client (alice|bob).*\/visits was/.test(ring.output()) ? true : undefined
  })
  expect(ring.output()).not.toContain("fenced")
  expect(ring.output()).not.toContain("--ignore /visits --ignore")
})
