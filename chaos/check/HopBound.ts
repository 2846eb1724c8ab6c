import type { Run } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

const CLAIM = "hop bound"

/** A lookup is given up after five tries of three heartbeats: what ends so began long before it ended. */
const GIVEN_UP_NS = 3_000_000_000

/**
 * Every traced lookup stayed within its budget (routing.md, Hops); the distribution is told. While the ring is being mended a
 * lookup may go astray, so those that began or ended then are counted and not held against anybody.
 */
export const hopBound = (run: Run): Finding => {
  const { lines, record, faults } = run
  const hops = new Map<number, number>()
  const evidence: Array<Evidence> = []
  let astray = 0
  for (const { said, where } of lines) {
    if (said.type !== "lookup") continue
    hops.set(said.hops, (hops.get(said.hops) ?? 0) + 1)
    if (said.hops <= said.budget && said.found !== null) continue
    const isMending = faults.some(
      ({ begunAt, wholeAt }) =>
        said.t >= begunAt && said.t <= (wholeAt ?? record.finalAt) + (said.found === null ? GIVEN_UP_NS : 0),
    )
    if (isMending) astray++
    else {
      const what =
        said.found === null
          ? `a lookup at ${said.peer} was given up after ${said.hops} messages`
          : `a lookup at ${said.peer} took ${said.hops} messages, its budget was ${said.budget}`
      evidence.push({ what, at: said.t, traces: [where] })
    }
  }
  if (hops.size === 0) return unknown(CLAIM, "no trace tells of a lookup")
  const told = [...hops].toSorted(([a], [b]) => a - b).map(([hop, count]) => `${count} of ${hop}`)
  return judged(
    CLAIM,
    evidence,
    `lookups by messages: ${told.join(", ")}; ${astray} went astray while faults lasted`,
  )
}
