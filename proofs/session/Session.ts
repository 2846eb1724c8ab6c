import { and, constants, define, exists, forall, implies, not, or } from "../smt/Formula.ts"
import type { Obligation, Theory } from "../smt/Obligation.ts"
import { before, allOf, declarations, type TransitionSystem } from "../smt/TransitionSystem.ts"

const session: Theory = {
  name: "session",
  symbols: ["(declare-sort Request 0)", "(declare-sort Instance 0)"].join("\n"),
  axioms: [],
  small: ["(define-sort Request () (_ BitVec 2))", "(define-sort Instance () (_ BitVec 1))"].join("\n"),
  abbreviations: "",
}

const another = forall("s Request", implies("(applied i s)", "(journaled s)"))

/**
 * One session in the hands of the service instances (service.md, Execute, then journal, then answer): any number of
 * requests, by their ids, and of instances. The journal is the log of whoever leads: what is committed of it stays, the
 * rest may be missing from the next view's base.
 */
export const sessionProtocol: TransitionSystem = {
  name: "session",
  theory: session,
  constants: "",
  fields: [
    { name: "journaled", arguments: ["Request"], sort: "Bool" },
    { name: "committed", arguments: ["Request"], sort: "Bool" },
    { name: "answered", arguments: ["Request"], sort: "Bool" },
    // (earlier r s): r's entry was journaled before s's.
    { name: "earlier", arguments: ["Request", "Request"], sort: "Bool" },
    { name: "applied", arguments: ["Instance", "Request"], sort: "Bool" },
    // Applied more than once, or before an entry that is earlier.
    { name: "twice", arguments: ["Instance", "Request"], sort: "Bool" },
    { name: "unordered", arguments: ["Instance"], sort: "Bool" },
    { name: "tainted", arguments: ["Instance"], sort: "Bool" },
    { name: "leads", arguments: ["Instance"], sort: "Bool" },
  ],
  definitions: [],
  invariants: [
    {
      name: "EffectsOnce",
      about: "no instance applies a request twice",
      body: forall("i Instance, r Request", not("(twice' i r)")),
    },
    {
      name: "InClientsOrder",
      about: "no untainted instance applies an entry before one that is earlier",
      body: forall(
        "i Instance",
        implies(
          not("(tainted' i)"),
          and(
            not("(unordered' i)"),
            forall(
              "r Request, s Request",
              implies(
                and("(applied' i s)", "(journaled' s)", "(journaled' r)", "(earlier' r s)"),
                "(applied' i r)",
              ),
            ),
          ),
        ),
      ),
    },
    {
      name: "OneUnjournaled",
      about: "an untainted instance that leads has applied at most one request more than the journal has",
      body: forall(
        "i Instance, r Request, s Request",
        implies(
          and(
            not("(tainted' i)"),
            "(applied' i r)",
            "(applied' i s)",
            not("(journaled' r)"),
            not("(journaled' s)"),
          ),
          and("(leads' i)", "(= r s)"),
        ),
      ),
    },
    {
      name: "CaughtUp",
      about: "who has applied a request that is not journaled has applied all that is",
      body: forall(
        "i Instance, r Request, s Request",
        implies(
          and(not("(tainted' i)"), "(applied' i r)", not("(journaled' r)"), "(journaled' s)"),
          "(applied' i s)",
        ),
      ),
    },
    {
      name: "CommittedIsJournaled",
      about: "what is committed is in the journal",
      body: forall("r Request", implies("(committed' r)", "(journaled' r)")),
    },
    {
      name: "AnsweredIsCommitted",
      about: "an answer leaves for what is committed only",
      body: forall("r Request", implies("(answered' r)", "(committed' r)")),
    },
    {
      name: "OneLeader",
      about: "one instance leads at a time",
      body: forall("i Instance, j Instance", implies(and("(leads' i)", "(leads' j)"), "(= i j)")),
    },
    {
      name: "JournalIsOrdered",
      about: "of two entries one is earlier, and only entries are",
      body: forall(
        "r Request, s Request",
        and(
          implies(
            and("(journaled' r)", "(journaled' s)", "(distinct r s)"),
            or("(earlier' r s)", "(earlier' s r)"),
          ),
          implies("(earlier' r s)", not("(earlier' s r)")),
        ),
      ),
    },
  ],
  initial: [
    forall("r Request", and(not("(journaled r)"), not("(committed r)"), not("(answered r)"))),
    forall("r Request, s Request", not("(earlier r s)")),
    forall("i Instance, r Request", and(not("(applied i r)"), not("(twice i r)"))),
    forall("i Instance", and(not("(tainted i)"), not("(unordered i)"), not("(leads i)"))),
  ],
  actions: [
    {
      name: "run",
      about: "the leading, untainted instance runs a request of an id that is not known, one at a time",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: and(
        "(leads i)",
        not("(tainted i)"),
        not("(journaled r)"),
        not("(applied i r)"),
        another,
        forall("s Request", implies("(journaled s)", "(applied i s)")),
      ),
      effect: {
        applied: or("(applied x y)", "(and (= x i) (= y r))"),
        twice: or("(twice x y)", "(and (= x i) (= y r) (applied i r))"),
      },
    },
    {
      name: "journal",
      about: "what the leading instance has run is appended, after everything",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: and("(leads i)", not("(tainted i)"), "(applied i r)", not("(journaled r)")),
      effect: {
        journaled: "(or (journaled x) (= x r))",
        earlier: "(ite (= y r) (journaled x) (ite (= x r) false (earlier x y)))",
      },
    },
    {
      name: "commit",
      about: "an entry is stored by a majority, with all before it",
      parameters: [["r", "Request"]],
      guard: and("(journaled r)"),
      effect: { committed: "(or (committed x) (= x r) (and (journaled x) (earlier x r)))" },
    },
    {
      name: "answer",
      about: "the response to a committed entry leaves",
      parameters: [["r", "Request"]],
      guard: "(committed r)",
      effect: { answered: "(or (answered x) (= x r))" },
    },
    {
      name: "replay",
      about: "an untainted instance applies the next entry that it lacks",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: and(
        not("(tainted i)"),
        "(journaled r)",
        not("(applied i r)"),
        forall("s Request", implies(and("(journaled s)", "(earlier s r)"), "(applied i s)")),
      ),
      effect: {
        applied: or("(applied x y)", "(and (= x i) (= y r))"),
        twice: or("(twice x y)", "(and (= x i) (= y r) (applied i r))"),
        unordered:
          "(or (unordered x) (and (= x i) (exists ((s Request)) (and (journaled s) (earlier s r) (not (applied i s))))))",
      },
    },
    {
      name: "change-view",
      about:
        "k leads a next view, whose base holds what is committed and may lack what came after; who has applied what it lacks is tainted",
      parameters: [
        ["k", "Instance"],
        ["base", "(Array Request Bool)"],
      ],
      guard: and(
        forall(
          "r Request",
          and(implies("(committed r)", "(select base r)"), implies("(select base r)", "(journaled r)")),
        ),
        forall(
          "r Request, s Request",
          implies(and("(select base s)", "(journaled r)", "(earlier r s)"), "(select base r)"),
        ),
      ),
      effect: {
        journaled: "(select base x)",
        tainted: or("(tainted x)", exists("r Request", and("(applied x r)", not("(select base r)")))),
        leads: "(= x k)",
      },
    },
    {
      name: "reappend",
      about:
        "k leads the view that follows one it led: at once, what its instance ran and the base lacks is appended again, in order, and it is not tainted",
      parameters: [
        ["k", "Instance"],
        ["base", "(Array Request Bool)"],
      ],
      guard: and(
        "(leads k)",
        not("(tainted k)"),
        forall(
          "r Request",
          and(implies("(committed r)", "(select base r)"), implies("(select base r)", "(journaled r)")),
        ),
      ),
      // The next view's journal is the base and what is appended to it again: all that k's instance ran, which is all that
      // was journaled and one request more; an instance that ran anything else is tainted.
      effect: {
        journaled: "(or (select base x) (applied k x))",
        earlier:
          "(ite (and (applied k y) (not (journaled y))) (and (distinct x y) (or (journaled x) (applied k x))) (ite (and (applied k x) (not (journaled x))) false (earlier x y)))",
        tainted: or(
          "(tainted x)",
          exists("r Request", and("(applied x r)", not("(select base r)"), not("(applied k r)"))),
        ),
      },
    },
  ],
}

/** What the invariants say of whoever serves (README, What a service is promised). */
export const sessionTheorems: ReadonlyArray<Obligation> = [
  {
    name: "session/ServesWhatIsJournaled",
    claim:
      "the instance that runs a request has applied every entry of the journal, once, in order, and nothing else",
    theory: session,
    declarations: [
      declarations(sessionProtocol),
      constants("Instance", ["i"]),
      constants("Request", ["r", "s"]),
      define("ready", "", "Bool", sessionProtocol.actions[0]?.guard ?? "false"),
    ].join("\n"),
    hypotheses: [before(allOf(sessionProtocol)), "ready"],
    goals: [
      { name: "exactly the journal", formula: "(= (applied i s) (journaled s))" },
      { name: "once", formula: not("(twice i s)") },
      { name: "in order", formula: not("(unordered i)") },
    ],
  },
  {
    name: "session/AnsweredSurvives",
    claim: "an acknowledged request is in the journal of every later view",
    theory: session,
    declarations: [declarations(sessionProtocol), constants("Request", ["r"])].join("\n"),
    hypotheses: [before(allOf(sessionProtocol)), "(answered r)"],
    goals: [{ name: "journaled", formula: "(journaled r)" }],
  },
]
