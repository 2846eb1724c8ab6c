import { readRun, writeResults } from "../store/RunFiles.ts"
import { availability, gapsOf, recoveriesOf } from "./Availability.ts"
import { coverageOf } from "./Coverage.ts"
import { effects } from "./Effects.ts"
import { enoughTraffic, everyFaultBit } from "./Enough.ts"
import { healedInTime } from "./HealedInTime.ts"
import { hopBound } from "./HopBound.ts"
import { linearizable } from "./Linearizable.ts"
import { minoritySilent } from "./MinoritySilent.ts"
import type { Results } from "./Results.ts"
import { type Run, sessionsOf } from "./Run.ts"
import { singleLeader } from "./SingleLeader.ts"
import { traceConformance } from "./TraceConformance.ts"
import { type Finding, judged, together } from "./Verdict.ts"

/** Reads what a run left in its directory, judges it, and writes results.json beside it. */
export const judge = (directory: string): Results => {
  const results = judgeRun(readRun(directory))
  writeResults(directory, results)
  return results
}

export const judgeRun = (run: Run): Results => {
  const findings: ReadonlyArray<Finding> = [
    linearizable(run),
    ...effects(run),
    singleLeader(run),
    traceConformance(run),
    minoritySilent(run),
    hopBound(run),
    availability(run),
    ...healedInTime(run),
    enoughTraffic(run),
    everyFaultBit(run),
    ...watched(run),
  ]
  const outcome = together(findings.map((finding) => finding.outcome))
  const decisive = findings.find((finding) => finding.outcome === outcome)
  const calls = (which: string): number => run.calls.filter((call) => call.outcome === which).length
  return {
    version: 1,
    campaign: run.plan.campaign,
    seed: run.plan.seed,
    outcome,
    why:
      outcome === "valid" || decisive === undefined
        ? "every claim holds"
        : `${decisive.claim}: ${decisive.reason}`,
    findings,
    seenMs: seenMsOf(findings, run),
    counts: {
      sessions: sessionsOf(run).size,
      ok: calls("ok"),
      fail: calls("fail"),
      open: calls("open"),
      faults: run.faults.filter(({ unavailable }) => unavailable === undefined).length,
      traceLines: run.lines.length,
    },
    latency: latencyOf(run),
    gaps: gapsOf(run).slice(0, 10),
    recoveries: recoveriesOf(run),
    coverage: coverageOf(run),
  }
}

const seenMsOf = (findings: ReadonlyArray<Finding>, { record }: Run): number | null => {
  const times = findings.flatMap(({ outcome, evidence }) =>
    outcome === "invalid" ? evidence.flatMap(({ at }) => (at === null ? [] : [at])) : [],
  )
  return times.length === 0 ? null : (Math.min(...times) - record.calmAt) / 1e6
}

/** A simulated ring is watched as it runs; what was seen there is told with the rest. */
const watched = ({ record }: Run): ReadonlyArray<Finding> => {
  if (record.on !== "simulator") return []
  const { violation, endedAt } = record
  const evidence = violation === null ? [] : [{ what: violation, at: endedAt }]
  return [judged("promises of the journal, watched", evidence, "every step and every write was watched")]
}

const latencyOf = ({ calls }: Run): Results["latency"] => {
  const took = calls
    .flatMap(({ outcome, invoke, end }) =>
      outcome === "ok" && end !== null ? [(end.time - invoke.time) / 1e6] : [],
    )
    .toSorted((a, b) => a - b)
  const at = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0
  return took.length === 0 ? null : { p50: at(0.5), p99: at(0.99), max: at(1) }
}
