import type { PeerState } from "../../core/peer/PeerState.ts"

/**
 * The rings that these peers can still form: whoever knows of whom, directly or through others, belongs together.
 * No protocol can bring together peers of which neither side knows of the other any more; and a peer that joins
 * needs a member among those whom it may ask, so without one it belongs nowhere and is left out.
 *
 * @param states of all live peers, by increasing id; each ring is in that order too.
 */
export const acquainted = (states: ReadonlyArray<PeerState>): ReadonlyArray<ReadonlyArray<PeerState>> => {
  const members: ReadonlySet<string> = new Set(
    states.filter((state) => state.phase === "member").map((state) => state.config.self.id),
  )
  const group = new Map<string, string>()
  const leader = (id: string): string => {
    const above = group.get(id)
    if (above === undefined || above === id) return id
    const top = leader(above)
    group.set(id, top)
    return top
  }
  for (const state of states) {
    for (const id of whom(state)) if (members.has(id)) group.set(leader(state.config.self.id), leader(id))
  }
  const rings = new Map<string, Array<PeerState>>()
  for (const state of states) {
    const of = leader(state.config.self.id)
    rings.set(of, [...(rings.get(of) ?? []), state])
  }
  return [...rings.values()].filter((ring) => ring.some((state) => state.phase === "member"))
}

/** Ids of all whom a peer asks something now and then, and so may meet. */
const whom = ({
  phase,
  seeds,
  successors,
  predecessor,
  fingers,
  detector,
}: PeerState): ReadonlyArray<string> => {
  const known = phase === "member" ? [...successors, predecessor, ...fingers] : []
  const probed = [...detector.suspected.values()].map((suspicion) => suspicion.peer)
  return [...seeds, ...known, ...(phase === "member" ? probed : [])].map((peer) => peer.id)
}
