import * as Effect from "effect/Effect"
import { makeHasher } from "../../../core/hashing/Hasher.ts"
import type { Contact } from "../../../core/peer/Contact.ts"
import { cellOf, homeOf } from "../../../core/ring/Cell.ts"
import type { SessionAnswer } from "../../peer/SessionReport.ts"
import { connect } from "../../transport/RingClient.ts"
import { findOwner } from "../look/Lookup.ts"
import type { RingTarget } from "../look/RingFlags.ts"
import { ASK_WITHIN_MS } from "../look/Survey.ts"

/** What came of asking for a session, and the names of those who were asked, in turn. */
export interface Asked {
  readonly answer: Exclude<SessionAnswer, { readonly type: "not-leader" }>
  readonly path: ReadonlyArray<string>
}

/** Peers that may send us on, one to the other, while a cell moves. */
const MOST_HOPS = 8

/** A reset is over when it is journaled, in ms. */
const SESSION_WITHIN_MS = 10_000

/**
 * Asks the leader of the client's cell: first the peer that the ring says leads it, then whomever those who do not lead
 * it name.
 *
 * @returns refused, with the reason, when nobody answers as the leader.
 */
export const askLeader = Effect.fnUntraced(function* (
  target: RingTarget,
  client: string,
  action: "show" | "reset",
): Effect.fn.Return<Asked> {
  const { cells, hash } = target.genesis
  const cell = cellOf(makeHasher(hash)(client), cells)
  const path: Array<string> = []
  const refused = (reason: string): Asked => ({ answer: { type: "refused", reason }, path })
  const found = yield* findOwner(target, homeOf(cell, cells))
  if (found === undefined) return refused("nobody answers; see 'ringstead status'")
  let next: Pick<Contact, "name" | "ring"> | null = found.owner
  const asked = new Set<string>()
  while (next !== null && !asked.has(next.ring) && asked.size < MOST_HOPS) {
    const { name, ring }: Pick<Contact, "name" | "ring"> = next
    asked.add(ring)
    path.push(name)
    const answer = yield* ask(ring, target.genesis.cluster, client, action)
    if (answer.type !== "not-leader") return { answer, path }
    next = answer.leader
  }
  return refused(
    path.length === 0
      ? `the ring did not say who leads cell ${cell}; see 'ringstead check-ring'`
      : `nobody leads cell ${cell} at present (asked ${path.join(", ")}); see 'ringstead status'`,
  )
})

const ask = (
  address: string,
  cluster: string,
  client: string,
  action: "show" | "reset",
): Effect.Effect<SessionAnswer> =>
  Effect.scoped(
    Effect.flatMap(connect(address, { cluster, deadlineMs: ASK_WITHIN_MS }), (peer) =>
      peer.session(client, action, SESSION_WITHIN_MS),
    ),
  ).pipe(
    Effect.map((json) => JSON.parse(json) as SessionAnswer),
    Effect.catch(({ message }) =>
      Effect.succeed<SessionAnswer>({ type: "refused", reason: `${message}; see 'ringstead status'` }),
    ),
  )
