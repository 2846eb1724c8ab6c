import type { CellInvariant } from "./CellInvariant.ts"

/**
 * I6: a sealed member, the leader included, neither appends nor acknowledges; entries pulled for an accepted proposal
 * excepted.
 */
export const sealedStandsStill: CellInvariant = {
  name: "SealedStandsStill",
  broken: ({ history: { deeds } }) => deeds[0],
}
