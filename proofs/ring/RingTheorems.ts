import { and, constants, define, equal, forall, implies, not, or, range } from "../smt/Formula.ts"
import type { Obligation } from "../smt/Obligation.ts"
import { circle } from "./Circle.ts"
import { principalNames } from "./RingProtocol.ts"

/**
 * What follows from the invariant (ring.md, Invariant). First of one extended list e0 to eL, whoever it belongs to, be it
 * in flight; then of all members at once, where a member's best successor is any that the first part allows.
 */
export const listTheorems = (length: number, enough = length + 1): ReadonlyArray<Obligation> => {
  const entries = range(0, length).map((i) => `e${i}`)
  const principals = principalNames(length).slice(0, enough)
  const pairs = entries.slice(1).map((entry, i) => [entries[i] ?? "", entry] as const)
  const unskipped = principals.flatMap((p) => pairs.map(([a, b]) => not(`(between ${a} ${p} ${b})`)))
  const best = entries
    .slice(2)
    .reduceRight((rest, _, i) => `(ite (live e${i + 1}) e${i + 1} ${rest})`, `e${length}`)
  const base = {
    theory: circle,
    declarations: [constants("Id", [...entries, ...principals]), "(declare-fun live (Id) Bool)"].join("\n"),
    hypotheses: [`(distinct ${principals.join(" ")})`, ...principals.map((p) => `(live ${p})`), ...unskipped],
  }
  const triples = entries.flatMap((a, i) =>
    entries.slice(i + 1).flatMap((b, j) => entries.slice(i + j + 2).map((c) => `(cyc ${a} ${b} ${c})`)),
  )
  const name = `ring/L${length}`
  return [
    {
      ...base,
      name: `${name}/NoDuplicates`,
      claim: "a list that skips none of L + 1 principals names nobody twice, and not its owner",
      goals: [{ name: "NoDuplicates", formula: `(distinct ${entries.join(" ")})` }],
    },
    {
      ...base,
      name: `${name}/OrderedSuccessorLists`,
      claim: "a list that skips none of L + 1 principals is in the order of the ring",
      goals: [{ name: "OrderedSuccessorLists", formula: and(...triples) }],
    },
    {
      ...base,
      name: `${name}/BestSuccessor`,
      claim: "the first live entry of a list is another member, and no principal lies before it",
      hypotheses: [...base.hypotheses, or(...entries.slice(1).map((e) => `(live ${e})`))],
      goals: [
        { name: "live", formula: `(live ${best})` },
        { name: "another", formula: `(distinct ${best} e0)` },
        {
          name: "no principal before it",
          formula: and(...principals.map((p) => not(`(between e0 ${p} ${best})`))),
        },
      ],
    },
  ]
}

const member = (variable: string, body: string): string =>
  forall(`${variable} Id`, implies(`(member ${variable})`, body))

/** Clockwise from the principal p: x before y. */
const beforeFromP = define(
  "before",
  "x Id, y Id",
  "Bool",
  or("(cyc p x y)", and(equal("x", "p"), "(distinct y p)")),
)

const shape = {
  theory: circle,
  declarations: [
    "(declare-fun member (Id) Bool)",
    "(declare-fun best (Id) Id)",
    constants("Id", ["p"]),
    beforeFromP,
  ].join("\n"),
  hypotheses: [
    "(member p)",
    member("x", and("(member (best x))", "(distinct (best x) x)", not("(between x p (best x))"))),
  ],
}

const closed = (set: string): string => member("x", implies(`(${set} x)`, `(${set} (best x))`))

/**
 * A set of members is *closed* when it holds the best successor of each of its own. Finitely many members have one that
 * is nearest to p by whatever is asked: that is the only step outside the solver, and it is stated as the hypothesis that
 * a counterexample is the nearest one.
 */
export const shapeTheorems: ReadonlyArray<Obligation> = [
  {
    ...shape,
    name: "ring/shape/ConnectedAppendages",
    claim: "best successors lead from every member to every principal",
    declarations: `${shape.declarations}\n(declare-fun reaches (Id) Bool)\n${constants("Id", ["m"])}`,
    hypotheses: [
      ...shape.hypotheses,
      "(reaches p)",
      member("x", implies("(reaches (best x))", "(reaches x)")),
      "(member m)",
      // m is the nearest before p that could be a counterexample.
      member("x", implies("(between m x p)", "(reaches x)")),
    ],
    goals: [{ name: "ConnectedAppendages", formula: "(reaches m)" }],
  },
  {
    ...shape,
    name: "ring/shape/AtMostOneRing",
    claim: "every closed set of members holds every principal, so no two rings are apart",
    declarations: `${shape.declarations}\n(declare-fun ring (Id) Bool)\n${constants("Id", ["m"])}`,
    hypotheses: [
      ...shape.hypotheses,
      closed("ring"),
      "(member m)",
      "(ring m)",
      // m is the nearest before p of the set.
      member("x", implies("(between m x p)", not("(ring x)"))),
    ],
    goals: [{ name: "AtMostOneRing", formula: "(ring p)" }],
  },
  {
    ...shape,
    name: "ring/shape/OneOrderedRing",
    claim:
      "the ring's order by best successors is the order of ids: members of the ring beyond the first gap are beyond all closed sets that hold p",
    declarations: [
      shape.declarations,
      "(declare-fun ring (Id) Bool)",
      constants("Id", ["g", "y"]),
      // All of the ring but what lies between g and its best successor.
      define("rest", "x Id", "Bool", and("(ring x)", not("(between g x (best g))"))),
    ].join("\n"),
    hypotheses: [
      ...shape.hypotheses,
      forall("x Id", implies("(ring x)", "(member x)")),
      "(ring p)",
      closed("ring"),
      "(ring g)",
      // g is the first from p on with somebody of the ring between it and its best successor.
      forall(
        "x Id, z Id",
        implies(and("(ring x)", "(before x g)", "(ring z)"), not("(between x z (best x))")),
      ),
      "(rest y)",
    ],
    // rest holds p and is closed; the ring is the least such set, so nobody of it lies in the gap.
    goals: [
      { name: "rest holds p", formula: "(rest p)" },
      { name: "rest is closed", formula: "(rest (best y))" },
    ],
  },
]
