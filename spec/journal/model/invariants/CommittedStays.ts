import { isWhole } from "../Cell.ts"
import { entryAt, EXPIRY, type Log, text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I4: a committed entry never changes, and no request of a session is committed twice. */
export const committedStays: CellInvariant = {
  name: "CommittedStays",
  broken: ({ history: { committed }, peers }) => {
    for (const [i, { epoch, log }] of committed.entries()) {
      const twice = repeated(log)
      if (twice !== undefined) return `request ${twice} was committed twice: ${text.log(log)}`
      for (const other of committed.slice(i + 1)) {
        if (!log.startsWith(other.log) && !other.log.startsWith(log))
          return `${text.log(log)} was committed, and ${text.log(other.log)}`
      }
      for (const one of peers) {
        if (one.role !== "member" || one.epoch < epoch || !isWhole(one)) continue
        const both = Math.min(one.log.length, log.length)
        if (one.log.slice(0, both) !== log.slice(0, both))
          return `${text.member(one.member)} has ${text.log(one.log)} in epoch ${one.epoch}; committed was ${text.log(log)}`
      }
    }
    return undefined
  },
}

const repeated = (log: Log): string | undefined => {
  const seen = new Set<number>()
  for (let i = 0; i < log.length; i++) {
    const { request } = entryAt(log, i)
    if (request === EXPIRY) seen.clear()
    else if (seen.has(request)) return "abcdefg".charAt(request)
    else seen.add(request)
  }
  return undefined
}
