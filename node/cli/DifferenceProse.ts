import type { Difference } from "../../core/handoff/Reply.ts"

/** Where a replayed answer differed from the journaled one, and what can be done about it. */
export const proseOfDifference = ({ flag, journaled, replayed, where }: Difference): string => {
  const remedy =
    flag === null
      ? "the service's answers must depend on the client's requests alone"
      : `if this is noise, start all peers with ${flag}`
  return `${where} was ${journaled}, replayed ${replayed}; ${remedy}`
}
