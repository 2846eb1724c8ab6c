import { expect, onTestFailed, test } from "vitest"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import { startRing } from "../testing/LocalRing.ts"
import { type NamedAnswer, type NamedClient, namedClient } from "../testing/NamedClient.ts"

const SESSIONS = 2_000
const CELLS = 128
/** Requests under way at the same time. */
const AT_ONCE = 200

/** `count` names whose keys lie in one cell. */
const namesInOneCell = (count: number): ReadonlyArray<string> => {
  const hash = makeHasher(["sha1"])
  const names: Array<string> = []
  for (let i = 0; names.length < count; i++)
    if (hash.cell(`client-${i}`, CELLS) === 0) names.push(`client-${i}`)
  return names
}

/** One answer of each client. */
const round = async (clients: ReadonlyArray<NamedClient>): Promise<ReadonlyArray<NamedAnswer>> => {
  const answers: Array<NamedAnswer> = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let i = next++; i < clients.length; i = next++) {
      const answer = await clients[i]?.ask("/")
      if (answer !== undefined) answers.push(answer)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return answers
}

test(`${SESSIONS} sessions at once on one cell, and its leader is killed`, async () => {
  await using ring = await startRing(["--peers", "3", "--client", "header:x-client", `--cells=${CELLS}`])
  onTestFailed(() => {
    process.stdout.write(ring.output())
  })
  const { dispatchers } = await ring.file()
  const clients = namesInOneCell(SESSIONS).map((name, i) =>
    namedClient(dispatchers[i % dispatchers.length]?.url ?? "", name),
  )
  const expectVisits = (answers: ReadonlyArray<NamedAnswer>, visits: number): void => {
    const wrong = answers.filter(({ text }) => text !== `{"visits":${visits},"cart":[]}`)
    expect(wrong.slice(0, 3)).toEqual([])
    expect(answers).toHaveLength(SESSIONS)
  }
  expectVisits(await round(clients), 1)
  const answers = await round(clients)
  expectVisits(answers, 2)
  const [leader] = new Set(answers.map(({ peer }) => peer))
  await ring.signal(leader ?? "", "SIGKILL")
  expectVisits(await round(clients), 3)
})
