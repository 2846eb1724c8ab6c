import { type ScaleLinear, scaleLinear } from "d3-scale"
import { faultText, metFaults, type Run, spanOf } from "../check/Run.ts"
import { isLinkFault } from "../plan/Plan.ts"
import { escaped, px } from "./Html.ts"

/** Width of every chart over time, and of what is left of its beginning; in px. */
export const WIDTH = 1_060
export const LEFT = 84

/** From seconds since the calm phase began to px. */
export type TimeScale = ScaleLinear<number, number>

export const timeScale = (run: Run): TimeScale =>
  scaleLinear()
    .domain([0, Math.max(1, (run.record.endedAt - run.record.calmAt) / 1e9)])
    .range([LEFT, WIDTH - 8])

/** Where a time in ns is. */
export const xOf = (at: number, run: Run, x: TimeScale): number => x((at - run.record.calmAt) / 1e9)

/** Seconds below a chart. */
export const timeAxis = (x: TimeScale, y: number): string =>
  x
    .ticks(10)
    .map(
      (tick) =>
        `<g class="tick"><line x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${y}" y2="${y + 4}"/><text x="${px(x(tick))}" y="${y + 16}" text-anchor="middle">${tick} s</text></g>`,
    )
    .join("")

/** A band for each fault while it lasted, with its number above. */
export const faultBands = (run: Run, x: TimeScale, top: number, bottom: number): string =>
  metFaults(run)
    .flatMap((one) => {
      const span = spanOf(one, run)
      if (span === null) return []
      const [from, to] = span.map((at) => xOf(at, run, x))
      if (from === undefined || to === undefined) return []
      const kind = isLinkFault(one.fault) ? "link" : "process"
      return [
        `<g class="band ${kind}" data-fault="${one.number}"><title>${escaped(`fault ${one.number}: ${faultText(one.fault)}`)}</title>` +
          `<rect x="${px(from)}" y="${top}" width="${px(Math.max(1.5, to - from))}" height="${bottom - top}"/></g>`,
      ]
    })
    .join("")

export const svg = (label: string, height: number, content: string, width = WIDTH): string =>
  `<div class="scroll"><svg role="img" aria-label="${escaped(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${content}</svg></div>`
