import type { Run } from "../check/Run.ts"
import { faultBands, LEFT, svg, timeAxis, timeScale, xOf } from "./Axis.ts"
import { escaped, px } from "./Html.ts"

/** Cells that are drawn, at most: those that changed hands most often. */
const CELLS = 64
const ROW = 7
const TOP = 8
/** Colours there are for peers (Style.ts). */
const COLOURS = 8

interface Reign {
  readonly peer: string
  readonly epoch: number
  readonly from: number
  readonly to: number
}

/** The class that colours a peer, the same everywhere in a report. */
export const colourOf = (peer: string): string => `peer${Number(peer.replace(/\D/g, "")) % COLOURS}`

/** Who led each cell and could commit, from when to when; a gap where nobody could. */
export const reignsOf = (run: Run): ReadonlyMap<number, ReadonlyArray<Reign>> => {
  const reigns = new Map<number, Array<Reign>>()
  /** Who leads now, by cell, and since when. */
  const now = new Map<number, { readonly peer: string; readonly epoch: number; readonly from: number }>()
  const end = (cell: number, at: number): void => {
    const reign = now.get(cell)
    if (reign === undefined) return
    now.delete(cell)
    reigns.set(cell, [...(reigns.get(cell) ?? []), { ...reign, to: at }])
  }
  for (const { said } of run.lines) {
    const { peer, t } = said
    if (said.type === "started") for (const [cell, reign] of now) if (reign.peer === peer) end(cell, t)
    if (said.type === "active") {
      if ((now.get(said.cell)?.epoch ?? -1) > said.epoch) continue
      end(said.cell, t)
      now.set(said.cell, { peer, epoch: said.epoch, from: t })
    }
    // Whoever commits as leader leads, though it was active from genesis on and never said so.
    if (said.type === "committed" && said.leads && !now.has(said.cell))
      now.set(said.cell, { peer, epoch: said.epoch, from: t })
    // Sealed: it may go on only if nobody takes over, and says so by being active again.
    if (said.type === "promised" && now.get(said.cell)?.peer === peer) end(said.cell, t)
  }
  for (const cell of now.keys()) end(cell, run.record.endedAt)
  return reigns
}

/** Rows of cells, coloured by who leads. */
export const leadership = (run: Run): string => {
  const all = [...reignsOf(run)]
  const drawn = all
    .toSorted(([a, one], [b, other]) => other.length - one.length || a - b)
    .slice(0, CELLS)
    .toSorted(([a], [b]) => a - b)
  if (drawn.length === 0) return "<p>The traces tell of no leader.</p>"
  const x = timeScale(run)
  const bottom = TOP + drawn.length * ROW
  const rows = drawn.map(([cell, reigns], n) => {
    const y = TOP + n * ROW
    const name =
      n % 4 === 0
        ? `<text class="name" x="${LEFT - 8}" y="${y + 6}" text-anchor="end">cell ${cell}</text>`
        : ""
    const bars = reigns.map(({ peer, epoch, from, to }) => {
      const [left, right] = [Math.max(LEFT, xOf(from, run, x)), xOf(to, run, x)]
      return `<rect class="${colourOf(peer)}" x="${px(left)}" y="${y}" width="${px(Math.max(1, right - left))}" height="${ROW - 1.5}"><title>${escaped(`cell ${cell}: ${peer}, epoch ${epoch}`)}</title></rect>`
    })
    return name + bars.join("")
  })
  const peers = [...new Set(drawn.flatMap(([, reigns]) => reigns.map(({ peer }) => peer)))].toSorted()
  const legend = peers
    .map((peer) => `<span><i class="${colourOf(peer)}"></i>${escaped(peer)}</span>`)
    .join("")
  const more =
    all.length > drawn.length
      ? `<p class="soft">The ${drawn.length} of ${all.length} cells that changed hands most often.</p>`
      : ""
  const bands = faultBands(run, x, TOP, bottom)
  return `<p class="legend">${legend}</p>${svg("Who led each cell over time", bottom + 24, rows.join("") + bands + timeAxis(x, bottom))}${more}`
}
