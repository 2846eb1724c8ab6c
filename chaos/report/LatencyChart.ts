import { scaleLog } from "d3-scale"
import { area, line } from "d3-shape"
import type { Run } from "../check/Run.ts"
import { faultBands, LEFT, svg, timeAxis, timeScale, WIDTH, xOf } from "./Axis.ts"
import { msText, px } from "./Html.ts"

const TOP = 8
const BOTTOM = 190
/** Parts into which the run is divided, at most. */
const BINS = 240

interface Bin {
  readonly x: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** How long answers took over time: the middle one, the slowest of a hundred, the slowest; logarithmic. */
export const latencyChart = (run: Run): string => {
  const x = timeScale(run)
  const bins = binsOf(run, (at) => xOf(at, run, x))
  const slowest = Math.max(10, ...bins.map(({ max }) => max))
  const fastest = Math.min(1, ...bins.map(({ p50 }) => p50))
  const y = scaleLog()
    .domain([Math.max(0.05, fastest), slowest])
    .range([BOTTOM, TOP])
    .nice()
  const curve = (of: (bin: Bin) => number) =>
    line<Bin>()
      .x((bin) => bin.x)
      .y((bin) => y(of(bin)))
      .digits(1)(bins) ?? ""
  const spread =
    area<Bin>()
      .x((bin) => bin.x)
      .y0((bin) => y(bin.p50))
      .y1((bin) => y(bin.max))
      .digits(1)(bins) ?? ""
  const decades = y.ticks().filter((tick) => Number.isInteger(Math.log10(tick)))
  const grid = decades.map(
    (tick) =>
      `<g class="tick"><line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text x="${LEFT - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${msText(tick)}</text></g>`,
  )
  return svg(
    "Latency over time",
    BOTTOM + 24,
    [
      faultBands(run, x, TOP, BOTTOM),
      ...grid,
      `<path class="spread" d="${spread}"/>`,
      `<path class="p99" d="${curve((bin) => bin.p99)}"/>`,
      `<path class="p50" d="${curve((bin) => bin.p50)}"/>`,
      timeAxis(x, BOTTOM),
    ].join(""),
  )
}

const binsOf = (run: Run, place: (at: number) => number): ReadonlyArray<Bin> => {
  const { calmAt, endedAt } = run.record
  const width = Math.max(1, (endedAt - calmAt) / BINS)
  const took = Map.groupBy(
    run.calls.filter(({ outcome }) => outcome === "ok"),
    ({ end }) => Math.floor(((end?.time ?? 0) - calmAt) / width),
  )
  return [...took]
    .toSorted(([a], [b]) => a - b)
    .map(([bin, calls]) => {
      const ms = calls
        .map(({ invoke, end }) => Math.max(0.05, ((end?.time ?? 0) - invoke.time) / 1e6))
        .toSorted((a, b) => a - b)
      const at = (part: number): number => ms[Math.min(ms.length - 1, Math.floor(ms.length * part))] ?? 0
      return { x: place(calmAt + (bin + 0.5) * width), p50: at(0.5), p99: at(0.99), max: at(1) }
    })
}
