import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Patch } from "../../spec/conformance/mutants/Mutants.ts"
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

/** Files are changed as they are loaded, in this thread only. */
registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    const mine = patches.filter(({ file }) => url.endsWith(`/${file}`))
    if (mine.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    const { source } = loaded
    let text = typeof source === "string" ? source : new TextDecoder().decode(source)
    for (const { find, replace } of mine) text = text.replace(find, () => replace)
    return { ...loaded, source: text }
  },
})

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
