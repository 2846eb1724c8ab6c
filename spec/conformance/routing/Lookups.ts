import type { Invariant, System } from "../../explorer/System.ts"

/**
 * Lookups in a settled ring, one after another, as something that scenarios are played on. Peers and keys are small
 * numbers, as in the list of errata in routing.md.
 */
export interface LookupOptions {
  /** By increasing id. */
  readonly peers: ReadonlyArray<number>
  /** Width of the ring's ids; 4 unless said otherwise. */
  readonly bits?: number
}

export interface Lookup {
  readonly at: number
  readonly key: number
}

/** What became of a lookup. */
export interface Outcome extends Lookup {
  /** Who took themselves, or were taken, for the owner, in the order in which it came out. */
  readonly owners: ReadonlyArray<number>
  /** Most messages that one peer sent on for it, each counted. */
  readonly copies: number
  /** Messages from peer to peer until the first owner was found. */
  readonly hops: number
}

type State = ReadonlyArray<Outcome>

/** @param route looks a key up from a peer in the settled ring */
export const lookupSystem = (
  name: string,
  { bits = 4, peers }: LookupOptions,
  route: (lookup: Lookup) => Omit<Outcome, keyof Lookup>,
): System<State, Lookup> => {
  const all = peers.flatMap((at) => Array.from({ length: 2 ** bits }, (_, key) => ({ at, key })))
  const bound = Math.ceil(Math.log2(peers.length))
  return {
    name,
    initial: [[]],
    actions: () => all,
    apply: (state, lookup) => [...state, { ...lookup, ...route(lookup) }],
    fingerprint: (state) => JSON.stringify(state),
    invariants: [
      claim("EveryKeyIsAnswered", ({ owners }) => owners.length === 0, "nobody answers"),
      claim(
        "OnlyTheOwnerAnswers",
        ({ key, owners }) => owners.some((one) => one !== ownerOf(peers, key)),
        "another than its owner answers",
      ),
      claim("OneCopy", ({ copies }) => copies > 1, "it is sent on more than once"),
      claim("LogHops", ({ hops }) => hops > bound, `it takes more than ${bound} hops`),
    ],
    witnesses: [],
    goals: [],
    describe: ({ at, key }) => `lookup ${at} ${key}`,
    show: (state) => state.map(outcomeText),
  }
}

/** The first peer at or after the key. */
const ownerOf = (peers: ReadonlyArray<number>, key: number): number | undefined =>
  peers.find((peer) => peer >= key) ?? peers[0]

const claim = (name: string, fails: (outcome: Outcome) => boolean, problem: string): Invariant<State> => ({
  name,
  broken: (state) => {
    const found = state.find(fails)
    return found && `key ${found.key} from ${found.at}: ${problem}`
  },
})

const outcomeText = ({ at, copies, hops, key, owners }: Outcome): string =>
  `key ${key} from ${at}: ${owners.length === 0 ? "nobody" : owners.join(" and ")} answers after ${hops} hops, ${copies} sent on at most`
