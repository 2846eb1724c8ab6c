import { faultText, metFaults, type Run, secondsOf, sessionsOf } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

/** How long a client waited in vain, at most. */
export interface Gap {
  readonly client: string
  /** From its first attempt since the last answer to the next answer, in ms; `from` in ns. */
  readonly ms: number
  readonly from: number
}

/** How long after a fault everything was well again. */
export interface Recovery {
  /** Its place in the plan. */
  readonly fault: number
  readonly what: string
  /** From when it was undone (applied, if it has no undo) until the ring was whole; null if that was not seen. In ms. */
  readonly wholeMs: number | null
  /** How long a client waited for its first answer after the fault was applied, at most, in ms; null: one had none. */
  readonly servedMs: number | null
}

/** The longest gap of each client, longest first. */
export const gapsOf = (run: Run): ReadonlyArray<Gap> =>
  [...sessionsOf(run)]
    .map(([client, calls]) => {
      let gap: Gap = { client, ms: 0, from: run.record.calmAt }
      let since: number | undefined
      let isFinal = false
      for (const { invoke, outcome, end } of calls.toSorted(
        (a, b) => (a.end?.time ?? Infinity) - (b.end?.time ?? Infinity),
      )) {
        // Who does not ask does not wait: many had stopped asking long before the reads at the end.
        if (invoke.final === true && !isFinal) since = undefined
        isFinal ||= invoke.final === true
        since ??= invoke.time
        if (outcome !== "ok" || end === null) continue
        const ms = (end.time - Math.min(since, invoke.time)) / 1e6
        if (ms > gap.ms) gap = { client, ms, from: end.time - ms * 1e6 }
        since = undefined
      }
      const waited = since === undefined ? 0 : (run.record.endedAt - since) / 1e6
      return since !== undefined && waited > gap.ms ? { client, ms: waited, from: since } : gap
    })
    .toSorted((a, b) => b.ms - a.ms)

/** Of every fault that was applied. */
export const recoveriesOf = (run: Run): ReadonlyArray<Recovery> => {
  const sessions = [...sessionsOf(run).values()]
  return metFaults(run).flatMap(({ number, fault, record }) => {
    if (record === undefined || record.unavailable !== undefined) return []
    const { appliedAt, undoneAt, wholeAt } = record
    const waits = sessions.flatMap((calls) => {
      const touched = calls.filter(
        ({ end, invoke }) => (end?.time ?? Infinity) >= appliedAt && invoke.final !== true,
      )
      if (touched.length === 0) return []
      const first = Math.min(...touched.map(({ invoke }) => invoke.time))
      const answered = touched
        .filter(({ outcome }) => outcome === "ok")
        .map(({ end }) => end?.time ?? Infinity)
      // Who had no answer any more has waited until it gave up.
      const until = answered.length > 0 ? answered : touched.map(({ end }) => end?.time ?? Infinity)
      return [(answered.length > 0 ? Math.min(...until) : Math.max(...until)) - Math.max(first, appliedAt)]
    })
    const longest = Math.max(0, ...waits)
    return [
      {
        fault: number,
        what: faultText(fault),
        wholeMs: wholeAt === null ? null : (wholeAt - (undoneAt ?? appliedAt)) / 1e6,
        servedMs: longest === Infinity ? null : longest / 1e6,
      },
    ]
  })
}

/** After the last fault the ring becomes whole, and whoever asks is answered. */
export const availability = (run: Run): Finding => {
  const claim = "available again"
  const evidence: Array<Evidence> = run.record.unsettled.map((what) => ({ what, at: run.record.finalAt }))
  for (const [client, calls] of sessionsOf(run)) {
    const asked = calls.filter(({ invoke }) => invoke.final === true)
    if (asked.length === 0 || asked.some(({ outcome }) => outcome === "ok")) continue
    const operations = asked.flatMap(({ invoke, end }) => [
      invoke.index,
      ...(end === null ? [] : [end.index]),
    ])
    evidence.push({
      what: `${client} was not answered at the end`,
      at: asked[0]?.invoke.time ?? null,
      client,
      operations,
    })
  }
  const [longest] = gapsOf(run)
  if (longest === undefined) return unknown(claim, "nobody asked anything")
  const slowest = Math.max(0, ...recoveriesOf(run).map(({ servedMs }) => servedMs ?? 0))
  return judged(
    claim,
    evidence,
    `longest gap ${longest.ms.toFixed(0)} ms (${longest.client} at ${secondsOf(longest.from, run)}); slowest recovery ${slowest.toFixed(0)} ms`,
  )
}
