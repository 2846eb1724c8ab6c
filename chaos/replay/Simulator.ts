import { Worker } from "node:worker_threads"
import { readTraces } from "../../spec/conformance/trace/ReadTraces.ts"
import { mutants } from "../../spec/conformance/mutants/Mutants.ts"
import type { Run } from "../check/Run.ts"
import { callsOf } from "../history/Call.ts"
import type { Plan } from "../plan/Plan.ts"
import type { SimulatedRun } from "./Simulate.ts"
import type { Task, Told, Workshop } from "./SimulatorWorker.ts"

/** Plays plans on simulated rings, one after another, in a thread of its own. */
export interface Simulator {
  /** @throws Error if the code fell over itself, which a mutant may make it do */
  readonly play: (plan: Plan, command: string, progress?: (part: number) => void) => Promise<Run>
  readonly close: () => Promise<void>
}

/** A mutant's name as it is written on a command line: with a "-" for each blank. */
export const mutantName = (name: string): string => name.replaceAll(" ", "-")

export const mutantNames: ReadonlyArray<string> = mutants.map(({ name }) => mutantName(name))

/** @param mutant by name, or null for the code as it is */
export const openSimulator = (mutant: string | null): Simulator => {
  const patches = mutants.find(({ name }) => mutantName(name) === mutant)?.patches
  if (mutant !== null && patches === undefined) throw new RangeError(`there is no mutant ${mutant}`)
  const workshop: Workshop = { patches: patches ?? [] }
  const worker = new Worker(new URL("SimulatorWorker.ts", import.meta.url), { workerData: workshop })
  const play: Simulator["play"] = async (plan, command, progress) => {
    const told = new Promise<SimulatedRun>((resolve, reject) => {
      const end = (): void => {
        worker.off("message", listen)
        worker.off("error", reject)
      }
      const listen = (said: Told): void => {
        if (said.type === "progress") return progress?.(said.part)
        end()
        if (said.type === "run") resolve(said.run)
        else reject(new Error(`the simulated ring broke: ${said.reason}`))
      }
      worker.on("message", listen)
      worker.on("error", reject)
    })
    const task: Task = { plan, options: { startedMs: Date.now(), mutant, command } }
    // oxlint-disable-next-line require-post-message-target-origin -- a worker of worker_threads has none
    worker.postMessage(task)
    const { traces, ...run } = await told
    const lines = readTraces(traces).lines.map(({ file, line, said }) => ({ where: `${file}:${line}`, said }))
    return { plan, ...run, calls: callsOf(run.history), traces, lines }
  }
  return {
    play,
    close: async () => {
      await worker.terminate()
    },
  }
}
