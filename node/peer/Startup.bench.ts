import { type ChildProcess, spawn } from "node:child_process"
import { freemem } from "node:os"
import { join } from "node:path"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { buildBinary } from "../testing/BuiltBinary.ts"
import { startFleet } from "../testing/PeerFleet.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { standIn } from "../testing/StandIn.ts"

/** How many processes: 128 as in the table of goals, unless this machine is to be spared. */
const PROCESSES = Number(process.env["RINGSTEAD_BENCH_PEERS"] ?? 128)

const WITHIN_MS = 120_000

/** What a peer takes at most, in bytes, its share of the service's shell included. */
const PEER_BYTES = 24 * 1024 * 1024

const BARE = "bare node"
const LISTENS = "peer, bundled: ring and HTTP port open"
const SERVES = "peer, bundled: member of the ring, service ready"

/** Until each of them has printed a line. */
const startBare = async (): Promise<number> => {
  const begin = performance.now()
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, ["--eval", "console.log('up'); process.stdin.resume()"], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  )
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))))
  const took = performance.now() - begin
  await Promise.all(children.map(endBare))
  return took
}

const endBare = (child: ChildProcess): Promise<unknown> => {
  const ended = new Promise((resolve) => child.once("exit", resolve))
  child.stdin?.end()
  return ended
}

/** Until each peer listens, and until each is a member of one ring. */
const startPeers = async (
  binary: readonly [string, string],
): Promise<{ readonly listens: number; readonly serves: number }> => {
  await using scratch = await scratchDirectory()
  await using service = standIn(join(scratch.path, "services"))
  const begin = performance.now()
  await using fleet = await startFleet({
    binary,
    peers: PROCESSES,
    folder: join(scratch.path, "ring"),
    service: () => service.command,
  })
  await fleet.all("listening", WITHIN_MS)
  const listens = performance.now() - begin
  await fleet.all("ready", WITHIN_MS)
  return { listens, serves: performance.now() - begin }
}

const measure = async ({ progress, rounds, signal }: MeasureContext): Promise<ReadonlyArray<Samples>> => {
  if (freemem() < PROCESSES * PEER_BYTES) {
    throw new Error(`too little memory for ${PROCESSES} peers; set RINGSTEAD_BENCH_PEERS to fewer`)
  }
  await using scratch = await scratchDirectory()
  progress("building")
  const binary = await buildBinary(scratch.path)
  const bare: Array<number> = []
  const listens: Array<number> = []
  const serves: Array<number> = []
  for (let round = 1; round <= Math.min(rounds, 3); round++) {
    signal.throwIfAborted()
    progress(`round ${round}: ${PROCESSES} processes`)
    bare.push(await startBare())
    const peers = await startPeers(binary)
    listens.push(peers.listens)
    serves.push(peers.serves)
  }
  return [
    { candidate: BARE, values: bare },
    { candidate: LISTENS, values: listens },
    { candidate: SERVES, values: serves },
  ]
}

/**
 * Both kinds are started at once and counted until the last one has said so. A peer also starts its service, here a
 * sleeping shell, so that it is the peers that are measured.
 */
export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 14,
    title: `${PROCESSES} processes started`,
    unit: "ms",
    goal: { of: LISTENS, against: BARE, atMost: 2 },
    measure,
  },
]
