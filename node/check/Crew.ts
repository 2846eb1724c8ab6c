import { Worker } from "node:worker_threads"
import type { Progress } from "../../spec/explorer/Explore.ts"
import { STRIDE } from "../../spec/explorer/Explore.ts"
import type { Ledger } from "../../spec/explorer/Ledger.ts"
import { Shares, type Stride } from "../../spec/explorer/Shares.ts"
import type { Batch, Findings } from "../../spec/explorer/Slice.ts"
import type { CrewTask, FromSearcher, ToSearcher } from "./CrewWorker.ts"
import { moduleUrl } from "./Subjects.ts"

/** One thread that has a share of each level; it answers in the order in which it is asked. */
class Searcher {
  readonly #worker: Worker
  readonly #waiting: Array<PromiseWithResolvers<FromSearcher>> = []

  constructor(task: CrewTask) {
    this.#worker = new Worker(new URL(moduleUrl("node/check/CrewWorker")), { workerData: task })
    this.#worker.on("message", (said: FromSearcher) => this.#waiting.shift()?.resolve(said))
    this.#worker.once("error", (error) => {
      for (const one of this.#waiting.splice(0)) one.reject(error)
    })
  }

  expand(limit: number): Promise<Batch> {
    return this.#ask({ type: "expand", limit }) as Promise<Batch>
  }

  keep(isNew: Uint8Array): Promise<Findings> {
    return this.#ask({ type: "keep", isNew }) as Promise<Findings>
  }

  turn(): void {
    // oxlint-disable-next-line require-post-message-target-origin -- a worker of worker_threads has none
    this.#worker.postMessage({ type: "turn" } satisfies ToSearcher)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(asked: ToSearcher): Promise<FromSearcher> {
    const answer = Promise.withResolvers<FromSearcher>()
    // Nobody may listen any more when a thread ends; whoever does is told all the same.
    answer.promise.catch(() => undefined)
    this.#waiting.push(answer)
    // oxlint-disable-next-line require-post-message-target-origin -- a worker of worker_threads has none
    this.#worker.postMessage(asked)
    return answer.promise
  }
}

/** What the threads have been told to expand. */
interface Ahead {
  readonly stride: Stride
  readonly batches: Promise<ReadonlyArray<Batch>>
}

/**
 * Goes on with a search by several threads, to the end. Each expands what it came upon itself, so that no state is ever
 * passed on; what is new this thread decides, by hashes, in the order in which one thread alone would have met it.
 *
 * @param size of the level that is the next to be expanded; the threads find it by themselves.
 * @param enough by which they know it: the first level of so many states.
 */
export const searchTogether = async (
  task: Pick<CrewTask, "source" | "limits">,
  ledger: Ledger,
  { enough, size, workers }: { readonly workers: number; readonly size: number; readonly enough: number },
  show: (now: Progress) => void,
  signal: AbortSignal,
): Promise<void> => {
  const crew = Array.from(
    { length: workers },
    (_, share) => new Searcher({ ...task, enough, share, of: workers }),
  )
  const shares = new Shares(workers, size)
  /** Each thread has something to expand while it is decided what is new of what it found before. */
  const ahead: Array<Ahead> = []
  const goAhead = (): void => {
    const stride = shares.take(STRIDE)
    if (stride === undefined) return
    const batches = Promise.all(crew.map((one, i) => one.expand(stride.counts[i] ?? 0)))
    // Nobody waits for it if the search is over before.
    batches.catch(() => undefined)
    ahead.push({ stride, batches })
  }
  try {
    do {
      goAhead()
      goAhead()
      for (let now = ahead.shift(); now !== undefined && !ledger.isOver; now = ahead.shift()) {
        const { batches, stride } = now
        const before = ledger.distinct
        // oxlint-disable-next-line no-await-in-loop -- in their order
        const parts = stride.split(ledger.merge(stride.join(await batches)))
        const kept = Promise.all(crew.map((one, i) => one.keep(parts[i] as Uint8Array)))
        goAhead()
        // oxlint-disable-next-line no-await-in-loop -- in their order
        ledger.note(stride.gather(await kept), before)
        show({ distinct: ledger.distinct, transitions: ledger.transitions, depth: ledger.depth })
        signal.throwIfAborted()
      }
      for (const one of crew) one.turn()
    } while (ledger.turn(shares.turn()))
  } finally {
    await Promise.all(crew.map((one) => one.end()))
  }
}
