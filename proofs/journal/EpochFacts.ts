import {
  type Ballot,
  ballotOf,
  type Log,
  majority,
  type Member,
  NONE,
  placeOf,
  type Proposal,
} from "../../spec/journal/model/Words.ts"
import { define, not, or } from "../smt/Formula.ts"
import type { EpochState } from "./EpochState.ts"

/** Names of everything that some states of one epoch speak of, as vectors of bits, and the symbols of Epoch.ts on them. */
export interface Vocabulary {
  readonly sorts: string
  readonly node: (member: Member) => string
  readonly quorum: (members: ReadonlyArray<Member>) => string
  readonly ballot: (ballot: Ballot) => string
  readonly log: (log: Log) => string
  readonly view: (proposal: Proposal) => string
  /** What a state says, as formulas of the state before (suffix "") or after ("+") an action. */
  readonly saying: (state: EpochState, suffix: "" | "+") => ReadonlyArray<string>
}

const vector = (index: number, bits: number): string => `(_ bv${index} ${bits})`
const bitsFor = (count: number): number => Math.max(1, Math.ceil(Math.log2(count)))

/** One of a sort of so many different things. */
const sort = <T>(name: string, things: ReadonlyArray<T>, spare = 0) => {
  const bits = bitsFor(things.length + spare)
  return {
    bits,
    text: `(define-sort ${name} () (_ BitVec ${bits}))`,
    of: (thing: T): string => {
      const index = things.indexOf(thing)
      if (index < 0) throw new RangeError(`${String(thing)} is no ${name}`)
      return vector(index, bits)
    },
    /** All of them, those that stand for nothing too. */
    all: Array.from({ length: 2 ** bits }, (_, i) => [vector(i, bits), things[i]] as const),
  }
}

const among = <T>(...all: ReadonlyArray<T>): ReadonlyArray<T> => [...new Set(all)]

/** Pairs for which a relation holds, one of each by its name. */
const relation = (pairs: ReadonlyArray<readonly [string, string]>): string =>
  or("(= a b)", ...pairs.map(([a, b]) => `(and (= a ${a}) (= b ${b}))`))

/** For states of the same epoch, and what a step is about beside them. */
export const vocabularyOf = (
  states: ReadonlyArray<EpochState>,
  more: { readonly logs?: ReadonlyArray<Log>; readonly ballots?: ReadonlyArray<Ballot> } = {},
): Vocabulary => {
  const { members, base } = (states[0] as EpochState).view
  const zero = ballotOf(0, placeOf(members[0] ?? 0), 0)
  const proposals = states.flatMap((state) => state.proposals)
  // One more than there are: a bystander, and a log that is comparable to none.
  const nodes = sort<Member>("Node", members, 1)
  const ballots = sort<Ballot>(
    "Ballot",
    among(
      zero,
      ...proposals.map(({ ballot }) => ballot),
      ...states.flatMap(({ promises }) => promises.map(({ ballot }) => ballot)),
      ...states.flatMap((state) => state.nodes.map(({ ballot }) => ballot).filter((one) => one !== NONE)),
      ...(more.ballots ?? []),
    ).toSorted((a, b) => a - b),
  )
  const logs = sort<Log>(
    "Log",
    among(
      base,
      ...(more.logs ?? []),
      ...states.flatMap((state) => [
        ...state.nodes.flatMap(({ acked, log }) => [log, acked ?? log]),
        ...state.promises.map(({ log }) => log),
        ...state.proposals.map(({ proposal }) => proposal.base),
      ]),
    ),
    1,
  )
  const views = sort<string>("View", among("", ...proposals.map(({ proposal }) => proposal.members.join())))
  const majorities = subsets(members).filter((some) => some.length >= majority(members))
  const quorums = sort<string>(
    "Quorum",
    majorities.map((some) => some.join()),
  )
  const pairs = (test: (a: Log, b: Log) => boolean): ReadonlyArray<readonly [string, string]> =>
    logs.all.flatMap(([a, one]) =>
      logs.all.flatMap(([b, other]) =>
        one !== undefined && other !== undefined && one !== other && test(one, other)
          ? [[a, b] as const]
          : [],
      ),
    )
  const sorts = [
    ...[nodes, quorums, ballots, logs, views].map(({ text }) => text),
    // What stands for no majority is all of them.
    define(
      "in",
      "n Node, q Quorum",
      "Bool",
      or(
        ...quorums.all.map(([q, some]) => {
          const who = some === undefined ? members : some.split(",").map(Number)
          return `(and (= q ${q}) ${or(...who.map((member) => `(= n ${nodes.of(member)})`))})`
        }),
      ),
    ),
    define("lt", "a Ballot, b Ballot", "Bool", "(bvult a b)"),
    define("zero", "", "Ballot", ballots.of(zero)),
    define("prefix", "a Log, b Log", "Bool", relation(pairs((a, b) => b.startsWith(a)))),
    define("noLonger", "a Log, b Log", "Bool", relation(pairs((a, b) => a.length <= b.length))),
  ].join("\n")
  const saying: Vocabulary["saying"] = (state, suffix) => {
    const is = (field: string, names: ReadonlyArray<string>, wanted: boolean): string => {
      const term = `(${field}${suffix} ${names.join(" ")})`
      return wanted ? term : not(term)
    }
    const equals = (field: string, names: ReadonlyArray<string>, value: string): string =>
      `(= (${field}${suffix} ${names.join(" ")}) ${value})`
    return [
      ...nodes.all.flatMap(([n, member]) => {
        const node = state.nodes[member === undefined ? -1 : members.indexOf(member)]
        return [
          is("installed", [n], node?.isInstalled === true),
          is("sealed", [n], node !== undefined && node.ballot !== NONE),
          equals("log", [n], logs.of(node?.log ?? base)),
          node === undefined || node.acked === null
            ? is("acked", [n], false)
            : equals("acked", [n], `(prefix c ${logs.of(node.acked)})`),
          ...ballots.all.flatMap(([b, ballot]) => {
            const promise = state.promises.find((one) => one.from === member && one.ballot === ballot)
            const isAccepted = state.acceptances.some((one) => one.from === member && one.ballot === ballot)
            return [
              is("over", [n, b], node !== undefined && ballot !== undefined && ballot < node.ballot),
              is("promised", [n, b], promise !== undefined),
              ...(promise === undefined ? [] : [equals("held", [n, b], logs.of(promise.log))]),
              is("accepted", [n, b], isAccepted),
            ]
          }),
        ]
      }),
      ...ballots.all.flatMap(([b, ballot]) => {
        const found = state.proposals.find((one) => one.ballot === ballot)?.proposal
        return [
          is("proposed", [b], found !== undefined),
          ...(found === undefined
            ? []
            : [
                equals("base", [b], logs.of(found.base)),
                equals("view", [b], views.of(found.members.join())),
              ]),
        ]
      }),
      `(= leader ${nodes.of(members[0] ?? 0)})`,
      `(= start ${logs.of(base)})`,
    ]
  }
  return {
    sorts,
    node: nodes.of,
    quorum: (some) => quorums.of(members.filter((member) => some.includes(member)).join()),
    ballot: ballots.of,
    log: logs.of,
    view: (proposal) => views.of(proposal.members.join()),
    saying,
  }
}

const subsets = (members: ReadonlyArray<Member>): ReadonlyArray<ReadonlyArray<Member>> =>
  Array.from({ length: 2 ** members.length }, (_, bits) => members.filter((_member, i) => bits & (1 << i)))
