import type { Results } from "../check/Results.ts"

const SIGNS = { valid: "ok", invalid: "FAIL", unknown: "?" } as const

/** The verdict, and each finding in a line. */
export const resultsText = ({ outcome, why, findings, campaign, seed, seenMs, counts }: Results): string =>
  [
    ...findings.map(({ claim, outcome: one, reason }) => `${SIGNS[one].padEnd(5)}${claim}: ${reason}`),
    "",
    `${campaign}, seed ${seed}: ${counts.ok} answered, ${counts.fail} refused, ${counts.open} unknown; ${counts.faults} faults`,
    `${outcome.toUpperCase()}: ${why}`,
    ...(seenMs === null ? [] : [`first seen ${(seenMs / 1_000).toFixed(1)} s after clients began`]),
  ].join("\n")
