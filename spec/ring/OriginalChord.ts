import type { RingEvent } from "./RingEvent.ts"
import { between, type Snapshot } from "./Snapshot.ts"

/**
 * Chord's ring maintenance as it was published, with successor lists of two: Stoica et al., SIGCOMM 2001 (join,
 * stabilize, notify), with the list, failures and repairs of Liben-Nowell et al., PODC 2002, as read by Zave, "Using
 * Lightweight Modeling to Understand Chord" (CCR 42(2), 2012). Members read one another's state in no time and know
 * who is dead; the defects that remain are the protocol's own.
 *
 * Kept only to show that the known defects are defects.
 */
export interface Node {
  readonly successor: number
  readonly second: number | null
  readonly predecessor: number | null
}

/** Members only: who failed is gone. */
export type Network = ReadonlyMap<number, Node>

/** The two repairs without which the published text loses the ring at once. */
export interface Repairs {
  /** A newcomer makes sure that the successor it is given is alive. */
  readonly joinsOntoLive: boolean
  /** Stabilize adopts the successor's predecessor only if that one is alive. */
  readonly adoptsLive: boolean
}

/** A network of one. */
export const aloneAt = (id: number): Network =>
  new Map([[id, { successor: id, second: null, predecessor: null }]])

/** The network after an event. An event that cannot happen changes nothing, except a join: it throws RangeError. */
export const after = (network: Network, { kind, at }: RingEvent, repairs: Repairs): Network => {
  switch (kind) {
    case "J":
      return join(network, at, repairs)
    case "S":
      return stabilize(network, at, repairs)
    case "R":
      return change(network, at, (node) => reconciled(network, node))
    case "F":
      return new Map([...network].filter(([id]) => id !== at))
    case "U":
      return change(network, at, (node) =>
        network.has(node.successor) || node.second === null
          ? node
          : { ...node, successor: node.second, second: null },
      )
    case "FL":
      return change(network, at, (node) =>
        node.predecessor === null || network.has(node.predecessor) ? node : { ...node, predecessor: null },
      )
  }
}

export const snapshotOf = (network: Network): Snapshot =>
  [...network].map(([id, { successor, second, predecessor }]) => ({
    id,
    successors: second === null ? [successor] : [successor, second],
    predecessor,
  }))

const change = (network: Network, id: number, edit: (node: Node) => Node): Network => {
  const node = network.get(id)
  return node === undefined ? network : new Map(network).set(id, edit(node))
}

const join = (network: Network, id: number, { joinsOntoLive }: Repairs): Network => {
  for (const [member, { successor }] of network) {
    const isHere = between(member, id, successor)
    if (!network.has(id) && isHere && (network.has(successor) || !joinsOntoLive)) {
      return new Map(network).set(id, { successor, second: null, predecessor: null })
    }
  }
  throw new RangeError(`${id} cannot join ${[...network.keys()].join(", ")}`)
}

const stabilize = (network: Network, id: number, { adoptsLive }: Repairs): Network => {
  const node = network.get(id)
  const offered = node && network.get(node.successor)?.predecessor
  if (node === undefined || offered === undefined) return network
  const isNearer = offered !== null && between(id, offered, node.successor)
  const successor = isNearer && (network.has(offered) || !adoptsLive) ? offered : node.successor
  const moved = change(network, id, () => ({ ...node, successor }))
  return change(moved, successor, (notified) =>
    notified.predecessor === null || between(notified.predecessor, id, successor)
      ? { ...notified, predecessor: id }
      : notified,
  )
}

/** The second successor is read from the first, apart from when the first was: the list is spliced of two answers. */
const reconciled = (network: Network, node: Node): Node => {
  const second = network.get(node.successor)?.successor
  return second === undefined || second === node.successor ? node : { ...node, second }
}
