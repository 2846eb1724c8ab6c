import { epochKnown } from "../../../core/replication/Replica.ts"
import { received, type Sent } from "./CoreNode.ts"
import type { CoreState } from "./CoreState.ts"
import { type KnownMessage, type KnownNode, type Local, localStep } from "./Known.ts"

/**
 * News of an epoch: which began, which is over, who in it has promised a ballot or has caught up. They ask for nothing, and
 * tell nothing that could be forgotten again before the epoch is.
 */
const NEWS: ReadonlySet<string> = new Set<Sent["message"]["type"]>(["Install", "Learned", "Retire", "Sealed"])

/**
 * The state without messages that are spent: they will never change anything again, so states that differ in nothing else
 * are one. Nothing is left out while somebody may yet crash, and so forget what it has learned. Afterwards these are:
 *
 * - What is for somebody who is down, once nobody starts again.
 * - News (NEWS) of an epoch that their receiver has reached or passed, if nothing came of them were they to arrive now.
 *   Epochs only grow, and who leads one no longer never leads it again but after a restart: so what is old to it stays old.
 *
 * Answers are not among them, though nothing may come of them now. A late `Pulled` fills a fetch that begins after it was
 * on its way; an `AppendAck` says how things stood; and whether a `Promise` or an `Accepted` counts once more hangs on
 * ballots never being used twice, which is for the search to find out.
 *
 * This is an argument about the code, not about the search; Reductions.test.ts holds it against searches without it: they
 * meet the same nodes in the same combinations.
 */
export const withoutSpent = (state: CoreState): CoreState => {
  if (state.left.crashes > 0 || state.left.whole === true) return state
  const sent = state.sent.filter((message) => !isSpent(state, message))
  return sent.length === state.sent.length ? state : { ...state, sent }
}

const isSpent = ({ left, nodes }: CoreState, message: KnownMessage): boolean => {
  const { message: said, to } = message.value
  const node = nodes[to] as KnownNode
  if (node.value.state === null) return left.restarts === 0
  const replica = node.value.state.replicas[0] ?? null
  if (!NEWS.has(said.type) || replica === null || said.epoch > epochKnown(replica)) return false
  const { node: after, replies, sent } = delivered(node, message)
  return after === node && replies.length === 0 && sent.length === 0
}

/** What becomes of its receiver when the message arrives. */
export const delivered = (node: KnownNode, message: KnownMessage): Local =>
  localStep(message.value.to, node, message, () => received(message.value.to, node.value, message.value))
