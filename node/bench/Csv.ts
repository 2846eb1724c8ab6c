import type { BenchReport } from "./BenchReport.ts"

const HEADER = [
  "row",
  "title",
  "candidate",
  "unit",
  "median",
  "q1",
  "q3",
  "worst",
  "ratio",
  "ratio_q1",
  "ratio_q3",
  "goal",
  "met",
]

/** The report as comma-separated values (RFC 4180), a line for each candidate; rows not measured are left out. */
export const csvOf = (report: BenchReport): string => {
  const lines = report.rows.flatMap(({ row, title, unit, candidates, verdict }) =>
    candidates.map(({ name, spread, ratio }) => [
      row,
      title,
      name,
      unit,
      spread.median,
      spread.q1,
      spread.q3,
      spread.worst,
      ratio?.median ?? "",
      ratio?.q1 ?? "",
      ratio?.q3 ?? "",
      ...(verdict?.of === name ? [verdict.goal, verdict.isMet] : ["", ""]),
    ]),
  )
  return [HEADER, ...lines]
    .map((line) => `${line.map((value) => quoted(String(value))).join(",")}\r\n`)
    .join("")
}

const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
