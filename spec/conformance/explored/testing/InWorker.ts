import { Worker } from "node:worker_threads"
import type { Explored, ExploreTask } from "./ExploreMutant.ts"

/** Explores in a thread of its own, where the code may be changed as it is loaded. */
export const inWorker = (task: ExploreTask): Promise<Explored> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("ExploreMutant.ts", import.meta.url), { workerData: task })
    worker.once("message", (found: Explored) => resolve(found))
    worker.once("error", reject)
  })
