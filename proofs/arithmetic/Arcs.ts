import { and, constants, equal, forall, implies, not, or } from "../smt/Formula.ts"
import type { Obligation, Theory } from "../smt/Obligation.ts"
import { circle, circleAxioms, circleOfBits } from "../ring/Circle.ts"

/** `(arc a x b)`: x in the half-open arc (a, b]; when a = b that is the whole ring. */
const arc = "(define-fun arc ((a Id) (x Id) (b Id)) Bool (or (= a b) (= x b) (cyc a x b)))"

const arcs: Theory = { ...circle, name: "arcs", abbreviations: `${circle.abbreviations}\n${arc}` }

const peers = "(declare-fun peer (Id) Bool)"
const nobodyIn = (from: string, to: string): string =>
  forall("x Id", implies("(peer x)", not(`(between ${from} x ${to})`)))

/** How peers share the keys among them (design README, Words). */
export const arcObligations: ReadonlyArray<Obligation> = [
  {
    name: "arithmetic/JoinSplitsArc",
    claim: "a peer that joins inside an arc (a, b] splits it into (a, j] and (j, b], and no key into both",
    theory: arcs,
    declarations: constants("Id", ["a", "b", "j", "k"]),
    hypotheses: ["(arc a j b)", "(distinct j a b)"],
    goals: [
      { name: "whole", formula: equal("(arc a k b)", or("(arc a k j)", "(arc j k b)")) },
      { name: "disjoint", formula: not(and("(arc a k j)", "(arc j k b)")) },
    ],
  },
  {
    name: "arithmetic/OneOwner",
    claim: "two peers whose arcs, each from the peer before it, hold the same key are one peer",
    theory: arcs,
    declarations: `${peers}\n${constants("Id", ["a", "b", "c", "d", "k"])}`,
    hypotheses: [
      ...["a", "b", "c", "d"].map((id) => `(peer ${id})`),
      nobodyIn("a", "b"),
      nobodyIn("c", "d"),
      "(arc a k b)",
      "(arc c k d)",
    ],
    goals: [{ name: "OneOwner", formula: equal("b", "d") }],
  },
  {
    name: "arithmetic/EveryKeyHasAnOwner",
    claim:
      "the first peer at or after a key owns it: the key is in the arc from any peer with nobody between",
    theory: arcs,
    declarations: `${peers}\n${constants("Id", ["a", "b", "k"])}`,
    hypotheses: [
      "(peer a)",
      "(peer b)",
      nobodyIn("a", "b"),
      // b is the first of the peers, of which there are finitely many, at or after k.
      forall("x Id", implies(and("(peer x)", "(distinct k b)"), and("(distinct x k)", not("(cyc k x b)")))),
    ],
    goals: [{ name: "EveryKeyHasAnOwner", formula: "(arc a k b)" }],
  },
]

/** The ids of a real ring, modulo 2^160, are a circle: what was proved of circles is true of them. */
export const idObligations: ReadonlyArray<Obligation> = circleAxioms.map((axiom) => ({
  name: `arithmetic/ids/${axiom.name}`,
  claim: `160-bit ids: ${axiom.about}`,
  theory: {
    name: "ids",
    symbols: circleOfBits(160),
    axioms: [],
    small: circleOfBits(160),
    abbreviations: "",
  },
  declarations: constants("Id", ["a", "b", "c", "d"]),
  hypotheses: [],
  goals: [{ name: axiom.name, formula: axiom.formula }],
}))
