import { and, define, equal, forall, implies, not, or } from "../smt/Formula.ts"
import type { Axiom, Theory } from "../smt/Obligation.ts"

/**
 * The ring of ids as a strict cyclic order: `(cyc a b c)` when b lies strictly inside the clockwise arc from a to c, the
 * three all different. Nothing else is known of ids, so what is proved holds of any number of peers, wherever they are.
 */
export const circleAxioms: ReadonlyArray<Axiom> = [
  {
    name: "cyclic",
    about: "turning the three changes nothing",
    formula: implies("(cyc a b c)", "(cyc b c a)"),
  },
  {
    name: "asymmetric",
    about: "one way round is not the other",
    formula: implies("(cyc a b c)", not("(cyc c b a)")),
  },
  {
    name: "transitive",
    about: "arcs add up",
    formula: implies(and("(cyc a b c)", "(cyc a c d)"), "(cyc a b d)"),
  },
  {
    name: "total",
    about: "three different ids lie one way round",
    formula: implies("(distinct a b c)", or("(cyc a b c)", "(cyc c b a)")),
  },
  { name: "strict", about: "the three are different", formula: implies("(cyc a b c)", "(distinct a b c)") },
  {
    name: "adjacent",
    about: "nothing lies between an id and the one directly after it",
    formula: not("(cyc a b (next a))"),
  },
  {
    name: "successive",
    about: "the id directly after another is not the same",
    formula: "(distinct a (next a))",
  },
]

/** The order on vectors of bits: three numbers rise, from whichever of them one begins. */
export const circleOfBits = (bits: number): string =>
  [
    `(define-sort Id () (_ BitVec ${bits}))`,
    define(
      "cyc",
      "a Id, b Id, c Id",
      "Bool",
      or(rising("a", "b", "c"), rising("b", "c", "a"), rising("c", "a", "b")),
    ),
    define("next", "a Id", "Id", `(bvadd a (_ bv1 ${bits}))`),
  ].join("\n")

const rising = (a: string, b: string, c: string): string => and(`(bvult ${a} ${b})`, `(bvult ${b} ${c})`)

/** `(between a x b)` as in ring.md: when a = b every other id is between. */
const between = define(
  "between",
  "a Id, x Id, b Id",
  "Bool",
  `(ite ${equal("a", "b")} (distinct x a) (cyc a x b))`,
)

/** Closed by the variables that occur in it. */
const forAll = (formula: string): string =>
  forall(
    ["a", "b", "c", "d"]
      .filter((variable) => new RegExp(`\\b${variable}\\b`).test(formula))
      .map((variable) => `${variable} Id`)
      .join(", "),
    formula,
  )

export const circle: Theory = {
  name: "circle",
  symbols: "(declare-sort Id 0)\n(declare-fun cyc (Id Id Id) Bool)\n(declare-fun next (Id) Id)",
  axioms: circleAxioms.map(({ formula, ...axiom }) => ({ ...axiom, formula: forAll(formula) })),
  small: circleOfBits(3),
  abbreviations: between,
}
