/** What a checker found: `unknown` says that it could not tell, which is never as good as valid. */
export type Outcome = "valid" | "invalid" | "unknown"

/** Something to look at: where it was seen, so that the history and the traces can be held side by side. */
export interface Evidence {
  /** In a sentence. */
  readonly what: string
  /** When, in ns on the clock of the history; null if it has no time. */
  readonly at: number | null
  /** Lines of history.jsonl. */
  readonly operations?: ReadonlyArray<number>
  /** Lines of traces, as `p0.jsonl:17`. */
  readonly traces?: ReadonlyArray<string>
  readonly client?: string
}

/** The verdict of one checker. */
export interface Finding {
  /** The claim that was checked, in words: `linearizable`, `single leader`. */
  readonly claim: string
  readonly outcome: Outcome
  /** One line that says why, or what was counted. */
  readonly reason: string
  /** The first few, worst first. */
  readonly evidence: ReadonlyArray<Evidence>
  /** How many there were in all. */
  readonly found: number
}

/** Evidence kept of each claim. */
const KEPT = 20

/** Invalid if there is evidence, else what `reason` says. */
export const judged = (claim: string, evidence: ReadonlyArray<Evidence>, reason: string): Finding => ({
  claim,
  outcome: evidence.length === 0 ? "valid" : "invalid",
  reason: evidence[0] === undefined ? reason : andMore(evidence[0].what, evidence.length),
  evidence: evidence.slice(0, KEPT),
  found: evidence.length,
})

export const unknown = (claim: string, reason: string, evidence: ReadonlyArray<Evidence> = []): Finding => ({
  claim,
  outcome: "unknown",
  reason,
  evidence: evidence.slice(0, KEPT),
  found: evidence.length,
})

/** The worst of all: one that is invalid makes the whole so, one that is unknown keeps it from being valid. */
export const together = (outcomes: ReadonlyArray<Outcome>): Outcome => {
  if (outcomes.includes("invalid")) return "invalid"
  return outcomes.length === 0 || outcomes.includes("unknown") ? "unknown" : "valid"
}

const andMore = (first: string, count: number): string =>
  count === 1 ? first : `${first}; and ${count - 1} more`
