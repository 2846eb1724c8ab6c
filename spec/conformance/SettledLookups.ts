import type { Contact } from "../../core/peer/Contact.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { RingId } from "../../core/ring/RingId.ts"
import { fingersAreExact, flaws, ownerOf } from "./Ideal.ts"
import { seeded } from "./Seeded.ts"
import { drawId } from "./VirtualPeer.ts"
import type { VirtualRing } from "./VirtualRing.ts"

/** Virtual ms in which every lookup of a settled ring without loss is answered. */
const ANSWERED_MS = 500

export interface SettledReport {
  /** What is wrong, a line each: an owner other than the one by brute force, or more than ceil(log2 N) hops. */
  readonly problems: ReadonlyArray<string>
  /** Hops of each lookup. */
  readonly hops: ReadonlyArray<number>
}

/** The keys that each member looks up: by turns one drawn at random and one that is some member's own id. */
export const settledKeys = (
  members: ReadonlyArray<Contact>,
  each: number,
  seed: number,
): ReadonlyArray<ReadonlyArray<RingId>> => {
  const random = seeded(seed)
  return members.map(() =>
    Array.from({ length: each }, (_, i) => {
      const member = i % 2 === 1 ? members[random.below(members.length)] : undefined
      return member?.id ?? drawId(random)
    }),
  )
}

/**
 * Looks up {@link settledKeys} from every member of a ring that is ideal and whose fingers are exact.
 *
 * @param each number of keys that every member looks up.
 * @param states of the ring's members by increasing id, when there is more than one ring.
 */
export const lookUpSettled = (
  ring: VirtualRing,
  each = 2,
  states: ReadonlyArray<PeerState> = ring.states(),
): SettledReport => {
  const unsettled = [...flaws(states), ...(fingersAreExact(states) ? [] : ["the fingers are not exact"])]
  if (unsettled.length > 0) return { problems: unsettled, hops: [] }
  const members = states.map((state) => state.config.self)
  const keys = settledKeys(members, each, ring.options.seed)
  const asked = members.flatMap(({ name }, i) =>
    (keys[i] ?? []).map((key) => ({ name, key, token: ring.find(name, key) })),
  )
  ring.run(ANSWERED_MS)
  const bound = Math.ceil(Math.log2(members.length))
  const hops = asked.map(({ token }) => ring.answer(token)?.hops ?? Infinity)
  const problems = asked.flatMap(({ name, key, token }, i) => {
    const owner = ownerOf(members, key)
    const found = ring.answer(token)?.owner
    if (found?.id !== owner.id) return [`${name} found ${found?.name} for ${key}, not ${owner.name}`]
    const taken = hops[i] ?? Infinity
    return taken > bound ? [`${name} took ${taken} hops to ${key}, more than ${bound}`] : []
  })
  return { problems, hops }
}
