import { faultText, metFaults, type Run, secondsOf, spanOf } from "../check/Run.ts"
import { isLinkFault } from "../plan/Plan.ts"
import { svg } from "./Axis.ts"
import { escaped, px } from "./Html.ts"
import { colourOf } from "./Leadership.ts"

const SIZE = 300
const RADIUS = 104

interface RingPeer {
  readonly name: string
  /** Part of the way round, from 0 to 1. */
  readonly place: number
  readonly successor: string | null
}

/** The ring at one moment, as its peers said in their traces. */
export const ringAt = (run: Run, at: number): ReadonlyArray<RingPeer> => {
  const peers = new Map<string, RingPeer>()
  for (const { said } of run.lines) {
    if (said.t > at) break
    const { peer } = said
    const known = peers.get(peer)
    if (said.type === "started") {
      const place = Number.parseInt(said.id.slice(0, 8), 16) / 2 ** 32
      peers.set(peer, { name: peer, place, successor: known?.successor ?? null })
    } else if (known !== undefined && said.type === "successors")
      peers.set(peer, { ...known, successor: said.list.find((name) => name !== "") ?? null })
  }
  return [...peers.values()].toSorted((a, b) => a.place - b.place)
}

/** Before the faults, while the longest of them lasted, and at the end. */
export const rings = (run: Run): string => {
  const spans = metFaults(run).flatMap((one) => {
    const span = spanOf(one, run)
    return span === null ? [] : [{ one, span }]
  })
  const longest = spans.toSorted((a, b) => b.span[1] - b.span[0] - (a.span[1] - a.span[0]))[0]
  const { faultsAt, endedAt } = run.record
  const middle = longest === undefined ? null : (longest.span[0] + longest.span[1]) / 2
  const told = longest === undefined ? "" : faultText(longest.one.fault)
  return `<div class="rings">${[
    figure(run, faultsAt - 1, "before", "nothing has failed yet"),
    ...(middle === null ? [] : [figure(run, middle, "during", told)]),
    figure(run, endedAt, "after", "everything is healed"),
  ].join("")}</div>`
}

const figure = (run: Run, at: number, when: string, told: string): string => {
  const peers = ringAt(run, at)
  const active = metFaults(run).filter((one) => {
    const span = spanOf(one, run)
    return span !== null && span[0] <= at && at < span[1]
  })
  const away = new Set(
    active.flatMap(({ fault }) =>
      isLinkFault(fault) || ["skew", "join"].includes(fault.verb) ? [] : fault.targets,
    ),
  )
  const cut = active.flatMap(({ fault }) => (isLinkFault(fault) ? fault.targets : []))
  const spot = (name: string): readonly [number, number] | undefined => {
    const peer = peers.find((one) => one.name === name)
    if (peer === undefined) return undefined
    const angle = peer.place * 2 * Math.PI - Math.PI / 2
    return [SIZE / 2 + RADIUS * Math.cos(angle), SIZE / 2 + RADIUS * Math.sin(angle)]
  }
  const chord = (from: string, to: string, kind: string): string => {
    const [a, b] = [spot(from), spot(to)]
    if (a === undefined || b === undefined) return ""
    return `<line class="${kind}" x1="${px(a[0])}" y1="${px(a[1])}" x2="${px(b[0])}" y2="${px(b[1])}"/>`
  }
  const dots = peers.map(({ name }) => {
    const [x = 0, y = 0] = spot(name) ?? []
    const out = 1.2
    const [tx, ty] = [SIZE / 2 + (x - SIZE / 2) * out, SIZE / 2 + (y - SIZE / 2) * out]
    return `<circle class="${away.has(name) ? "away" : colourOf(name)}" cx="${px(x)}" cy="${px(y)}" r="7"/><text x="${px(tx)}" y="${px(ty + 4)}" text-anchor="middle">${escaped(name)}</text>`
  })
  const content = [
    `<circle class="circle" cx="${SIZE / 2}" cy="${SIZE / 2}" r="${RADIUS}"/>`,
    ...cut.map(([from, to]) => chord(from, to, "cut")),
    ...peers.map(({ name, successor }) =>
      successor === null || away.has(name) ? "" : chord(name, successor, "successor"),
    ),
    ...dots,
  ].join("")
  return `<figure>${svg(`The ring ${when}`, SIZE, content, SIZE)}<figcaption><b>${when}</b>, ${secondsOf(at, run)}: ${escaped(told)}</figcaption></figure>`
}
