import type { TraceLine } from "../../core/peer/TraceLine.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import { isLinkFault } from "../plan/Plan.ts"
import { metFaults, type Run, secondsOf, spanOf } from "./Run.ts"
import { type Evidence, type Finding, judged } from "./Verdict.ts"

const CLAIM = "a minority is silent"

/** What was under way when the links were cut may still arrive; in ns. */
const GRACE = 1e9

const CUTS = ["cut", "cutOneWay", "hold"]

/**
 * Whoever is cut off from a majority of a cell's view answers nothing new there: each of its answers that had an entry of
 * its own needed a majority's copies. It may have heard of them from others: what the next view has begun with
 * was committed. Looks at the traces and at which links were cut, and not at how a leader counts.
 */
export const minoritySilent = (run: Run): Finding => {
  const cuts = metFaults(run).flatMap((one) => {
    const span = spanOf(one, run)
    if (span === null || !isLinkFault(one.fault) || !CUTS.includes(one.fault.verb)) return []
    return [
      {
        at: span[0],
        from: span[0] + GRACE,
        to: span[1],
        links: one.fault.targets.map(([a, b]) => `${a}>${b}`),
      },
    ]
  })
  cuts.sort((a, b) => a.at - b.at)
  if (cuts.length === 0) return judged(CLAIM, [], "nobody was cut off")
  const views = new Views()
  const answered = new Set<string>()
  const evidence: Array<Evidence> = []
  let during = 0
  let stranded = 0
  let begun = 0
  for (const { said, where } of run.lines) {
    // Who led when links were cut: whether any leader was on the smaller side, or the claim says nothing.
    for (; (cuts[begun]?.at ?? Infinity) <= said.t; begun++) {
      const cut = new Set(cuts[begun]?.links)
      for (const view of views.all()) {
        const [leader] = view
        if (leader !== undefined && nearOf(leader, view, cut) <= view.length / 2) stranded++
      }
    }
    views.see(said)
    if (said.type !== "released" || said.entry === null) continue
    const { cell, entry, epoch, peer, t } = said
    const isNew = !answered.has(`${cell} ${entry}`)
    answered.add(`${cell} ${entry}`)
    const cut = new Set(cuts.flatMap(({ from, to, links }) => (from <= t && t < to ? links : [])))
    if (!isNew || cut.size === 0 || views.isKept(cell, epoch, entry)) continue
    during++
    const view = views.of(cell, epoch)
    const near = nearOf(peer, view, cut)
    if (near > view.length / 2) continue
    const what = `${peer} answered entry ${entry} of cell ${cell} at ${secondsOf(t, run)}, cut off from all but ${near} of ${view.join(", ")}`
    evidence.push({ what, at: t, traces: [where], client: said.client })
  }
  return judged(
    CLAIM,
    evidence,
    `${stranded} leaders of cells were on the smaller side when links were cut, and answered nothing; ${during} responses by leaders that reached a majority`,
  )
}

/** How many of a view somebody can speak with, itself included. */
const nearOf = (peer: string, view: ReadonlyArray<string>, cut: ReadonlySet<string>): number =>
  view.filter((other) => other === peer || !(cut.has(`${peer}>${other}`) || cut.has(`${other}>${peer}`)))
    .length

/** Who is in the view of a cell in an epoch, by name, as the traces say. */
class Views {
  readonly #installed = new Map<string, ReadonlyArray<string>>()
  readonly #epochs = new Map<number, number>()
  /** Length of the log that a view began with. */
  readonly #bases = new Map<string, number>()
  #started: (TraceLine & { readonly type: "started" }) | undefined

  see(said: TraceLine): void {
    if (said.type === "started") this.#started ??= said
    if (said.type !== "installed") return
    this.#installed.set(`${said.cell} ${said.epoch}`, said.members.map(nameOf))
    this.#epochs.set(said.cell, Math.max(said.epoch, this.#epochs.get(said.cell) ?? 0))
    // Who takes on a log whose beginning is expired may have more of it than the view began with.
    const view = `${said.cell} ${said.epoch}`
    this.#bases.set(view, Math.min(said.length, this.#bases.get(view) ?? Infinity))
  }

  /** Whether the view after that epoch has begun with the entry in its log, as far as the lines so far tell. */
  isKept(cell: number, epoch: number, entry: number): boolean {
    return (this.#bases.get(`${cell} ${epoch + 1}`) ?? 0) > entry
  }

  /** The latest of every cell. */
  all(): ReadonlyArray<ReadonlyArray<string>> {
    return Array.from({ length: this.#started?.cells ?? 0 }, (_, cell) =>
      this.of(cell, this.#epochs.get(cell) ?? 0),
    )
  }

  /** That of genesis is nowhere said: it is the founders that follow the cell's home (journal.md, Genesis). */
  of(cell: number, epoch: number): ReadonlyArray<string> {
    const known = this.#installed.get(`${cell} ${epoch}`)
    if (known !== undefined || this.#started === undefined) return known ?? []
    const { cells, founders, replicas } = this.#started
    const home = homeOf(cell, cells)
    const first = Math.max(
      0,
      founders.findIndex(({ id }) => id >= home),
    )
    const around = [...founders.slice(first), ...founders.slice(0, first)]
    return around.slice(0, replicas).map(({ member }) => nameOf(member))
  }
}

const nameOf = (member: string): string => member.split("#")[0] ?? member
