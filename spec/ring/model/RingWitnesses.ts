import type { Witness } from "../../explorer/System.ts"
import { bestSuccessors, ringMembers } from "../Snapshot.ts"
import { byLists, isMember, type Peer, type Ring, snapshotOf } from "./Ring.ts"
import type { RingOptions } from "./RingOptions.ts"

/** States that an exploration of our rules must have met, as far as its budgets allow, or it proves little. */
export const ringWitnesses = (options: RingOptions): ReadonlyArray<Witness<Ring>> => {
  const { rules, peers, founders, successors, failures } = options
  if (rules !== "ours") return []
  return [
    ...(founders.length < peers || failures > 0 ? changing : []),
    ...(founders.length < peers ? joining : []),
    ...(failures > 0 ? failing : []),
    ...(founders.length < peers && founders.length > successors + 1 && failures > 0 ? both : []),
  ]
}

const some = (test: (peer: Peer, id: number, ring: Ring) => boolean) => (ring: Ring) =>
  ring.peers.some((peer, id) => test(peer, id, ring))

const changing: ReadonlyArray<Witness<Ring>> = [
  {
    name: "an answer that is older than what its sender knows by now",
    seen: some(({ operation, phase }, _, { peers }) => {
      const answer = phase === "member" ? operation?.answer : undefined
      const sender = peers[operation?.target ?? -1]
      return (
        !!answer &&
        sender?.phase === "member" &&
        sender.successors.some((entry, i) => entry !== answer.successors[i])
      )
    }),
  },
]

const appendages = byLists((ring) => {
  const snapshot = snapshotOf(ring)
  const onRing = ringMembers(snapshot)
  return snapshot.filter(({ id }) => !onRing.has(id)).map(({ id }) => id)
})

const joining: ReadonlyArray<Witness<Ring>> = [
  { name: "a join between its two messages", seen: some(({ phase }) => phase === "joining") },
  { name: "an appendage", seen: (ring) => appendages(ring).length > 0 },
  {
    name: "an appendage that was merged into the ring",
    seen: ({ peers, ...ring }) =>
      peers.every(({ phase }) => phase === "member") && appendages({ peers, ...ring }).length === 0,
  },
  {
    name: "a predecessor's predecessor is being asked",
    seen: some(({ operation }) => operation?.kind === "stabilizeFromPredecessor"),
  },
]

const failing: ReadonlyArray<Witness<Ring>> = [
  {
    name: "a first successor that is dead",
    seen: some(
      ({ phase, successors: [first = -1] }, _, ring) => phase === "member" && !isMember(ring, first),
    ),
  },
  {
    name: "a list with an id that stands for nobody",
    seen: some(({ successors }) => successors.some((entry) => !Number.isInteger(entry))),
  },
  {
    name: "an answer from somebody that has died since",
    seen: some(
      ({ phase, operation }, _, ring) =>
        phase === "member" && !!operation?.answer && !isMember(ring, operation.target),
    ),
  },
  {
    name: "a notification from somebody that has died since",
    seen: some(({ notifiers }, _, ring) =>
      ring.peers.some(({ phase }, other) => phase === "dead" && (notifiers & (1 << other)) !== 0),
    ),
  },
]

const both: ReadonlyArray<Witness<Ring>> = [
  {
    name: "a join through somebody that has died since",
    seen: some(
      ({ phase, operation }, _, ring) => phase === "joining" && !isMember(ring, operation?.target ?? null),
    ),
  },
  {
    name: "an appendage while its ring mends a failure",
    seen: (ring) =>
      appendages(ring).length > 0 &&
      [...bestSuccessors(snapshotOf(ring))].some(([id, best]) => ring.peers[id]?.successors[0] !== best),
  },
]
