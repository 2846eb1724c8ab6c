import { and, forall, implies, not } from "../smt/Formula.ts"
import type { Mutant } from "../smt/Obligation.ts"
import { type Action, weakened } from "../smt/TransitionSystem.ts"
import { sessionProtocol } from "./Session.ts"

const mutant = (
  name: string,
  about: string,
  action: string,
  change: (action: Action) => Partial<Action>,
): Mutant => ({ name, about, obligation: weakened(sessionProtocol, action, change), show: [] })

/** Four requests, two instances. */
export const sessionMutants: ReadonlyArray<Mutant> = [
  mutant(
    "serve while tainted",
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
    () => ({
      guard: and(
        "(leads i)",
        not("(tainted i)"),
        "(not (committed r))",
        forall("s Request", implies("(applied i s)", "(journaled s)")),
        forall("s Request", implies("(journaled s)", "(applied i s)")),
      ),
    }),
  ),
  mutant("answer before the commit", "the response leaves as soon as it is journaled", "answer", () => ({
    guard: "(journaled r)",
  })),
  mutant(
    "two at a time",
    "a request is run while another of the session is not journaled",
    "run",
    ({ guard }) => ({
      guard: guard.replace(forall("s Request", implies("(applied i s)", "(journaled s)")), "true"),
    }),
  ),
  mutant("replay out of order", "an entry is applied before one that is earlier", "replay", () => ({
    guard: and(not("(tainted i)"), "(journaled r)", not("(applied i r)")),
  })),
  mutant(
    "a base without what was committed",
    "a view begins with less than what is committed",
    "change-view",
    ({ guard }) => ({
      guard: guard.replace("(=> (committed r) (select base r))", "true"),
    }),
  ),
  mutant(
    "re-append across a skipped epoch",
    "who did not lead the view before appends again what it ran",
    "reappend",
    ({ guard }) => ({
      guard: guard.replace("(leads k)", "true"),
      effect: {
        ...sessionProtocol.actions.find(({ name }) => name === "reappend")?.effect,
        leads: "(= x k)",
        tainted: "(tainted x)",
      },
    }),
  ),
]
