import type { Invariant } from "../../explorer/System.ts"
import { due, type Session, stateText } from "../Session.ts"

/** No response of an instance that had done what nobody asked for, before a replay told, is in the journal: who leads the latest epoch does not serve from it. */
export const fencedIsSilent: Invariant<Session> = {
  name: "FencedIsSilent",
  broken: ({ epoch, peers }) => {
    const at = peers.findIndex(
      ({ epoch: known, instance: { applied, isTainted, state }, isFenced, log }) =>
        !isFenced &&
        !isTainted &&
        log !== null &&
        known === epoch &&
        due(log.slice(0, applied)) !== 0 &&
        stateText(state).includes("?"),
    )
    return at < 0 ? undefined : `${at} serves from an instance whose replay went another way`
  },
}
