import type { Call } from "../history/Call.ts"
import type { Run } from "../check/Run.ts"
import { faultBands, LEFT, svg, timeAxis, timeScale, type TimeScale, xOf } from "./Axis.ts"
import { escaped, msText, px } from "./Html.ts"

/** A call that took longer is shown as time waited, in ms. */
const SLOW_MS = 250
const ROW = 11
const TOP = 8

/** A row for each connection: a line where it is answered, a bar where it waits, a mark where it never heard. */
export const clientTimeline = (run: Run): string => {
  const x = timeScale(run)
  const rows = Map.groupBy(
    run.calls.filter(({ invoke }) => invoke.final !== true),
    ({ invoke }) => invoke.process,
  )
  const sorted = [...rows].toSorted(([a], [b]) => a - b)
  const bottom = TOP + sorted.length * ROW
  const drawn = sorted.map(([process, calls], n) => {
    const y = TOP + n * ROW + ROW / 2
    const workload = calls[0]?.invoke.workload ?? ""
    return [
      `<text class="name" x="${LEFT - 8}" y="${y + 3}" text-anchor="end">${escaped(`${workload} ${process}`)}</text>`,
      `<path class="answered" d="${answeredPath(run, x, calls, y)}"/>`,
      ...calls.flatMap((call) => waited(run, x, call, y)),
    ].join("")
  })
  const bands = faultBands(run, x, TOP, bottom)
  return svg("What each client saw over time", bottom + 24, bands + drawn.join("") + timeAxis(x, bottom))
}

/** Every px in which something was answered, those next to each other as one line. */
const answeredPath = (run: Run, x: TimeScale, calls: ReadonlyArray<Call>, y: number): string => {
  const places = calls
    .flatMap(({ outcome, end }) =>
      outcome === "ok" && end !== null ? [Math.round(xOf(end.time, run, x))] : [],
    )
    .toSorted((a, b) => a - b)
  const pieces: Array<[from: number, to: number]> = []
  // Clients think between two requests: a second or so of silence is none.
  const near = Math.max(2, xOf(run.record.calmAt + 1.2e9, run, x) - LEFT)
  for (const place of places) {
    const last = pieces.at(-1)
    if (last !== undefined && place - last[1] <= near) last[1] = place
    else pieces.push([place, place + 1])
  }
  return pieces.map(([from, to]) => `M${from} ${y}H${Math.max(from + 1, to)}`).join("")
}

const waited = (run: Run, x: TimeScale, { invoke, end, outcome }: Call, y: number): ReadonlyArray<string> => {
  const until = end?.time ?? run.record.finalAt
  const ms = (until - invoke.time) / 1e6
  if (outcome === "ok" && ms < SLOW_MS) return []
  const from = xOf(invoke.time, run, x)
  const kind = outcome === "ok" ? "waited" : outcome
  const told = `${invoke.client}: ${invoke.f}, ${outcome === "ok" ? "answered after" : `${end?.error ?? "never answered"}, after`} ${msText(ms)}`
  return [
    `<rect class="${kind}" x="${px(from)}" y="${y - 3}" width="${px(Math.max(1.5, xOf(until, run, x) - from))}" height="6"><title>${escaped(told)}</title></rect>`,
  ]
}
