import { parentPort, type Transferable, workerData } from "node:worker_threads"
import { advance } from "../../spec/explorer/Explore.ts"
import { Ledger, type Limits } from "../../spec/explorer/Ledger.ts"
import { type Batch, type Findings, Slice } from "../../spec/explorer/Slice.ts"
import type { Subject } from "../../spec/explorer/Subject.ts"
import type { SystemSource } from "../../spec/explorer/System.ts"

/** Which part of which search a thread takes: every `of`th state of the first level that has `enough`, and what follows. */
export interface CrewTask {
  readonly source: SystemSource
  readonly limits: Limits
  readonly enough: number
  readonly share: number
  readonly of: number
}

export type ToSearcher =
  | { readonly type: "expand"; readonly limit: number }
  | { readonly type: "keep"; readonly isNew: Uint8Array }
  | { readonly type: "turn" }

/** To `expand` and to `keep`. */
export type FromSearcher = Batch | Findings

const { enough, limits, of, share, source } = workerData as CrewTask
const { system } = (await import(source.module)) as Subject<unknown>
const explored = system(source.options)
const slice = new Slice(explored)
// What is before is the same for everybody, and soon done.
for (const _ of advance(slice, new Ledger(explored, limits), enough));
slice.share(share, of)

const say = (said: FromSearcher, moved: ReadonlyArray<Transferable>): void =>
  parentPort?.postMessage(said, moved)

const sayBatch = (batch: Batch): void => {
  const { counts, ends, fair, highs, lows, numbers } = batch
  say(
    batch,
    [counts, ends, fair, highs, lows, numbers].map((one) => one.buffer as ArrayBuffer),
  )
}

parentPort?.on("message", (asked: ToSearcher) => {
  if (asked.type === "expand") sayBatch(slice.expand(asked.limit))
  else if (asked.type === "keep") say(slice.keep(asked.isNew), [])
  else slice.turn()
})
