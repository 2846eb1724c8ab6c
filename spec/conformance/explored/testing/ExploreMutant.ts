import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Patch } from "../../mutants/Mutants.ts"
import { patched } from "../../mutants/Patched.ts"
import type { CoreOptions } from "../CoreState.ts"

/** What a worker is told to explore: the code with these patches, none for the code itself. */
export interface ExploreTask {
  readonly patches: ReadonlyArray<Patch>
  readonly options: CoreOptions
  readonly states: number
  /** Whether each step is held against the journal's model too. */
  readonly isRefined?: boolean
}

export interface Explored {
  readonly distinct: number
  readonly isComplete: boolean
  readonly unseen: ReadonlyArray<string>
  /** The first finding, its claim first; null if there is none. */
  readonly finding: string | null
  readonly way: ReadonlyArray<string>
}

const { isRefined = false, options, patches, states } = workerData as ExploreTask

registerHooks(patched(patches))

const { system } = isRefined
  ? await import("../../refinement/RefinedCore.ts")
  : await import("../CoreSystem.ts")
const { explored } = await import("../../../explorer/Explore.ts")
const { retell } = await import("../../../explorer/Retell.ts")

const judge = (): Explored => {
  const core = system(options)
  try {
    const { distinct, findings, isComplete, unseen } = explored(core, { states })
    const [first] = findings
    const finding = first === undefined ? null : `${first.name}: ${first.problem}`
    return { distinct, isComplete, unseen, finding, way: first === undefined ? [] : retell(core, first.way) }
  } catch (error) {
    const finding = `the code's own checks: ${String(error)}`
    return { distinct: 0, isComplete: false, unseen: [], finding, way: [] }
  }
}

// oxlint-disable-next-line require-post-message-target-origin -- a port of worker_threads has none
parentPort?.postMessage(judge())
