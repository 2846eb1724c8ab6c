import { and, define, equal, forall, implies, not, or } from "../smt/Formula.ts"
import type { Theory } from "../smt/Obligation.ts"

/**
 * The ring of ids as a strict cyclic order: `(cyc a b c)` when b lies strictly inside the clockwise arc from a to c, the
 * three all different. Nothing else is known of ids, so what is proved holds of any number of peers, wherever they are.
 */
export const circleAxioms: ReadonlyArray<readonly [name: string, about: string, axiom: string]> = [
  ["cyclic", "turning the three changes nothing", implies("(cyc a b c)", "(cyc b c a)")],
  ["asymmetric", "one way round is not the other", implies("(cyc a b c)", not("(cyc c b a)"))],
  ["transitive", "arcs add up", implies(and("(cyc a b c)", "(cyc a c d)"), "(cyc a b d)")],
  ["total", "three different ids lie one way round", implies("(distinct a b c)", or("(cyc a b c)", "(cyc c b a)"))],
  ["strict", "the three are different", implies("(cyc a b c)", "(distinct a b c)")],
  ["adjacent", "nothing lies between an id and the one directly after it", not("(cyc a b (next a))")],
  ["successive", "the id directly after another is not the same", "(distinct a (next a))"],
]

/** The order on vectors of bits: distances from a, modulo 2^bits. */
export const circleOfBits = (bits: number): string =>
  [
    `(define-sort Id () (_ BitVec ${bits}))`,
    define(
      "cyc",
      "a Id, b Id, c Id",
      "Bool",
      and("(distinct a b)", "(bvult (bvsub b a) (bvsub c a))"),
    ),
    define("next", "a Id", "Id", `(bvadd a (_ bv1 ${bits}))`),
  ].join("\n")

/** `(between a x b)` as in ring.md: when a = b every other id is between. */
const between = define(
  "between",
  "a Id, x Id, b Id",
  "Bool",
  `(ite ${equal("a", "b")} (distinct x a) (cyc a x b))`,
)

const variables = "a Id, b Id, c Id, d Id"

export const circle: Theory = {
  unbounded: [
    "(declare-sort Id 0)",
    "(declare-fun cyc (Id Id Id) Bool)",
    "(declare-fun next (Id) Id)",
    ...circleAxioms.map(
      ([name, about, axiom]) =>
        `(assert ${forall(
          variables
            .split(", ")
            .filter((variable) => new RegExp(`\\b${variable[0]}\\b`).test(axiom))
            .join(", "),
          axiom,
        )}) ; ${name}: ${about}`,
    ),
    between,
  ].join("\n"),
  bounded: `${circleOfBits(3)}\n${between}`,
}
