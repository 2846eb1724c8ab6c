import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Contact, isPlaceholder } from "../../../core/peer/Contact.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import { connect } from "../../transport/RingClient.ts"
import type { RingTarget } from "./RingFlags.ts"

/** What was heard from one ring address. */
export type Answer =
  | {
      readonly address: string
      readonly report: PeerReport
      /** From the question to its answer on an open connection, in ms. */
      readonly roundTripMs: number
    }
  | { readonly address: string; readonly report: null; readonly problem: string }

/** How long one peer may take to connect, and again to answer, in ms. */
export const ASK_WITHIN_MS = 2_000

/**
 * Asks every peer that can be found for its report: those at the target's addresses, and whoever they know of, until
 * nobody names anybody new. All that are known at a time are asked at once, so this takes a few deadlines at worst.
 *
 * @returns one answer for each address, those of peers that gave several addresses only once.
 */
export const survey = Effect.fnUntraced(function* (
  target: RingTarget,
): Effect.fn.Return<ReadonlyArray<Answer>> {
  const answers = new Map<string, Answer>()
  let next: ReadonlyArray<string> = target.addresses
  while (next.length > 0) {
    const heard = yield* Effect.forEach(next, (address) => ask(address, target.genesis.cluster), {
      concurrency: "unbounded",
    })
    for (const answer of heard) answers.set(answer.address, answer)
    next = [...new Set(heard.flatMap(namedBy))].filter((address) => !answers.has(address))
  }
  return onceEach([...answers.values()])
})

const ask = (address: string, cluster: string): Effect.Effect<Answer> =>
  Effect.scoped(
    Effect.gen(function* () {
      const client = yield* connect(address, { cluster, deadlineMs: ASK_WITHIN_MS })
      const begin = yield* Clock.currentTimeNanos
      const report = JSON.parse(yield* client.inspect(ASK_WITHIN_MS)) as PeerReport
      const end = yield* Clock.currentTimeNanos
      return { address, report, roundTripMs: Number(end - begin) / 1e6 }
    }),
  ).pipe(Effect.catch((error) => Effect.succeed({ address, report: null, problem: error.message })))

const namedBy = ({ report }: Answer): ReadonlyArray<string> =>
  report === null
    ? []
    : [...report.known, ...report.suspected, ...report.successors, ...report.fingers]
        .filter((contact: Contact) => !isPlaceholder(contact))
        .map(({ ring }) => ring)

/** A peer reached at two addresses (as `localhost` and as `127.0.0.1`, say) is one peer. */
const onceEach = (answers: ReadonlyArray<Answer>): ReadonlyArray<Answer> => {
  const seen = new Set<string>()
  return answers.filter(({ report }) => {
    if (report === null) return true
    const { id, incarnation } = report.self
    const key = `${id} ${incarnation}`
    return !seen.has(key) && seen.add(key)
  })
}
