import { and, implies, not, or } from "../smt/Formula.ts"
import type { Mutant } from "../smt/Obligation.ts"
import { type Action, weakened } from "../smt/TransitionSystem.ts"
import { epochProtocol } from "./EpochProtocol.ts"

const nodes = ["log", "log+"].map((field) => ({
  label: `${field}(leader)`,
  sort: "Log",
  term: `(${field} leader)`,
}))

const mutant = (
  name: string,
  about: string,
  action: string,
  change: (action: Action) => Partial<Action>,
): Mutant => ({ name, about, obligation: weakened(epochProtocol, action, change), show: nodes })

const without =
  (part: string) =>
  ({ guard }: Action): Partial<Action> => {
    if (!guard.includes(part)) throw new RangeError(`the guard has no ${part}`)
    return { guard: guard.replace(part, "true") }
  }

/** The mutants of journal.md that one epoch can show; r = 3, four ballots, eight logs. */
export const journalMutants: ReadonlyArray<Mutant> = [
  mutant(
    "acknowledge while sealed",
    "a sealed member appends and acknowledges",
    "append",
    without(not("(sealed n)")),
  ),
  mutant(
    "a sealed leader that counts itself",
    "a sealed leader counts its own log as stored",
    "commit",
    without(not("(sealed leader)")),
  ),
  mutant(
    "ignore an accepted proposal",
    "the longest log is proposed whatever was accepted",
    "choose",
    ({ guard }) => ({
      guard: guard.replace(
        "(forall ((n Node) (d Ballot)) (=> (and (in n q) (lt d b)) (not (accepted n d))))",
        "true",
      ),
    }),
  ),
  mutant(
    "take any promised log instead of the longest",
    "any promised log becomes the base",
    "choose",
    without("(forall ((n Node)) (=> (in n q) (noLonger (held n b) l)))"),
  ),
  mutant(
    "accept blindly",
    "a proposal is accepted although a higher ballot was promised",
    "accept",
    without(not("(over n b)")),
  ),
  mutant(
    "accept before holding the log",
    "a proposal is accepted without its log",
    "accept",
    ({ effect }) => ({
      effect: { ...effect, log: "(log x)" },
    }),
  ),
  mutant("truncate on a mismatch", "an append cuts what is held beyond it", "append", ({ effect }) => ({
    effect: { ...effect, log: "(ite (= x n) l (log x))" },
  })),
  mutant(
    "fast path while sealed",
    "a sealed leader takes the fast path",
    "fast-path",
    without(not("(sealed leader)")),
  ),
  mutant(
    "two fast paths in one epoch",
    "a leader that is sealed by nothing but its fast path takes it again",
    "fast-path",
    () => ({
      guard: and(
        "(installed leader)",
        or(not("(sealed leader)"), "(and (accepted leader zero) (not (over leader zero)))"),
      ),
    }),
  ),
  mutant(
    "append after the fast path",
    "a leader appends after it was sealed",
    "request",
    without(not("(sealed leader)")),
  ),
  mutant(
    "reuse a ballot after a restart",
    "two proposals at one ballot",
    "choose",
    without(not("(proposed b)")),
  ),
  mutant(
    "promise below a promise",
    "a ballot lower than one promised is promised",
    "promise",
    ({ guard }) => ({
      guard: guard.replace(not("(over n b)"), implies("(accepted n b)", "false")),
      effect: {
        held: "(ite (and (= x n) (= y b)) (log n) (held x y))",
        promised: "(or (promised x y) (and (= x n) (= y b)))",
        sealed: "(or (sealed x) (= x n))",
        over: "(ite (= x n) (lt y b) (over x y))",
      },
    }),
  ),
]
