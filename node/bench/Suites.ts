import type { BenchRow } from "./BenchRow.ts"

interface BenchModule {
  readonly rows: ReadonlyArray<BenchRow>
}

/**
 * The suites of `ringstead bench` and the files that make them up, in the order of performance.md's table. They are
 * loaded when their suite is run, since they drag in what they compare with.
 */
const files = {
  /** What one operation costs in this process. */
  micro: [
    () => import("../../core/hashing/Hasher.bench.ts"),
    () => import("../../core/ring/RingIndex.bench.ts"),
    () => import("../../core/ring/RingId.bench.ts"),
    () => import("../../core/codec/Codec.bench.ts"),
    () => import("../../core/replication/Chain.bench.ts"),
    () => import("../../core/handoff/Writes.bench.ts"),
  ],
  /** What a client or another peer sees of whole processes. */
  front: [
    () => import("../transport/Transport.bench.ts"),
    () => import("../peer/Lookup.bench.ts"),
    () => import("../dispatcher/Dispatcher.bench.ts"),
    () => import("../peer/Detection.bench.ts"),
    () => import("../peer/Startup.bench.ts"),
  ],
  /** What it costs that sessions survive. */
  journal: [
    () => import("../storage/JournalStore.bench.ts"),
    () => import("../driver/ReplicatedWrite.bench.ts"),
    () => import("../peer/WholePath.bench.ts"),
    () => import("../peer/Takeover.bench.ts"),
  ],
} satisfies Record<string, ReadonlyArray<() => Promise<BenchModule>>>

export type SuiteName = keyof typeof files

export const SUITE_NAMES = Object.keys(files) as ReadonlyArray<SuiteName>

/** The rows of a suite. */
export const loadSuite = async (name: SuiteName): Promise<ReadonlyArray<BenchRow>> => {
  const loads: ReadonlyArray<() => Promise<BenchModule>> = files[name]
  const rows: Array<BenchRow> = []
  for (const load of loads) rows.push(...(await load()).rows)
  return rows
}
