import { and, forall, implies, not, or } from "../smt/Formula.ts"
import type { Mutant } from "../smt/Obligation.ts"
import { type Action, weakened } from "../smt/TransitionSystem.ts"
import { sessionProtocol } from "./Session.ts"

const mutant = (
  name: string,
  about: string,
  action: string,
  change: (action: Action) => Partial<Action>,
): Mutant => ({ name, about, obligation: weakened(sessionProtocol, action, change), show: [] })

const without =
  (part: string, instead = "true") =>
  ({ guard }: Action): Partial<Action> => {
    if (!guard.includes(part)) throw new RangeError(`the guard has no ${part}`)
    return { guard: guard.replace(part, instead) }
  }

const idle = forall("s Request", implies("(applied i s)", "(journaled s)"))
const caughtUp = forall("s Request", implies("(journaled s)", "(applied i s)"))

/** Four requests, two instances. */
export const sessionMutants: ReadonlyArray<Mutant> = [
  mutant(
    "serve from a tainted instance",
    "an instance that ran what the base lacks goes on",
    "change-view",
    ({ effect }) => ({
      effect: { ...effect, tainted: "(tainted x)" },
    }),
  ),
  mutant(
    "duplicates looked up among committed entries only",
    "a request that is journaled and not yet committed is run again",
    "run",
    without(not("(journaled r)"), not("(committed r)")),
  ),
  mutant(
    "answer before the commit",
    "the response leaves as soon as it is journaled",
    "answer",
    without("(committed r)", "(journaled r)"),
  ),
  mutant(
    "two at a time",
    "a request is run while another of the session is not journaled",
    "run",
    without(idle),
  ),
  mutant(
    "serve before all is replayed",
    "a request is run by an instance that lacks entries of the journal",
    "run",
    without(caughtUp),
  ),
  mutant(
    "replay out of order",
    "an entry is applied before one that is earlier",
    "replay",
    without(forall("s Request", implies(and("(journaled s)", "(earlier s r)"), "(applied i s)"))),
  ),
  mutant(
    "a base without what was committed",
    "a view begins with less than what is committed",
    "change-view",
    without("(=> (committed r) (select base r))"),
  ),
  mutant(
    "learn without comparing",
    "a deposed leader serves on from what its instance ran meanwhile",
    "learn",
    () => ({ guard: "(deposed i)" }),
  ),
  mutant(
    "re-append across a skipped epoch",
    "a deposed leader that leads again takes its instance for clean, as if none had led between",
    "change-view",
    ({ effect }) => ({
      effect: { ...effect, tainted: or("(tainted x)", and("(distinct x k)", "(not (deposed x))", "false")) },
    }),
  ),
  mutant(
    "no second check when the service has answered",
    "what a deposed leader's instance has run is appended to the journal of the latest view",
    "journal",
    without("(leads i)", or("(leads i)", "(deposed i)")),
  ),
]
