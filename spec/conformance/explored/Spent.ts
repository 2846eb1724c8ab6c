import { epochKnown } from "../../../core/replication/Replica.ts"
import { received, type Sent } from "./CoreNode.ts"
import type { CoreState } from "./CoreState.ts"
import { type KnownMessage, type KnownNode, type Local, localStep } from "./Known.ts"

/** Answers and news: they ask for nothing, so the only thing to come of them is what their receiver learns. */
const NEWS: ReadonlySet<string> = new Set<Sent["message"]["type"]>([
  "AppendAck",
  "AppendNack",
  "Sealed",
  "Refuse",
  "Install",
  "Retire",
  "Pulled",
  "Learned",
])

/**
 * The state without messages that are spent: they will never change anything again, so states that differ in nothing else
 * are one. Nothing is left out while somebody may yet crash, and so forget what it has learned. Afterwards these are:
 *
 * - What is for somebody who is down, once nobody starts again.
 * - Answers and news (NEWS) of an epoch that their receiver has reached or passed, if nothing came of them were they to
 *   arrive now. What a process knows only grows: epochs, ballots that it promised, rounds, lengths that it heard of or
 *   holds; a fetch or a proposal that has ended does not begin again with the same ballot. So what is old to it stays old.
 *   A late `Pulled`, for instance, whose entries the receiver has, or that comes when it no longer fetches: it would begin
 *   a fetch of the same log only for a proposal or view that needs more than it holds, and what it holds only grows until
 *   the epoch does, which those entries are not from.
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
