import { and, constants, forall, implies, or } from "../smt/Formula.ts"
import type { Obligation, Theory } from "../smt/Obligation.ts"

/** Whole numbers without bound; they need no smaller ones for examples. */
const integers: Theory = { name: "integers", symbols: "", axioms: [], small: "", abbreviations: "" }

/**
 * How many hops a lookup takes in a settled ring (routing.md, Hops; core/routing/NextHop.ts).
 *
 * `r` is how far the owner is ahead: in peers with fingers by rank; with the paper's fingers one more than the distance
 * of ids to the last peer before the key. The last hop is from that peer (r = 1) to the owner. `w` is the greatest power of
 * two with w <= r - 1, `hop` the step that is taken: the closest preceding entry, which no finger beats.
 */
const facts = [
  "(>= r 2)",
  "(>= w 1)",
  "(<= w (- r 1))",
  "(< (- r 1) (* 2 w))",
  "(<= w hop)",
  "(<= hop (- r 1))",
]
const numbers = constants("Int", ["r", "w", "hop", "u"])

/** `(arrives k r)`: from r ahead k hops are enough. Exactly what a hop allows is known of it. */
const arrives = ["(declare-fun arrives (Int) Bool)", constants("Int", ["u", "r", "w", "hop", "n", "m"])].join(
  "\n",
)

export const hopObligations: ReadonlyArray<Obligation> = [
  {
    name: "arithmetic/HopHalves",
    claim: "a hop at least halves what is still ahead, and never passes the key",
    theory: integers,
    declarations: numbers,
    hypotheses: facts,
    goals: [
      { name: "halves", formula: "(<= (* 2 (- r hop)) r)" },
      { name: "never past", formula: "(>= (- r hop) 1)" },
    ],
  },
  {
    name: "arithmetic/HopsBasis",
    claim: "from fewer than 2^0 ahead no hop is needed",
    theory: integers,
    declarations: constants("Int", ["r"]),
    hypotheses: ["(>= r 0)", "(< r 1)"],
    goals: [{ name: "here", formula: "(= r 0)" }],
  },
  {
    name: "arithmetic/HopsStep",
    claim: "if j hops are enough from fewer than u = 2^j ahead, j + 1 are from fewer than 2u",
    theory: integers,
    declarations: arrives,
    hypotheses: [
      // By induction: j hops are enough from anywhere nearer than u.
      forall("x Int", implies("(and (>= x 0) (< x u))", "(arrives x)")),
      "(>= u 1)",
      "(< r (* 2 u))",
      "(>= r 1)",
      or("(= r 1)", and(...facts)),
    ],
    goals: [{ name: "after one hop", formula: "(arrives (ite (= r 1) 0 (- r hop)))" }],
  },
  {
    name: "arithmetic/RankBound",
    claim: "in a ring of n <= m = 2^j peers the owner is fewer than m ahead, so ceil(log2 n) hops are enough",
    theory: integers,
    declarations: arrives,
    hypotheses: [
      forall("x Int", implies("(and (>= x 0) (< x m))", "(arrives x)")),
      "(>= n 1)",
      "(<= n m)",
      "(>= r 0)",
      "(< r n)",
    ],
    goals: [{ name: "arrives", formula: "(arrives r)" }],
  },
  {
    name: "arithmetic/DistanceBound",
    claim:
      "one more than the distance to the last peer before a key is below m = 2^160, so 160 hops are enough",
    theory: integers,
    declarations: `${arrives}\n${constants("Int", ["self", "before", "owner"])}
(define-fun distance ((a Int) (b Int)) Int (ite (<= a b) (- b a) (- (+ b m) a)))`,
    hypotheses: [
      forall("x Int", implies("(and (>= x 0) (< x m))", "(arrives x)")),
      ...["self", "before", "owner"].map((id) => `(and (>= ${id} 0) (< ${id} m))`),
      // Going clockwise from self: the last peer before the key, then the owner, another than self, at or after the key.
      "(< (distance self before) (distance self owner))",
      "(= r (+ 1 (distance self before)))",
    ],
    goals: [{ name: "arrives", formula: "(arrives r)" }],
  },
  {
    name: "arithmetic/RankFinger",
    claim: "the finger w ahead of the finger w ahead is 2w ahead, round a ring of n",
    theory: integers,
    declarations: `${constants("Int", ["x", "w", "n"])}
(define-fun ahead ((x Int) (w Int)) Int (ite (< (+ x w) n) (+ x w) (- (+ x w) n)))`,
    hypotheses: ["(>= x 0)", "(< x n)", "(>= w 1)", "(< (* 2 w) n)"],
    goals: [{ name: "twice", formula: "(= (ahead (ahead x w) w) (ahead x (* 2 w)))" }],
  },
  {
    name: "arithmetic/DistanceFinger",
    claim:
      "the first peer at or after self + w is at least w ahead, and not past a peer that is w or more ahead",
    theory: integers,
    declarations: `(declare-fun peer (Int) Bool)\n${constants("Int", ["w", "finger", "before"])}`,
    hypotheses: [
      // Distances from self: the finger is the first peer from w on, and the last peer before the key is beyond w.
      "(peer finger)",
      "(>= finger w)",
      forall("x Int", implies("(and (>= x w) (< x finger))", "(not (peer x))")),
      "(peer before)",
      "(>= before w)",
    ],
    goals: [{ name: "within", formula: "(and (<= w finger) (<= finger before))" }],
  },
  {
    name: "arithmetic/MajoritiesMeet",
    claim: "two majorities of n members are together more than n: they share a member",
    theory: integers,
    declarations: constants("Int", ["n", "a", "b"]),
    hypotheses: ["(>= n 1)", "(>= (* 2 a) (+ n 1))", "(>= (* 2 b) (+ n 1))", "(<= a n)", "(<= b n)"],
    goals: [{ name: "meet", formula: "(> (+ a b) n)" }],
  },
]
