import type { BenchReport, CandidateReport, RowReport, Verdict } from "./BenchReport.ts"
import type { Spread } from "./Spread.ts"

/** One row as lines of text: its title, a line for each candidate in aligned columns, and the verdict. */
export const rowLines = (report: RowReport): ReadonlyArray<string> => {
  const head = `${report.row}  ${report.title}`
  if (report.problem !== undefined) return [head, `   not measured: ${report.problem}`]
  const lines = report.candidates.map((candidate) => cells(candidate, report.unit))
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  const aligned = lines.map(([name = "", ...figures]) =>
    [name.padEnd(widths[0] ?? 0), ...figures.map((text, column) => text.padStart(widths[column + 1] ?? 0))]
      .join("  ")
      .trimEnd(),
  )
  const verdict = report.verdict === undefined ? [] : [`   goal: ${verdictText(report.verdict)}`]
  return [head, ...aligned.map((line) => `   ${line}`), ...verdict]
}

/** The last lines: how many goals were met, and on what machine. */
export const summaryLines = (report: BenchReport): ReadonlyArray<string> => {
  const verdicts = report.rows.flatMap((row) => row.verdict ?? [])
  const missed = report.rows.filter((row) => row.problem !== undefined).length
  const met = verdicts.filter((verdict) => verdict.isMet).length
  const counts = [
    ...(verdicts.length === 0 ? [] : [`${met} of ${verdicts.length} goals met`]),
    ...(missed === 0 ? [] : [`${missed} of ${report.rows.length} rows not measured`]),
  ]
  return [
    ...(counts.length === 0 ? [] : [counts.join("; ")]),
    `Figures are medians (quartiles); ratios are taken round by round. ${report.machine}`,
  ]
}

const cells = ({ name, spread, ratio }: CandidateReport, unit: string): ReadonlyArray<string> => [
  name,
  `${figure(spread.median)} ${unit}`,
  range(spread),
  ratio === undefined ? "" : `${figure(ratio.median)}x`,
  ratio === undefined ? "" : range(ratio),
]

const verdictText = ({ goal, of, found, unit, isMet }: Verdict): string =>
  `${of} ${goal}: ${figure(found)}${unit === "x" ? unit : ` ${unit}`}, ${isMet ? "met" : "NOT MET"}`

const range = ({ q1, q3 }: Spread): string => `(${figure(q1)} - ${figure(q3)})`

/** Three significant digits at least, and no more decimals than that takes. */
const figure = (value: number): string => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
