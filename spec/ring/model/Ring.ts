import type { Listed, Snapshot } from "../Snapshot.ts"

/**
 * A ring at message level: what each peer knows, and what is on its way to it. Peers are named by their places, 0, 1,
 * 2 and so on in the order of the ring; the id directly after another, which stands for nobody, is an eighth more.
 */
export interface Ring {
  readonly peers: ReadonlyArray<Peer>
  /** How many failures there may yet be. */
  readonly failures: number
  /** How many times a peer may yet be taken for dead that is not. */
  readonly suspicions: number
}

export interface Peer {
  /** Who is `joining` has asked for its place, and the answer is on its way. Nobody comes back. */
  readonly phase: "absent" | "joining" | "member" | "dead"
  /** L entries; fewer while a list is not yet known, by the original rules only. */
  readonly successors: ReadonlyArray<number>
  readonly predecessor: number | null
  /** What it waits for; one thing at a time. */
  readonly operation: Operation | null
  /** Whose notifications are on their way to it: a bit for each place. */
  readonly notifiers: number
  /** What claims look at, the phase and the lists, in a few characters; the same for equal ones only. */
  readonly lists: string
  /** Everything above in a few characters, the same for equal peers only. */
  readonly code: string
}

/** A peer before its codes are made. */
export type Plain = Omit<Peer, "lists" | "code">

/** What waits for an answer from `target`: the query is on its way, and once it was answered so is the answer. */
export interface Operation {
  readonly kind: "join" | "stabilize" | "stabilizeFromPredecessor" | "reconcile"
  readonly target: number
  /** What `target` knew when it answered; null while it has not. */
  readonly answer: Answer | null
}

export interface Answer {
  readonly successors: ReadonlyArray<number>
  readonly predecessor: number | null
}

const STEP = 1 / 8

/** The id directly after another: it stands for nobody, and being adjacent it skips nobody (Zave 2017, section 5.2). */
export const next = (id: number): number => id + STEP

const phases: ReadonlyArray<Peer["phase"]> = ["absent", "joining", "member", "dead"]
const kinds: ReadonlyArray<Operation["kind"]> = ["join", "stabilize", "stabilizeFromPredecessor", "reconcile"]

export const peer = ({ phase, successors, predecessor, operation, notifiers }: Plain): Peer => {
  const answer = operation?.answer ?? null
  let lists = String.fromCharCode(phases.indexOf(phase), successors.length, answer?.successors.length ?? 0)
  for (const entry of successors) lists += letter(entry)
  if (operation !== null && answer !== null) {
    lists += letter(operation.target)
    for (const entry of answer.successors) lists += letter(entry)
  }
  const kind = operation === null ? 0 : 1 + kinds.indexOf(operation.kind)
  let code = lists + String.fromCharCode(notifiers, kind) + letter(predecessor)
  if (operation !== null) code += letter(operation.target)
  if (answer !== null) code += letter(answer.predecessor)
  return { phase, successors, predecessor, operation, notifiers, lists, code }
}

const letter = (id: number | null): string => String.fromCharCode(id === null ? 1 : 2 + id / STEP)

const empty = { successors: [], predecessor: null, operation: null, notifiers: 0 }

export const absent: Peer = peer({ phase: "absent", ...empty })
export const dead: Peer = peer({ phase: "dead", ...empty })

/** The ring in which `id` is another. */
export const withPeer = (ring: Ring, id: number, changed: Plain): Ring => ({
  ...ring,
  peers: ring.peers.with(id, peer(changed)),
})

/** The peer at a place, if it is a member. */
export const memberAt = ({ peers }: Ring, id: number | null): Peer | undefined => {
  const found = id === null ? undefined : peers[id]
  return found?.phase === "member" ? found : undefined
}

export const isMember = (ring: Ring, id: number | null): boolean => memberAt(ring, id) !== undefined

/** All members. */
export const snapshotOf = ({ peers }: Ring): Snapshot =>
  peers.flatMap(({ phase, successors, predecessor }, id) =>
    phase === "member" ? [{ id, successors, predecessor }] : [],
  )

/** Lists on their way to somebody alive, as they will be when they are taken over. */
export const inFlight = ({ peers }: Ring): ReadonlyArray<Listed> =>
  peers.flatMap(({ operation }, id) => {
    if (operation === null || operation.answer === null) return []
    const { kind, target, answer } = operation
    const successors = kind === "join" ? answer.successors : [target, ...answer.successors.slice(0, -1)]
    return [{ id, successors }]
  })

/** Members in an ideal ring: every list names the next members in order, and every predecessor is the one before. */
export const ideal = (places: ReadonlyArray<number>, length: number): ReadonlyArray<Peer> =>
  places.map((_, i) =>
    peer({
      phase: "member",
      successors: Array.from({ length }, (__, k) => places[(i + 1 + k) % places.length] ?? 0),
      predecessor: places.at(i - 1) ?? null,
      operation: null,
      notifiers: 0,
    }),
  )

/** Whether nobody is on its way in and all lists and predecessors are as they should be in the end. */
export const isIdeal = ({ peers }: Ring): boolean => {
  const places = peers.flatMap(({ phase }, id) => (phase === "member" ? [id] : []))
  return (
    places.length > 0 &&
    peers.every(({ phase }) => phase !== "joining") &&
    places.every((id, i) => {
      const { successors = [], predecessor = null } = peers[id] ?? {}
      return (
        predecessor === places.at(i - 1) &&
        successors.every((entry, k) => entry === places[(i + 1 + k) % places.length])
      )
    })
  )
}

/** `judge`, asked once for all rings with the same lists: many states differ in nothing else than what is on its way. */
export const byLists = <V>(judge: (ring: Ring) => V): ((ring: Ring) => V) => {
  const known = new Map<string, V>()
  return (ring) => {
    let key = ""
    for (const { lists } of ring.peers) key += lists
    const found = known.get(key)
    if (found !== undefined) return found
    const value = judge(ring)
    known.set(key, value)
    return value
  }
}
