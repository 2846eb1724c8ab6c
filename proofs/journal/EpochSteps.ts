import { type Cell, someOf } from "../../spec/journal/model/Cell.ts"
import type { JournalAction } from "../../spec/journal/model/JournalSystem.ts"
import { type Ballot, type Log, type Member, NONE, type Proposal } from "../../spec/journal/model/Words.ts"
import { blankEpoch, type EpochState, epochIn } from "./EpochState.ts"
import type { Vocabulary } from "./EpochFacts.ts"

/** A step of the proof, with what its parameters stand for. */
export interface EpochStep {
  readonly epoch: number
  readonly action: string
  readonly about: {
    readonly n?: Member
    readonly m?: Member
    readonly q?: ReadonlyArray<Member>
    readonly a?: Ballot
    readonly b?: Ballot
    readonly l?: Log
    readonly v?: Proposal
  }
}

/** The names of its values. */
export const parametersOf = ({ about }: EpochStep, names: Vocabulary): Readonly<Record<string, string>> => {
  const { a, b, l, m, n, q, v } = about
  return {
    ...(n !== undefined && { n: names.node(n) }),
    ...(m !== undefined && { m: names.node(m) }),
    ...(q !== undefined && { q: names.quorum(q) }),
    ...(a !== undefined && { a: names.ballot(a) }),
    ...(b !== undefined && { b: names.ballot(b) }),
    ...(l !== undefined && { l: names.log(l) }),
    ...(v !== undefined && { v: names.view(v) }),
  }
}

/**
 * What a step of the explored model is in the proof, by JournalLink.ts: one step of one epoch, or none (null), where
 * every epoch has to stay as it is.
 */
export const epochStepOf = (
  cell: Cell,
  { at, message, pick = 0, rule }: JournalAction,
  next: Cell,
): EpochStep | null => {
  const [one, after] = [cell.peers[at], next.peers[at]]
  if (one === undefined || after === undefined) return null
  const { epoch, member } = one
  switch (rule) {
    case "request":
    case "reappend":
    case "expire":
      return { epoch, action: "request", about: { l: after.log } }
    case "append":
      return message?.type === "APPEND"
        ? { epoch, action: "append", about: { n: member, l: message.log } }
        : null
    case "commit":
      return { epoch, action: "commit", about: { l: after.log.slice(0, after.commit) } }
    case "promise": {
      if (message?.type !== "PREPARE") return null
      const { ballot } = message
      // Said again: the first one was lost.
      return one.ballot === ballot ? null : { epoch, action: "promise", about: { n: member, b: ballot } }
    }
    case "choose": {
      const ballot = one.proposing?.ballot ?? NONE
      const proposal = after.proposing?.proposal
      const promises = someOf(
        cell,
        "PROMISE",
        (other) => other.ballot === ballot && other.epoch === epoch && one.view.members.includes(other.from),
      ).filter((_, i) => pick & (1 << i))
      const highest = promises.toSorted(
        (x, y) => (y.accepted?.ballot ?? NONE) - (x.accepted?.ballot ?? NONE),
      )[0]
      if (proposal === null || proposal === undefined || highest === undefined) return null
      const isFree = highest.accepted === null
      const source = isFree ? promises.find(({ log }) => log === proposal.base) : highest
      return {
        epoch,
        action: "choose",
        about: {
          q: promises.map(({ from }) => from),
          m: source?.from ?? highest.from,
          a: highest.accepted?.ballot ?? ballot,
          b: ballot,
          l: proposal.base,
          v: proposal,
        },
      }
    }
    case "accept":
    case "accept-fetched":
      return { epoch, action: "accept", about: { n: member, b: after.accepted?.ballot ?? NONE } }
    case "fast-path":
    case "hand-over":
      return after.accepted === null
        ? null
        : { epoch, action: "fast-path", about: { v: after.accepted.proposal } }
    case "install":
    case "install-fetched":
      return { epoch: after.epoch, action: "install", about: { n: member } }
    default:
      return null
  }
}

/** Every epoch whose view is decided, as it is in `cell` after it was as in `past`. */
export const epochsIn = (cell: Cell, past: ReadonlyArray<EpochState>): ReadonlyArray<EpochState> =>
  cell.history.decided.map(({ epoch, proposal }) =>
    epochIn(cell, past.find((one) => one.epoch === epoch) ?? blankEpoch(epoch, proposal)),
  )
