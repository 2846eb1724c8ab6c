import { shellWord } from "../../../core/handoff/ShellWord.ts"
import type { Divergence, EntryReport, SessionReport } from "../../peer/SessionReport.ts"
import { proseOfDifference } from "../DifferenceProse.ts"
import { writeBytes } from "../look/JournalStatus.ts"
import { table } from "../look/Table.ts"

/** The session for people: from the name to the peer, how it stands, and its last requests. */
export const writeSession = (session: SessionReport, cells: number): string => {
  const { applied, at, bytes, cell, client, committed, count, epoch, key, peer, serves, view } = session
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["client", client],
    ["key", key],
    ["cell", `${cell} of ${cells}, epoch ${epoch}, view ${view.join(" ")}`],
    ["leader", `${peer}${serves ? "" : ", which does not serve at present"}`],
    ["entries", `${count} (${writeBytes(bytes)}), ${committed} committed, ${applied} applied by the service`],
    ...(at === null ? [] : [["used", new Date(at).toISOString()] as const]),
    ...(session.activity === null
      ? []
      : [["now", `${session.activity}, ${session.waiting} waiting`] as const]),
    ["state", stateOf(session)],
  ]
  const shown = session.entries.slice(-ROWS)
  const hidden = count - shown.length
  return [
    ...rows.map(([label, value]) => `${label.padEnd(7)} ${value}`),
    ...(shown.length === 0 ? [] : [table([HEAD, ...shown.map(rowOf)], NUMBERS)]),
    ...(hidden > 0 ? [`and ${hidden} before these`] : []),
  ].join("\n")
}

/** As many of the last entries as people are shown. */
const ROWS = 50

const HEAD = ["ENTRY", "TIME", "METHOD", "PATH", "STATUS", "REQUEST", "RESPONSE", "ID", ""]
const NUMBERS = new Set([0, 4, 5, 6])

const rowOf = (entry: EntryReport): ReadonlyArray<string> => [
  String(entry.index),
  new Date(entry.at).toISOString(),
  entry.method,
  entry.target,
  String(entry.status),
  writeBytes(entry.requestBytes),
  writeBytes(entry.responseBytes),
  entry.id,
  [
    ...(entry.isCommitted ? [] : ["not committed yet"]),
    ...(entry.replay === "skip" ? ["skipped at replay: never answered"] : []),
    ...(entry.replay === "run" ? ["answer not journaled"] : []),
  ].join(", "),
]

const stateOf = ({ client, count, diverged, fenced }: SessionReport): string => {
  if (fenced !== null) {
    return `fenced: ${prose(fenced)}; ringstead session reset ${shellWord(client)} serves it again, from nothing`
  }
  if (diverged !== null) return `served; a replay differed: ${prose(diverged)}`
  return count === 0 ? "nothing is journaled of it" : "served"
}

const prose = ({ difference, entry }: Divergence): string =>
  `entry ${entry}, ${proseOfDifference(difference)}`
