import { setImmediate as pause } from "node:timers/promises"
import { explore, type Progress } from "../../spec/explorer/Explore.ts"
import type { Limits } from "../../spec/explorer/Ledger.ts"
import type { Report } from "../../spec/explorer/Report.ts"
import type { Subject } from "../../spec/explorer/Subject.ts"
import type { SystemSource } from "../../spec/explorer/System.ts"

/** Explores a system by its source, with its progress on the terminal if there is one. */
export const search = async (
  { module, options }: SystemSource,
  limits: Limits,
  signal: AbortSignal,
): Promise<Report> => {
  const { system } = (await import(module)) as Subject<unknown>
  const show = progress()
  try {
    const states = explore(system(options), limits)
    for (;;) {
      const { done, value } = states.next()
      if (done === true) return value
      show(value)
      await pause()
      signal.throwIfAborted()
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
