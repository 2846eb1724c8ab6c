import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { BenchRow, MeasureContext, Samples } from "../bench/BenchRow.ts"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import { buildBinary } from "../testing/BuiltBinary.ts"
import { type PeerFleet, startFleet } from "../testing/PeerFleet.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { standIn } from "../testing/StandIn.ts"
import { connect } from "../transport/RingClient.ts"

/** How many peers: 32 unless told otherwise; 128, as in the table of goals, want more than two cores. */
const PEERS = Number(process.env["RINGSTEAD_BENCH_PEERS"] ?? 32)

/** A promise: a settled ring needs no more hops than this. */
const HOPS = Math.ceil(Math.log2(PEERS))

const WITHIN_MS = 120_000
/** Lookups for each sample. */
const LOOKUPS = 200
/** Ticks for fingers to become what they are in a settled ring: they are refreshed one after the other. */
const SETTLE_MS = 5_000

const hash = makeHasher(["sha1"])

interface Walk {
  readonly ms: number
  readonly hops: number
}

/** Looks keys up one after the other, by way of the first peer, as a dispatcher would. */
const walks = (fleet: PeerFleet, round: number): Promise<ReadonlyArray<Walk>> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const [first] = fleet.genesis.founders
        const client = yield* connect(first?.ring ?? "", { cluster: fleet.genesis.cluster })
        const found: Array<Walk> = []
        for (let i = 0; i < LOOKUPS; i++) {
          const key = hash(`client ${i} of round ${round}`)
          const begin = performance.now()
          const { hops, owner } = yield* client.find(key, { trace: false, deadlineMs: WITHIN_MS })
          if (owner === null) return yield* Effect.die(new Error(`no answer for ${key}`))
          found.push({ ms: performance.now() - begin, hops })
        }
        return found
      }),
    ),
  )

const inRing = async <A>(context: MeasureContext, use: (fleet: PeerFleet) => Promise<A>): Promise<A> => {
  await using scratch = await scratchDirectory()
  await using service = standIn(join(scratch.path, "services"))
  context.progress("building")
  const binary = await buildBinary(join(scratch.path, "package"))
  context.progress(`starting ${PEERS} peers`)
  await using fleet = await startFleet({
    binary,
    peers: PEERS,
    folder: join(scratch.path, "ring"),
    service: () => service.command,
  })
  await fleet.all("ready", WITHIN_MS)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  return await use(fleet)
}

const sample =
  (pick: (walk: Walk) => number) =>
  (context: MeasureContext): Promise<ReadonlyArray<Samples>> =>
    inRing(context, async (fleet) => {
      const values: Array<number> = []
      for (let round = 0; round < context.rounds; round++) {
        context.signal.throwIfAborted()
        context.progress(`round ${round + 1}`)
        values.push(...(await walks(fleet, round)).map(pick))
      }
      return [{ candidate: "fingers by rank", values }]
    })

export const rows: ReadonlyArray<BenchRow> = [
  {
    row: 5,
    title: `lookup in a ring of ${PEERS} processes, one after the other`,
    unit: "ms",
    measure: sample(({ ms }) => ms),
  },
  {
    row: 5,
    title: `hops of a lookup in a ring of ${PEERS} processes`,
    unit: "hops",
    goal: { atMost: HOPS, figure: "worst" },
    measure: sample(({ hops }) => hops),
  },
]
