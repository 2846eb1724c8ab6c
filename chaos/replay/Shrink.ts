import { judgeRun } from "../check/Judge.ts"
import type { Results } from "../check/Results.ts"
import type { Fault, Plan } from "../plan/Plan.ts"
import type { Simulator } from "./Simulator.ts"

/** What a failing plan was reduced to. */
export interface Shrunk {
  readonly plan: Plan
  /** The claim that failed at first, and fails still. */
  readonly claim: string
  /** Of the last run that failed. */
  readonly why: string
  readonly runs: number
}

export interface ShrinkOptions {
  /** Runs at most. */
  readonly runs: number
  /** Called after each run with the faults that are left. */
  readonly progress?: (runs: number, faults: number) => void
}

const broken = (results: Results): ReadonlyArray<string> =>
  results.findings.filter(({ outcome }) => outcome === "invalid").map(({ claim }) => claim)

/**
 * Reduces a plan that fails on the simulated ring: fewer faults by delta debugging (Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", section 3), then fewer workloads, then shorter times. A smaller plan counts as
 * failing if one of the claims fails that failed at first. Undefined if the plan does not fail there at all.
 */
export const shrink = async (
  plan: Plan,
  simulator: Simulator,
  { runs, progress }: ShrinkOptions,
): Promise<Shrunk | undefined> => {
  let used = 0
  let why = ""
  let claims: ReadonlyArray<string> | undefined
  const fails = async (candidate: Plan): Promise<boolean> => {
    if (used >= runs) return false
    used++
    const found = await attempt(candidate, simulator)
    claims ??= found.claims
    const isSame = found.claims.some((claim) => claims?.includes(claim))
    if (isSame) why = found.why
    progress?.(used, candidate.faults.length)
    return isSame
  }
  if (!(await fails(plan))) return undefined
  let best = plan
  const keep = async (candidate: Plan): Promise<boolean> => {
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  await fewer(plan.faults, (faults) => keep({ ...best, faults }), 0)
  await fewer(plan.workloads, (workloads) => keep({ ...best, workloads }), 1)
  await shorter(() => best, keep)
  return { plan: best, claim: claims?.[0] ?? "", why, runs: used }
}

/** The claims that a plan breaks there. A ring that falls over itself breaks one, too. */
const attempt = async (plan: Plan, simulator: Simulator) => {
  try {
    const results = judgeRun(await simulator.play(plan, ""))
    return { claims: broken(results), why: results.why }
  } catch (error) {
    return { claims: ["the code's own checks"], why: error instanceof Error ? error.message : String(error) }
  }
}

/** The smallest part of a list found that still fails, `least` items at least. */
const fewer = async <A>(
  all: ReadonlyArray<A>,
  fails: (part: ReadonlyArray<A>) => Promise<boolean>,
  least: number,
): Promise<void> => {
  // Often the fault in the code needs no other.
  if (all.length > least && (await fails(all.slice(0, least)))) return
  let items = all
  let lumps = 2
  while (items.length > Math.max(1, least)) {
    const size = Math.ceil(items.length / lumps)
    let next: ReadonlyArray<A> | undefined
    for (let from = 0; from < items.length && next === undefined; from += size) {
      const without = [...items.slice(0, from), ...items.slice(from + size)]
      if (without.length >= least && (await fails(without))) next = without
    }
    if (next !== undefined) {
      items = next
      lumps = Math.max(2, lumps - 1)
    } else if (size === 1) return
    else lumps = Math.min(items.length, lumps * 2)
  }
}

/**
 * Leaves out what is before the first fault, as much of it as may be, and what is after the last one; then halves each fault, and
 * the calm before them, for as long as it fails.
 */
const shorter = async (best: () => Plan, keep: (plan: Plan) => Promise<boolean>): Promise<void> => {
  for (let by = best().faults[0]?.at ?? 0; by >= 500; by = Math.floor(by / 2)) {
    const { faults, faultsMs } = best()
    const earlier = faults.map((fault): Fault => ({ ...fault, at: fault.at - by }))
    if (await keep({ ...best(), faults: earlier, faultsMs: faultsMs - by })) break
  }
  const last = Math.max(0, ...best().faults.map(endOf))
  await keep({ ...best(), faultsMs: Math.max(last, Math.min(best().faultsMs, last + 1_000)) })
  for (const n of best().faults.keys()) {
    for (;;) {
      const { faults } = best()
      const forMs = Math.floor((faults[n]?.forMs ?? 0) / 2)
      if (forMs < 100) break
      const halved = faults.map((fault, m): Fault => (m === n ? { ...fault, forMs } : fault))
      if (!(await keep({ ...best(), faults: halved }))) break
    }
  }
  while (best().calmMs >= 1_000 && (await keep({ ...best(), calmMs: Math.floor(best().calmMs / 2) })));
}

const endOf = ({ at, forMs = 0 }: Fault): number => at + forMs
