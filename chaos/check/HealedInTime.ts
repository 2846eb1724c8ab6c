import { HALVES } from "../plan/Episodes.ts"
import { metFaults, type Run } from "./Run.ts"
import { type Finding, judged, unknown } from "./Verdict.ts"

const CLAIM = "whole again 10 s after halves"
const LIMIT_MS = 10_000

/**
 * Two halves that did not hear of each other become one ring again, as `check-ring` sees it, within 10 s after the links between
 * them are healed. None of a run without such a fault.
 */
export const healedInTime = (run: Run): ReadonlyArray<Finding> => {
  const halves = metFaults(run).filter(({ fault }) => fault.shape === HALVES)
  if (halves.length === 0) return []
  const took = halves.map(({ record }) => {
    if (record === undefined || record.undoneAt === null) return null
    // Not whole yet at the end: it takes longer than so.
    return {
      ms: ((record.wholeAt ?? run.record.endedAt) - record.undoneAt) / 1e6,
      isOver: record.wholeAt !== null,
    }
  })
  const late = halves.flatMap(({ number, record }, n) => {
    const one = took[n]
    if (one === undefined || one === null || one.ms <= LIMIT_MS) return []
    const told = one.isOver
      ? `was whole ${seconds(one.ms)} after it`
      : `was not whole ${seconds(one.ms)} after it`
    return [{ what: `fault ${number} was healed, and the ring ${told}`, at: record?.undoneAt ?? null }]
  })
  if (late.length === 0 && took.some((one) => one === null || !one.isOver))
    return [
      unknown(
        CLAIM,
        "the halves were not healed, or nobody looked long enough whether the ring became whole",
      ),
    ]
  const longest = Math.max(...took.map((one) => one?.ms ?? 0))
  return [judged(CLAIM, late, `whole ${seconds(longest)} after the links were healed`)]
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
