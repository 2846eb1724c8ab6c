import { hash } from "node:crypto"
import { appendFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Hash } from "../../core/replication/Durable.ts"
import type { Patch } from "../../spec/conformance/mutants/Mutants.ts"
import { patched } from "../../spec/conformance/mutants/Patched.ts"
import type { Outcome } from "../../spec/conformance/simulator/Simulate.ts"

/** What all runs of a worker have in common. */
export interface SimulationTask {
  readonly peers: number
  readonly minutes: number
  /** Of the mutant that runs instead of the code; none for the code itself. */
  readonly patches: ReadonlyArray<Patch>
  /** The file for the trace of the run that is traced. */
  readonly trace: string | null
}

export interface ToWorker {
  readonly seed: number
  readonly isTraced: boolean
}

export type FromWorker =
  | { readonly type: "ready" }
  | {
      readonly type: "ended"
      readonly outcome: Outcome
      /** Processor time that the run took, in ms. */
      readonly cpuMs: number
    }

const { minutes, patches, peers, trace } = workerData as SimulationTask

if (patches.length > 0) registerHooks(patched(patches))

const { simulate } = await import("../../spec/conformance/simulator/Simulate.ts")
const sha256 = (bytes: Uint8Array): Hash => hash("sha256", bytes) as Hash

const say = (said: FromWorker): void => {
  // oxlint-disable-next-line require-post-message-target-origin -- a port of worker_threads has none
  parentPort?.postMessage(said)
}

parentPort?.on("message", ({ isTraced, seed }: ToWorker) => {
  const began = process.threadCpuUsage()
  const outcome = simulate(
    { seed, peers, minutes },
    {
      sha256,
      ...(isTraced &&
        trace !== null && {
          onLines: (lines) =>
            appendFileSync(trace, lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
        }),
    },
  )
  const { system, user } = process.threadCpuUsage(began)
  say({ type: "ended", outcome, cpuMs: (system + user) / 1_000 })
})
say({ type: "ready" })
