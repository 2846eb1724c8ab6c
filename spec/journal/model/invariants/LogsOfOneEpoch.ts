import { isWhole, storedLog } from "../Cell.ts"
import { text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I1: logs of one epoch are prefixes of one another, in memory and on disks. */
export const logsOfOneEpoch: CellInvariant = {
  name: "LogsOfOneEpoch",
  broken: ({ peers: all }) => {
    const peers = all.filter(isWhole)
    for (const [i, one] of peers.entries()) {
      if (one.role !== "member") continue
      for (const other of peers.slice(i)) {
        if (other.role !== "member" || other.epoch !== one.epoch) continue
        const [a, b] = [one.log, one === other ? storedLog(other) : other.log]
        if (a.startsWith(b) || b.startsWith(a)) continue
        return `of epoch ${one.epoch} ${text.member(one.member)} has ${text.log(a)}, ${text.member(other.member)} ${text.log(b)}`
      }
    }
    return undefined
  },
}
