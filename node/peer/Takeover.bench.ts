import { join } from "node:path"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { ETCD, etcdClient, startEtcd } from "../testing/rivals/Etcd.ts"
import { startRing } from "../testing/LocalRing.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { until } from "../testing/Until.ts"

const PEERS = 3
const ROUNDS = 5
/** How often somebody asks while nobody may answer, in ms. */
const EVERY_MS = 5
const WITHIN_MS = 20_000

const RINGSTEAD = "ringstead"

/** As short as its operators dare: the election time-out must be several heartbeats. */
const TUNED = ["--heartbeat-interval=30", "--election-timeout=300"]

/** Asks again and again, without waiting for answers; how long it takes until one is right, in ms. */
const firstAnswer = (ask: () => Promise<boolean>): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const end = (settle: () => void): void => {
      clearInterval(asking)
      clearTimeout(deadline)
      settle()
    }
    const again = (): void => {
      ask().then(
        (isRight) => (isRight ? end(() => resolve(performance.now() - start)) : undefined),
        () => {},
      )
    }
    const asking = setInterval(again, EVERY_MS)
    const deadline = setTimeout(() => end(() => reject(new Error("nobody took over"))), WITHIN_MS)
    again()
  })

/** From the kill of the leader until a member that outlives it has written something. */
const etcdRound = async (folder: string): Promise<number> => {
  await using etcd = await startEtcd(folder, TUNED)
  const leader = await etcd.leader()
  const survivor = etcd.members.find(({ pid }) => pid !== leader.pid)
  const client = etcdClient(survivor?.url ?? "")
  const put = (): Promise<boolean> =>
    new Promise((resolve) => client.put("key", "value", (error) => resolve(error === undefined)))
  try {
    await until("etcd writes", async () => ((await put()) ? true : undefined))
    process.kill(leader.pid, "SIGKILL")
    return await firstAnswer(put)
  } finally {
    client.close()
  }
}

const measure = async ({ progress, rounds, signal }: MeasureContext): Promise<ReadonlyArray<Samples>> => {
  await using scratch = await scratchDirectory()
  await using ring = await startRing(
    ["--peers", String(PEERS), "--client", "header:x-client", "--restart-after", "500ms"],
    { data: join(scratch.path, "ring") },
  )
  const [dispatcher] = (await ring.file()).dispatchers
  if (dispatcher === undefined) throw new Error("the ring has no dispatcher")
  /** The peer that answers the client, if it is served. */
  const serves = async (): Promise<string | undefined> => {
    const answer = await fetch(dispatcher.url, { headers: { "x-client": "somebody" } })
    await answer.arrayBuffer()
    return answer.ok ? (answer.headers.get("ringstead-peer") ?? undefined) : undefined
  }
  const [etcd, ours]: [Array<number>, Array<number>] = [[], []]
  for (let round = 0; round < Math.min(rounds, ROUNDS); round++) {
    signal.throwIfAborted()
    progress(`round ${round + 1}: ${ETCD}`)
    etcd.push(await etcdRound(join(scratch.path, `etcd-${round}`)))
    progress(`round ${round + 1}: ${RINGSTEAD}`)
    await until(
      "all is well",
      async () => ((await ring.run("status")).exitCode === 0 ? true : undefined),
      60_000,
    )
    const leader = await until("somebody serves", serves)
    await ring.signal(leader, "SIGKILL")
    ours.push(
      await firstAnswer(async () => {
        const peer = await serves()
        return peer !== undefined && peer !== leader
      }),
    )
  }
  return [
    { candidate: ETCD, values: etcd },
    { candidate: RINGSTEAD, values: ours },
  ]
}

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 10,
    title: `the leader is killed (kill -9): first answer of the next, ${PEERS} members`,
    unit: "ms",
    goal: { of: RINGSTEAD, against: ETCD, atMost: 1 },
    measure,
  },
]
