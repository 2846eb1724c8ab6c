import { hash } from "node:crypto"
import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Hash } from "../../../../core/replication/Durable.ts"
import type { Patch } from "../Mutants.ts"

/** What a worker is told to do. */
export interface Task {
  readonly patches: ReadonlyArray<Patch>
  readonly seeds: ReadonlyArray<number>
}

/** How a mutant was caught: by which promise, in which walk of how many; null: none of the walks caught it. */
export interface Verdict {
  readonly caught: { readonly claim: string; readonly problem: string; readonly seed: number } | null
  readonly walks: number
  readonly ms: number
}

const { patches, seeds } = workerData as Task

/** Files are changed as they are loaded, in this thread only. */
registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    const mine = patches.filter(({ file }) => url.endsWith(`/${file}`))
    if (mine.length === 0) return loaded
    let source = String(loaded.source)
    for (const { find, replace } of mine) source = source.replace(find, () => replace)
    return { ...loaded, source }
  },
})

const { walk } = await import("../../JournalWalk.ts")
const sha256 = (bytes: Uint8Array): Hash => hash("sha256", bytes) as Hash

const verdict = (): Verdict => {
  const start = performance.now()
  for (const [index, seed] of seeds.entries()) {
    try {
      walk(seed, { sha256 })
    } catch (error) {
      const claim = error instanceof Error && "claim" in error ? String(error.claim) : "the code itself"
      const problem = error instanceof Error ? error.message : String(error)
      return { caught: { claim, problem, seed }, walks: index + 1, ms: performance.now() - start }
    }
  }
  return { caught: null, walks: seeds.length, ms: performance.now() - start }
}

parentPort?.postMessage(verdict())
