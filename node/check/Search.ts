import { setImmediate as pause } from "node:timers/promises"
import { advance, type Progress } from "../../spec/explorer/Explore.ts"
import { Ledger, type Limits } from "../../spec/explorer/Ledger.ts"
import type { Report } from "../../spec/explorer/Report.ts"
import { Slice } from "../../spec/explorer/Slice.ts"
import type { Subject } from "../../spec/explorer/Subject.ts"
import type { SystemSource } from "../../spec/explorer/System.ts"
import { searchTogether } from "./Crew.ts"

/** States of a level for each thread from which on it pays to share them: what is smaller is over before a thread is up. */
const ENOUGH = 1_024

/**
 * Explores a system by its source, with its progress on the terminal if there is one. The report is the same for any
 * number of workers.
 */
export const search = async (
  source: SystemSource,
  limits: Limits,
  workers: number,
  signal: AbortSignal,
): Promise<Report> => {
  const { system } = (await import(source.module)) as Subject<unknown>
  const explored = system(source.options)
  const ledger = new Ledger(explored, limits)
  const enough = workers === 1 ? Infinity : ENOUGH * workers
  const show = progress()
  try {
    const alone = advance(new Slice(explored), ledger, enough)
    for (;;) {
      const { done, value } = alone.next()
      if (done !== true) {
        show(value)
        // oxlint-disable-next-line no-await-in-loop -- so that it can be broken off
        await pause()
        signal.throwIfAborted()
        continue
      }
      // oxlint-disable-next-line no-await-in-loop -- the last time
      if (value > 0)
        await searchTogether({ source, limits }, ledger, { workers, size: value, enough }, show, signal)
      return ledger.report()
    }
  } finally {
    show(undefined)
  }
}

/** Shows on a terminal how far a search has come, a few times a second; undefined when it is over. */
const progress = (): ((now: Progress | undefined) => void) => {
  if (!process.stderr.isTTY) return () => undefined
  const began = performance.now()
  let shown = 0
  return (now) => {
    const at = performance.now()
    if (now !== undefined && at - shown < 200) return
    shown = at
    const text =
      now === undefined
        ? ""
        : `${now.distinct.toLocaleString("en-US")} states, ${now.depth} actions deep, ` +
          `${Math.round((now.distinct / (at - began)) * 1000).toLocaleString("en-US")} a second`
    process.stderr.write(`\r\u001B[K${text}`)
  }
}
