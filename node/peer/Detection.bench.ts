import { join } from "node:path"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { CHECKOUT } from "../testing/BuiltBinary.ts"
import { startFleet } from "../testing/PeerFleet.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { standIn } from "../testing/StandIn.ts"

const PEERS = 5
const WITHIN_MS = 30_000

/** Silence after which a peer is taken for dead, by default. */
const TIMEOUT_MS = 300

/** From SIGSTOP until the first other peer says that it suspects the one that fell silent. */
const measure = async ({ progress, rounds, signal }: MeasureContext): Promise<ReadonlyArray<Samples>> => {
  await using scratch = await scratchDirectory()
  await using service = standIn(join(scratch.path, "services"))
  await using fleet = await startFleet({
    binary: CHECKOUT,
    peers: PEERS,
    folder: join(scratch.path, "ring"),
    service: () => service.command,
  })
  await fleet.all("ready", WITHIN_MS)
  const values: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted()
    const victim = fleet.genesis.founders[round % PEERS]?.name ?? ""
    progress(`round ${round + 1}: ${victim} falls silent`)
    // Somewhere else within the heartbeat interval each time.
    await new Promise((resolve) => setTimeout(resolve, 500 + ((round * 37) % 100)))
    fleet.forget()
    const begin = Date.now()
    process.kill(fleet.pidOf(victim), "SIGSTOP")
    const { at } = await fleet.line(
      ({ event }) => event.type === "suspected" && event.peer === victim && event.reason === "silent",
      WITHIN_MS,
    )
    values.push(Date.parse(at) - begin)
    process.kill(fleet.pidOf(victim), "SIGCONT")
    await fleet.line(({ event }) => event.type === "cleared" && event.peer === victim, WITHIN_MS)
  }
  return [{ candidate: "first suspicion", values }]
}

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 11,
    title: `a peer of ${PEERS} falls silent (SIGSTOP), time-out ${TIMEOUT_MS} ms`,
    unit: "ms",
    goal: { atMost: 1.35 * TIMEOUT_MS, figure: "worst" },
    measure,
  },
]
