import { entryAt, type Log, type Peer, type Session } from "../../spec/session/Session.ts"
import { not } from "../smt/Formula.ts"

/** What a session of spec says in the terms of Session.ts: requests and instances by number. */
export interface SessionState {
  /** In its order. */
  readonly journal: ReadonlyArray<number>
  readonly committed: ReadonlyArray<number>
  readonly answered: ReadonlyArray<number>
  readonly instances: ReadonlyArray<InstanceState>
}

export interface InstanceState {
  /** What it has applied, in that order. */
  readonly applied: ReadonlyArray<number>
  readonly isTainted: boolean
  readonly leads: boolean
  readonly isDeposed: boolean
}

export const requestsOf = (log: Log): ReadonlyArray<number> =>
  Array.from(log, (entry) => entryAt(entry, 0).request)

/** The session as it is, after it was `past`: what a tainted instance has applied is told nowhere any more. */
export const sessionState = (session: Session, past: SessionState | null): SessionState => {
  const { answered, committed, epoch, leader, peers } = session
  const { log, rest } = peers[leader] as Peer
  const journal = (log ?? "") + rest
  return {
    journal: requestsOf(journal),
    committed: requestsOf(committed),
    answered: requestsOf(answered),
    instances: peers.map((one, at) => {
      const { applied, isTainted, running } = one.instance
      const own = one.log === null ? journal : one.log + one.rest
      const runs = running === null ? [] : [running.request]
      return {
        applied: isTainted
          ? (past?.instances[at]?.applied ?? [])
          : [...requestsOf(own.slice(0, applied)), ...runs],
        isTainted,
        leads: at === leader,
        isDeposed: !isTainted && one.log !== null && one.epoch < epoch,
      }
    }),
  }
}

const BITS = 2
const vector = (index: number): string => `(_ bv${index} ${BITS})`
const all = Array.from({ length: 2 ** BITS }, (_, i) => i)

/** Four requests, four instances: what is not there does nothing. */
export const sorts = `(define-sort Request () (_ BitVec ${BITS}))\n(define-sort Instance () (_ BitVec ${BITS}))`
export const nameOf = vector

export const setOf = (requests: ReadonlyArray<number>): string =>
  requests.reduce(
    (array, request) => `(store ${array} ${vector(request)} true)`,
    "((as const (Array Request Bool)) false)",
  )

/** What a state says, as formulas of the state before (suffix "") or after ("+") an action. */
export const saying = (state: SessionState, suffix: "" | "+"): ReadonlyArray<string> => {
  const { answered, committed, instances, journal } = state
  const is = (field: string, names: ReadonlyArray<number>, wanted: boolean): string => {
    const term = `(${field}${suffix} ${names.map(vector).join(" ")})`
    return wanted ? term : not(term)
  }
  return [
    ...all.flatMap((r) => [
      is("journaled", [r], journal.includes(r)),
      is("committed", [r], committed.includes(r)),
      is("answered", [r], answered.includes(r)),
    ]),
    ...journal.flatMap((r, i) => journal.map((s, j) => is("earlier", [r, s], i < j))),
    ...all.flatMap((at) => {
      const { applied, isDeposed, isTainted, leads } = instances[at] ?? {
        applied: [],
        isDeposed: false,
        isTainted: false,
        leads: false,
      }
      return [
        is("tainted", [at], isTainted),
        is("leads", [at], leads),
        is("deposed", [at], isDeposed),
        ...all.flatMap((r) => [
          is("applied", [at, r], applied.includes(r)),
          is("twice", [at, r], applied.indexOf(r) !== applied.lastIndexOf(r)),
          ...all.map((s) =>
            is(
              "sooner",
              [at, r, s],
              r !== s &&
                applied.includes(s) &&
                applied.indexOf(r) >= 0 &&
                applied.indexOf(r) < applied.lastIndexOf(s),
            ),
          ),
        ]),
      ]
    }),
  ]
}
