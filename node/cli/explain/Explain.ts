import * as Effect from "effect/Effect"
import { type Mode, MODES, modeOf } from "../../../core/peer/Genesis.ts"
import { journalDefaults } from "../../peer/JournalDefaults.ts"
import type { JournalLimits } from "../../peer/JournalReport.ts"
import { ExitCode } from "../ExitCode.ts"
import { isJournaling } from "../look/CellCopies.ts"
import { writeBytes } from "../look/JournalStatus.ts"
import { findRing, type RingChoice } from "../look/RingFlags.ts"
import { survey } from "../look/Survey.ts"
import { table } from "../look/Table.ts"
import { peerTuning, processFlags } from "../process/ProcessFlags.ts"
import type { Refusal } from "../Refusal.ts"
import { type Clause, CONTRACT, GAP } from "./Contract.ts"

/** What `explain` says. */
export interface Explanation {
  /** The mode of the ring that was asked; null when there is none. */
  readonly mode: Mode | null
  readonly contract: ReadonlyArray<Clause>
  /** In force at the peers of that ring; the defaults when no peer tells of others. */
  readonly limits: JournalLimits
  /** Where the limits are from. */
  readonly source: "ring" | "defaults"
  /** What is not promised. */
  readonly gap: string
}

const DEFAULTS: JournalLimits = {
  sessionEntries: journalDefaults.sessionEntries,
  sessionBytes: journalDefaults.sessionBytes,
  sessionIdleMs: journalDefaults.sessionIdleMs,
  bodyBytes: processFlags["body-limit"].fallback,
  answerMs: peerTuning["service-timeout"].fallback,
}

/** Prints the contract with a service, and the limits in force in the ring that `choice` means, if there is one. */
export const explain = Effect.fnUntraced(function* (
  choice: RingChoice,
  output: "table" | "json",
): Effect.fn.Return<ExitCode, Refusal> {
  const isAsked = choice.data !== undefined || choice.genesis !== undefined || choice.peer.length > 0
  // Without a ring there is still something to explain; one that was named must be there.
  const target = yield* isAsked
    ? findRing(choice)
    : findRing(choice).pipe(Effect.catch(() => Effect.succeed(undefined)))
  const reports = target === undefined ? [] : yield* survey(target)
  const limits = reports
    .flatMap(({ report }) => (report !== null && isJournaling(report) ? [report.journal.limits] : []))
    .at(0)
  const explanation: Explanation = {
    mode: target === undefined ? null : modeOf(target.genesis),
    contract: CONTRACT,
    limits: limits ?? DEFAULTS,
    source: limits === undefined ? "defaults" : "ring",
    gap: GAP,
  }
  process.stdout.write(
    `${output === "json" ? JSON.stringify(explanation, null, 2) : writeExplanation(explanation)}\n`,
  )
  return ExitCode.ok
})

/** Characters in a column. */
const WIDTHS = [28, 28, 38]

/** The explanation for people. */
export const writeExplanation = ({ contract, gap, limits, mode, source }: Explanation): string => {
  const head = [
    "",
    ...MODES_SHOWN.map((one) => (one === mode ? `${one.toUpperCase()} (this ring)` : one.toUpperCase())),
  ]
  const lines = contract.flatMap((clause) => [
    ...wrapped([clause.about, ...MODES_SHOWN.map((one) => clause[one])]),
    [],
  ])
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["request body", `${writeBytes(limits.bodyBytes)} (--body-limit), then 413`],
    ["answer", `${writeBytes(limits.bodyBytes)}, whole: no streams, no WebSockets; otherwise 501 or 502`],
    [
      "service's time",
      `${limits.answerMs / 1_000} s for a request (--service-timeout), then it is killed, and 504`,
    ],
    [
      "session",
      `${limits.sessionEntries} requests (--session-entries) or ${writeBytes(limits.sessionBytes)} (--session-bytes), then 507`,
    ],
    ["silence", `${hours(limits.sessionIdleMs)} (--session-idle), then the session is forgotten`],
  ]
  return [
    table([head, ...lines]).trimEnd(),
    "",
    `Limits of the mode replay, ${source === "ring" ? "in force in this ring" : "by default"}:`,
    ...rows.map(([label, text]) => `  ${label.padEnd(14)}  ${text}`),
    "",
    "Not promised:",
    ...wrap(gap, 92).map((line) => `  ${line}`),
  ].join("\n")
}

/** The weaker promise first. */
const MODES_SHOWN: ReadonlyArray<Mode> = MODES.toReversed()

const hours = (ms: number): string =>
  ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`

/** One row of long texts as several rows of short ones. */
const wrapped = (row: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const columns = row.map((text, i) => wrap(text, WIDTHS[i] ?? 40))
  const height = Math.max(...columns.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => columns.map((lines) => lines[line] ?? ""))
}

/** `text` in lines of at most `width` characters, where its words allow it. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
