import type { Results } from "../check/Results.ts"
import { faultText, metFaults, type Run, secondsOf, spanOf } from "../check/Run.ts"
import type { Evidence, Finding } from "../check/Verdict.ts"
import { escaped, htmlTable } from "./Html.ts"

/** Lines of traces that are shown on either side. */
const AROUND = 8

/** What decides a run that is invalid: the few operations that contradict each other, and what the peers did then. */
export const failure = (run: Run, { findings }: Results): string => {
  const broken = findings.filter(({ outcome }) => outcome === "invalid")
  if (broken.length === 0) return ""
  return `<section id="failure"><h2>What went wrong</h2>${broken.map((finding) => claimFailure(run, finding)).join("")}</section>`
}

const claimFailure = (run: Run, { claim, evidence, found }: Finding): string => {
  const [first] = evidence
  if (first === undefined) return ""
  const more = found > 1 ? `<p class="soft">One of ${found}; all that were kept are in results.json.</p>` : ""
  const parts = [operations(run, first), meanwhile(run, first), traces(run, first)]
  return `<article><h3>${escaped(claim)}</h3><p class="what">${escaped(first.what)}</p>${more}${parts.join("")}</article>`
}

const operations = (run: Run, { operations: numbers = [] }: Evidence): string => {
  const lines = numbers.flatMap((number) => run.history[number] ?? []).toSorted((a, b) => a.index - b.index)
  if (lines.length === 0) return ""
  const rows = lines.map(({ index, time, process, type, f, value, peer }) => [
    String(index),
    secondsOf(time, run),
    String(process),
    `<span class="${type}">${type}</span>`,
    `${f}${value === null ? "" : ` ${escaped(shortened(JSON.stringify(value)))}`}`,
    escaped(peer ?? ""),
  ])
  const heads = ["line", "time", "process", "type", "what", "answered by"]
  return `<h4>The smallest piece of the history that shows it</h4>${htmlTable(heads, rows, new Set([0, 1, 2]))}`
}

const shortened = (text: string): string =>
  text.length > 80 ? `${text.slice(0, 56)}…${text.slice(-20)}` : text

const meanwhile = (run: Run, { at }: Evidence): string => {
  if (at === null) return ""
  const lasting = metFaults(run).flatMap((one) => {
    const span = spanOf(one, run)
    const isNear = span !== null && span[0] <= at && at <= Math.max(span[1], one.record?.wholeAt ?? 0)
    return isNear ? [`fault ${one.number}, ${faultText(one.fault)}`] : []
  })
  return `<p>At ${secondsOf(at, run)}; ${lasting.length === 0 ? "no fault lasted then" : escaped(`then lasted, or was being recovered from: ${lasting.join("; ")}`)}.</p>`
}

const traces = (run: Run, { at, traces: named = [], client }: Evidence): string => {
  const places = named.flatMap((where) => {
    const index = run.lines.findIndex((line) => line.where === where)
    return index < 0 ? [] : [index]
  })
  const moment = at === null ? -1 : run.lines.findIndex(({ said }) => said.t >= at)
  const centre = places.at(-1) ?? moment
  if (centre < 0) return ""
  const cell = cellOf(run, centre, client)
  // Of the lines of all cells only those of the one it is about.
  const related = run.lines.flatMap((line, index) => {
    const isOurs = cell === undefined || !("cell" in line.said) || line.said.cell === cell
    return isOurs || places.includes(index) ? [index] : []
  })
  const middle = related.findIndex((index) => index >= centre)
  const shown = new Set([...related.slice(Math.max(0, middle - AROUND), middle + AROUND), ...places])
  const rows = [...shown]
    .toSorted((a, b) => a - b)
    .flatMap((index) => {
      const line = run.lines[index]
      if (line === undefined) return []
      const { t, peer, incarnation: _, boot: __, seq: ___, type, ...rest } = line.said
      const mark = (text: string): string => (places.includes(index) ? `<mark>${text}</mark>` : text)
      return [
        [
          escaped(line.where),
          secondsOf(t, run),
          escaped(peer),
          mark(type),
          `<code>${escaped(shortened(JSON.stringify(rest)))}</code>`,
        ],
      ]
    })
  return `<h4>The traces around it${cell === undefined ? "" : `, cell ${cell}`}</h4>${htmlTable(["where", "time", "peer", "did", "what"], rows, new Set([1]))}`
}

const cellOf = (run: Run, centre: number, client: string | undefined): number | undefined => {
  const said = run.lines[centre]?.said
  if (client !== undefined) {
    const released = run.lines.find(
      (line) => line.said.type === "released" && line.said.client === client,
    )?.said
    return released?.type === "released" ? released.cell : undefined
  }
  return said !== undefined && "cell" in said ? said.cell : undefined
}
