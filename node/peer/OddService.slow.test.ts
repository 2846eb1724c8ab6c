import { expect, onTestFailed, test } from "vitest"
import { startRing } from "../testing/LocalRing.ts"
import { namedClient } from "../testing/NamedClient.ts"
import { ODD_SERVICE } from "../testing/services/Services.ts"

const MIB = 2 ** 20

test("a service that hangs, streams, breaks off or says too much costs a request, and no session", async () => {
  await using ring = await startRing([
    "--peers",
    "3",
    "--client",
    "header:x-client",
    `--service=${ODD_SERVICE}`,
    "--service-timeout=1s",
  ])
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const [dispatcher] = (await ring.file()).dispatchers
  const client = namedClient(dispatcher?.url ?? "", "alice")
  let count = 0
  const counts = async (): Promise<void> => {
    count++
    expect(await client.ask("/")).toMatchObject({ status: 200, text: `{"count":${count}}` })
  }
  const answers = async (path: string, status: number, code: string): Promise<void> => {
    const answer = await client.ask(path)
    expect([path, answer.status, answer.code]).toEqual([path, status, code])
  }
  await counts()
  await answers("/early", 502, "service-closed")
  await answers("/short", 502, "service-closed")
  await answers("/garbage", 502, "service-garbage")
  await counts()
  await answers("/events", 501, "service-streams")
  await answers(`/bytes/${MIB + 1}`, 502, "service-too-large")
  await answers(`/chunked/${MIB + 1}`, 502, "service-too-large")
  await answers(`/bytes/${MIB}`, 200, "")
  await counts()
  expect(await client.ask("/", { method: "POST", body: "x".repeat(MIB + 1) })).toMatchObject({ status: 413 })
  await answers("/hang", 504, "service-silent")
  // The service was killed for it; what the client did before is replayed into the next one.
  await counts()
  await answers("/die", 502, "service-died")
  await counts()
})
