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
    this.#worker = new Worker(new URL(moduleUrl("node/check/CrewWorker")), {
      workerData: task,
      // Most states turn out to be known, a moment later: with room for them until then few are ever moved.
      resourceLimits: { maxYoungGenerationSizeMb: 192 },
    })
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

/** States that are expanded at a time: few, so that what is not new is soon forgotten, and enough to be worth a message. */
const ROUND = 256

/** What the threads have been told to expand. */
interface Ahead {
  readonly stride: Stride
  readonly batches: Promise<ReadonlyArray<Batch>>
}

/** What they have been told to keep, and how many states there were before. */
interface Kept {
  readonly stride: Stride
  readonly findings: Promise<ReadonlyArray<Findings>>
  readonly before: number
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
    const stride = shares.take(ROUND)
    if (stride === undefined) return
    const batches = Promise.all(crew.map((one, i) => one.expand(stride.counts[i] ?? 0)))
    // Nobody waits for it if the search is over before.
    batches.catch(() => undefined)
    ahead.push({ stride, batches })
  }
  const level = async (): Promise<void> => {
    let kept: Array<Kept> = []
    goAhead()
    goAhead()
    for (let round = 1, now = ahead.shift(); now !== undefined; round++, now = ahead.shift()) {
      const { batches, stride } = now
      const before = ledger.distinct
      // oxlint-disable-next-line no-await-in-loop -- in their order
      const parts = stride.split(ledger.merge(stride.join(await batches)))
      const findings = Promise.all(crew.map((one, i) => one.keep(parts[i] as Uint8Array)))
      kept.push({ stride, findings, before })
      goAhead()
      // One thread alone looks no more often whether it is over.
      if ((round * ROUND) % STRIDE !== 0 && ahead.length > 0) continue
      // oxlint-disable-next-line no-await-in-loop -- in their order
      for (const one of kept) ledger.note(one.stride.gather(await one.findings), one.before)
      kept = []
      show({ distinct: ledger.distinct, transitions: ledger.transitions, depth: ledger.depth })
      signal.throwIfAborted()
      if (ledger.isOver) return
    }
  }
  try {
    do {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await level()
      for (const one of crew) one.turn()
    } while (ledger.turn(shares.turn()))
  } finally {
    await Promise.all(crew.map((one) => one.end()))
  }
}
