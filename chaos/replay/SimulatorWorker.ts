import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Patch } from "../../spec/conformance/mutants/Mutants.ts"
import { patched } from "../../spec/conformance/mutants/Patched.ts"
import type { Plan } from "../plan/Plan.ts"
import type { SimulatedRun, SimulateOptions } from "./Simulate.ts"

/** What a worker is told to do: each plan it is sent, with the code changed so. */
export interface Workshop {
  readonly patches: ReadonlyArray<Patch>
}

export interface Task {
  readonly plan: Plan
  readonly options: Omit<SimulateOptions, "progress">
}

export type Told =
  | { readonly type: "progress"; readonly part: number }
  | { readonly type: "run"; readonly run: SimulatedRun }
  /** The code fell over itself. */
  | { readonly type: "broken"; readonly reason: string }

const { patches } = workerData as Workshop

registerHooks(patched(patches))

const { simulate } = await import("./Simulate.ts")

const tell = (told: Told): void => {
  // oxlint-disable-next-line require-post-message-target-origin -- a port of worker_threads has none
  parentPort?.postMessage(told)
}

parentPort?.on("message", ({ plan, options }: Task) => {
  let told = 0
  const progress = (part: number): void => {
    if (part - told < 0.02) return
    told = part
    tell({ type: "progress", part })
  }
  try {
    tell({ type: "run", run: simulate(plan, { ...options, progress }) })
  } catch (error) {
    tell({ type: "broken", reason: error instanceof Error ? error.message : String(error) })
  }
})
