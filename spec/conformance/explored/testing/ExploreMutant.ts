import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Patch } from "../../mutants/Mutants.ts"
import type { CoreOptions } from "../CoreState.ts"

/** What a worker is told to explore: the code with these patches, none for the code itself. */
export interface ExploreTask {
  readonly patches: ReadonlyArray<Patch>
  readonly options: CoreOptions
  readonly states: number
}

export interface Explored {
  readonly distinct: number
  readonly isComplete: boolean
  readonly unseen: ReadonlyArray<string>
  /** The first finding, its claim first; null if there is none. */
  readonly finding: string | null
  readonly way: ReadonlyArray<string>
}

const { options, patches, states } = workerData as ExploreTask

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

const { system } = await import("../CoreSystem.ts")
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
