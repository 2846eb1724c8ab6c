import { hash } from "node:crypto"
import { registerHooks } from "node:module"
import { parentPort, workerData } from "node:worker_threads"
import type { Hash } from "../../../../core/replication/Durable.ts"
import type { Patch } from "../Mutants.ts"
import { patched } from "../Patched.ts"

/** What a worker is told to do. */
export interface Task {
  readonly patches: ReadonlyArray<Patch>
  /** Of the walks, in turn; they follow the schedules. */
  readonly seeds: ReadonlyArray<number>
}

/** What broke first. */
export interface Catch {
  readonly claim: string
  readonly problem: string
  /** The name of a schedule, or the seed of a walk. */
  readonly where: string
  /** Walks until then, this one included. */
  readonly walks: number
}

/** How a mutant was caught: at best by a promise of safety, else because something stood still, or it fell over itself. */
export interface Verdict {
  readonly safety: Catch | null
  readonly other: Catch | null
  readonly walks: number
  readonly ms: number
}

/** Walks after the first other catch in which a broken promise of safety is still looked for. */
const MORE_WALKS = 150

/** These say that nothing happens any more, not that something wrong does. */
const liveness = new Set(["every request is answered", "everything is whole again"])

const { patches, seeds } = workerData as Task

registerHooks(patched(patches))

const { schedules } = await import("../../Schedules.ts")
const { walk } = await import("../../JournalWalk.ts")
const sha256 = (bytes: Uint8Array): Hash => hash("sha256", bytes) as Hash

const attempt = (where: string, walks: number, run: () => void): Catch | null => {
  try {
    run()
    return null
  } catch (error) {
    // A schedule that the mutant leads astray has shown nothing.
    if (error instanceof RangeError && error.message.startsWith("the schedule went another way")) return null
    const claim = error instanceof Error && "claim" in error ? String(error.claim) : "the code's own checks"
    return { claim, problem: error instanceof Error ? error.message : String(error), where, walks }
  }
}

const isSafety = ({ claim }: Catch): boolean => claim !== "the code's own checks" && !liveness.has(claim)

const verdict = (): Verdict => {
  const start = performance.now()
  let other: Catch | null = null
  const end = (safety: Catch | null, walks: number): Verdict => ({
    safety,
    other,
    walks,
    ms: performance.now() - start,
  })
  for (const { name, play } of schedules) {
    const caught = attempt(name, 0, () => play(sha256))
    if (caught !== null && isSafety(caught)) return end(caught, 0)
    other ??= caught
  }
  for (const [index, seed] of seeds.entries()) {
    const walks = index + 1
    if (other !== null && walks > other.walks + MORE_WALKS) return end(null, index)
    const caught = attempt(`seed ${seed}`, walks, () => walk(seed, { sha256 }))
    if (caught !== null && isSafety(caught)) return end(caught, walks)
    other ??= caught
  }
  return end(null, seeds.length)
}

// oxlint-disable-next-line require-post-message-target-origin -- a port of worker_threads has none
parentPort?.postMessage(verdict())
