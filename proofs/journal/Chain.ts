import { and, constants, forall, implies } from "../smt/Formula.ts"
import type { Obligation } from "../smt/Obligation.ts"
import { epoch } from "./Epoch.ts"

/**
 * The induction over epochs, written out. `(base e)` is the log that epoch e begins with, `(committed e l)` that a majority
 * of e's view acknowledged l; epochs are whole numbers from 0. What one epoch gives is taken from its theorems:
 * CommittedInEveryBase, ProposedIsLog (each base goes on from the last) and OneLogPerEpoch.
 */
const oneEpoch: ReadonlyArray<string> = [
  forall("e Int", implies("(>= e 0)", "(prefix (base e) (base (+ e 1)))")),
  forall("e Int, l Log", implies(and("(>= e 0)", "(committed e l)"), "(prefix l (base (+ e 1)))")),
  forall(
    "e Int, l Log",
    implies(and("(>= e 0)", "(committed e l)"), and("(prefix l (log e))", "(prefix (base e) (log e))")),
  ),
]

const chain = {
  theory: epoch,
  declarations: [
    "(declare-fun base (Int) Log)",
    "(declare-fun log (Int) Log)",
    "(declare-fun committed (Int Log) Bool)",
    constants("Int", ["i", "j", "e"]),
    constants("Log", ["k", "l"]),
  ].join("\n"),
}

export const chainObligations: ReadonlyArray<Obligation> = [
  {
    ...chain,
    name: "journal/chain/Basis",
    claim: "the base of the next epoch holds all that was committed in this one",
    hypotheses: [...oneEpoch, "(>= i 0)", "(committed i l)"],
    goals: [{ name: "the next base", formula: "(prefix l (base (+ i 1)))" }],
  },
  {
    ...chain,
    name: "journal/chain/Step",
    claim: "if the base of epoch e holds all that was committed before e, so does the base of e + 1",
    hypotheses: [
      ...oneEpoch,
      "(>= e 0)",
      forall("d Int, m Log", implies(and("(>= d 0)", "(< d e)", "(committed d m)"), "(prefix m (base e))")),
      "(>= i 0)",
      "(<= i e)",
      "(committed i l)",
    ],
    goals: [{ name: "every later base", formula: "(prefix l (base (+ e 1)))" }],
  },
  {
    ...chain,
    name: "journal/chain/CommittedStays",
    claim:
      "of two logs committed in any two epochs one is a prefix of the other: a committed entry never changes",
    hypotheses: [
      ...oneEpoch,
      // What the induction gives.
      forall(
        "d Int, f Int, m Log",
        implies(and("(>= d 0)", "(< d f)", "(committed d m)"), "(prefix m (base f))"),
      ),
      "(>= i 0)",
      "(<= i j)",
      "(committed i k)",
      "(committed j l)",
    ],
    goals: [{ name: "comparable", formula: "(or (prefix k l) (prefix l k))" }],
  },
  {
    ...chain,
    name: "journal/chain/OneChain",
    claim: "if epoch e has one view, and decides one next view, epoch e + 1 has one view",
    declarations: [
      "(declare-fun viewOf (Int View) Bool)",
      "(declare-fun decides (Int View View) Bool)",
      constants("Int", ["e"]),
      constants("View", ["v", "w"]),
    ].join("\n"),
    hypotheses: [
      "(>= e 0)",
      forall("a View, b View", implies(and("(viewOf e a)", "(viewOf e b)"), "(= a b)")),
      // OneViewDecided, among the members of one view.
      forall("a View, b View, d View", implies(and("(decides e a b)", "(decides e a d)"), "(= b d)")),
      // A view is only ever installed as what the members of the view before decided.
      forall(
        "b View",
        implies("(viewOf (+ e 1) b)", "(exists ((a View)) (and (viewOf e a) (decides e a b)))"),
      ),
      "(viewOf (+ e 1) v)",
      "(viewOf (+ e 1) w)",
    ],
    goals: [{ name: "one view", formula: "(= v w)" }],
  },
]
