import type { Gap, Recovery } from "./Availability.ts"
import type { Coverage } from "./Coverage.ts"
import type { Finding, Outcome } from "./Verdict.ts"

/** results.json of a run: what was found, and why. */
export interface Results {
  readonly version: 1
  readonly campaign: string
  readonly seed: number
  /** Invalid if any finding is; else unknown if any is; else valid. */
  readonly outcome: Outcome
  /** The finding that decides, in a line. */
  readonly why: string
  readonly findings: ReadonlyArray<Finding>
  /** When the first of what is invalid was seen, in ms after the calm phase began; null if nothing is, or it has no time. */
  readonly seenMs: number | null
  readonly counts: {
    readonly sessions: number
    readonly ok: number
    readonly fail: number
    /** Calls of which nobody knows the outcome. */
    readonly open: number
    readonly faults: number
    readonly traceLines: number
  }
  /** Of what was answered, in ms; null if nothing was. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number } | null
  /** The longest of each client, longest first; ten at most. */
  readonly gaps: ReadonlyArray<Gap>
  readonly recoveries: ReadonlyArray<Recovery>
  readonly coverage: Coverage
}
