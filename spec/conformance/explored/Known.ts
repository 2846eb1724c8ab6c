import { hash } from "../../explorer/Fingerprint.ts"
import { canonical } from "./Canonical.ts"
import { type CoreNode, type Done, nodeText, type Reply, type Sent } from "./CoreNode.ts"

/**
 * Something met in an exploration: one object for all that are equal, so that what was found out about it once is known
 * wherever it is met again.
 */
export interface Known<A> {
  readonly value: A
  /** A whole number in [0, 2^53), the same in every process: from a hash of all there is to tell. */
  readonly id: number
  /** The whole hash, in four characters. */
  readonly code: string
}

export type KnownMessage = Known<Sent>

export interface KnownNode extends Known<CoreNode> {
  /** What became of it, by what happened: the same step is met again and again in other surroundings. */
  readonly steps: Map<string | KnownMessage, Local>
}

/** What became of a node in one step. */
export interface Local {
  readonly node: KnownNode
  readonly sent: ReadonlyArray<KnownMessage>
  readonly replies: ReadonlyArray<Reply>
  readonly problem: string | null
}

const nodes = new Map<number, KnownNode>()
const messages = new Map<number, KnownMessage>()

const into = { high: 0, low: 0 }

/** Two texts have the same number with a probability of n^2 / 2^54 among n: one in a million for 100,000 of them. */
const identify = (text: string): { readonly id: number; readonly code: string } => {
  hash(text, into)
  const { high, low } = into
  return {
    id: (high >>> 0) * 2 ** 21 + (low >>> 11),
    code: String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff),
  }
}

/** The node of the peer `at`. */
export const knownNode = (at: number, value: CoreNode): KnownNode => {
  const { code, id } = identify(`${at} ${nodeText(value)}`)
  const before = nodes.get(id)
  if (before !== undefined) return before
  const node: KnownNode = { value, id, code, steps: new Map() }
  nodes.set(id, node)
  return node
}

const knownMessage = (value: Sent): KnownMessage => {
  const { code, id } = identify(canonical([value.from, value.to, value.message]))
  const before = messages.get(id)
  if (before !== undefined) return before
  const message: KnownMessage = { value, id, code }
  messages.set(id, message)
  return message
}

/**
 * What becomes of the node of the peer `at`.
 *
 * @param what happens: a text that tells it from all else that may happen to this node, or the message that arrives.
 */
export const localStep = (
  at: number,
  node: KnownNode,
  what: string | KnownMessage,
  make: () => Done,
): Local => {
  const before = node.steps.get(what)
  if (before !== undefined) return before
  const { node: after, problem, replies, sent } = make()
  const local: Local = { node: knownNode(at, after), sent: sent.map(knownMessage), replies, problem }
  node.steps.set(what, local)
  return local
}
