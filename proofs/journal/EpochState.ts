import { type Cell, isMemberOf } from "../../spec/journal/model/Cell.ts"
import { type Ballot, type Log, type Member, NONE, type Proposal } from "../../spec/journal/model/Words.ts"

/**
 * What a cell of spec/journal/model says of one epoch, in the terms of EpochProtocol.ts. Messages count from when they
 * are sent, forever; a member that has gone on to a later epoch, or lost its disk, is as it was when it was last in this
 * one.
 */
export interface EpochState {
  readonly epoch: number
  readonly view: Proposal
  /** In the view's order. */
  readonly nodes: ReadonlyArray<NodeState>
  readonly promises: ReadonlyArray<{ readonly from: Member; readonly ballot: Ballot; readonly log: Log }>
  readonly acceptances: ReadonlyArray<{ readonly from: Member; readonly ballot: Ballot }>
  readonly proposals: ReadonlyArray<{ readonly ballot: Ballot; readonly proposal: Proposal }>
}

export interface NodeState {
  readonly isInstalled: boolean
  readonly log: Log
  /** The longest that it acknowledged; null: none. */
  readonly acked: Log | null
  readonly ballot: Ballot
}

/** Before anybody has installed it. */
export const blankEpoch = (epoch: number, view: Proposal): EpochState => ({
  epoch,
  view,
  nodes: view.members.map(() => ({ isInstalled: false, log: view.base, acked: null, ballot: NONE })),
  promises: [],
  acceptances: [],
  proposals: [],
})

/** The epoch as it is in `cell`, after it was `past`. */
export const epochIn = (cell: Cell, past: EpochState): EpochState => {
  const { epoch, view } = past
  const present = cell.peers.filter((one) => isMemberOf(one, epoch) && one.view.code === view.code)
  const promises = cell.messages.flatMap(({ message }) =>
    message.type === "PROMISE" && message.epoch === epoch ? [message] : [],
  )
  const proposals = present.flatMap(({ accepted, proposing }) => {
    const [ballot, proposal] = [proposing?.ballot, proposing?.proposal]
    return [
      ...(ballot !== undefined && proposal !== null && proposal !== undefined ? [{ ballot, proposal }] : []),
      ...(accepted === null ? [] : [accepted]),
    ]
  })
  return {
    ...past,
    nodes: past.nodes.map((node, i) => {
      const one = present.find(({ member }) => member === view.members[i])
      return one === undefined
        ? node
        : { isInstalled: true, log: one.log, acked: ackedBy(cell, past, i, one.log), ballot: one.ballot }
    }),
    promises: merged(
      past.promises,
      promises.map(({ ballot, from, log }) => ({ from, ballot, log })),
      ({ ballot, from }) => `${from} ${ballot}`,
    ),
    acceptances: merged(
      past.acceptances,
      present.flatMap(({ accepted, member }) =>
        accepted === null ? [] : [{ from: member, ballot: accepted.ballot }],
      ),
      ({ ballot, from }) => `${from} ${ballot}`,
    ),
    proposals: merged(
      past.proposals,
      proposals.map(({ ballot, proposal }) => ({ ballot, proposal })),
      ({ ballot }) => `${ballot}`,
    ),
  }
}

/** A member acknowledges what it stores before it is sealed; the leader itself only as it takes it for committed. */
const ackedBy = ({ history }: Cell, { epoch, view }: EpochState, i: number, log: Log): Log => {
  if (i > 0) {
    const held = history.held.find((one) => one.epoch === epoch && one.member === view.members[i])
    return log.slice(0, held?.length ?? 0)
  }
  const committed = history.committed.filter((one) => one.epoch === epoch).map((one) => one.log)
  return committed.reduce((longest, one) => (one.length > longest.length ? one : longest), view.base)
}

/** The same with the newer ones, which come instead of older ones of the same key; in the order of keys. */
const merged = <T>(
  old: ReadonlyArray<T>,
  more: ReadonlyArray<T>,
  key: (one: T) => string,
): ReadonlyArray<T> =>
  [...new Map([...old, ...more].map((one) => [key(one), one])).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)
