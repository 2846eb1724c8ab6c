import type { Run } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

const CLAIM = "single leader"

/**
 * In one epoch of a cell responses leave one peer only, the epochs of a peer only grow, and no entry of the log is two
 * requests (chaos.md, Verdicts). Looks at the traces alone.
 */
export const singleLeader = ({ lines, plan }: Run): Finding => {
  if (plan.mode === "stateless") return judged(CLAIM, [], "nobody leads in the mode stateless")
  const releasers = new Map<string, { readonly who: string; readonly where: string }>()
  const entries = new Map<string, { readonly what: string; readonly where: string }>()
  const epochs = new Map<string, { readonly epoch: number; readonly where: string }>()
  const evidence: Array<Evidence> = []
  let released = 0
  for (const { said, where } of lines) {
    if (said.type !== "released" && said.type !== "installed") continue
    const { cell, epoch, t } = said
    const who = `${said.peer}#${said.incarnation}`
    const tell = (what: string, other: string): void => {
      evidence.push({ what, at: t, traces: [other, where] })
    }
    if (said.type === "installed") {
      const mine = `${who} ${cell}`
      const before = epochs.get(mine)
      if (before !== undefined && before.epoch > epoch)
        tell(`${who} goes back from epoch ${before.epoch} of cell ${cell} to ${epoch}`, before.where)
      epochs.set(mine, { epoch, where })
      continue
    }
    released++
    const led = `${cell} ${epoch}`
    const first = releasers.get(led)
    if (first === undefined) releasers.set(led, { who, where })
    else if (first.who !== who)
      tell(`both ${first.who} and ${who} answered in epoch ${epoch} of cell ${cell}`, first.where)
    if (said.entry === null) continue
    const what = `${said.client} ${said.id}`
    const known = entries.get(`${cell} ${said.entry}`)
    if (known === undefined) entries.set(`${cell} ${said.entry}`, { what, where })
    else if (known.what !== what)
      tell(`entry ${said.entry} of cell ${cell} is both ${known.what} and ${what}`, known.where)
  }
  if (released === 0) return unknown(CLAIM, "no trace tells of a response")
  return judged(CLAIM, evidence, `${released} responses in ${releasers.size} epochs of cells`)
}
