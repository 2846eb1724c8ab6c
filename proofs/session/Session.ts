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

/** Nothing that i has applied lacks in the journal: it runs none. */
const idle = forall("s Request", implies("(applied i s)", "(journaled s)"))
const caughtUp = forall("s Request", implies("(journaled s)", "(applied i s)"))

/** What one more application of r at i changes. */
const applying = {
  applied: or("(applied x y)", "(and (= x i) (= y r))"),
  twice: or("(twice x y)", "(and (= x i) (= y r) (applied i r))"),
  sooner: or("(sooner x y z)", "(and (= x i) (= z r) (applied i y) (distinct y r))"),
}

/** `base` is a first part of the journal, with all that is committed. */
const isBase = and(
  forall(
    "r Request",
    and(implies("(committed r)", "(select base r)"), implies("(select base r)", "(journaled r)")),
  ),
  forall(
    "r Request, s Request",
    implies(and("(select base s)", "(journaled r)", "(earlier r s)"), "(select base r)"),
  ),
)

/** What `instance` has applied is, entry by entry, a first part of the entries in `log`. */
const isFirstPart = (instance: string, log: (request: string) => string): string =>
  and(
    forall("r Request", implies(`(applied ${instance} r)`, and(log("r"), not(`(twice ${instance} r)`)))),
    forall(
      "r Request, s Request",
      implies(
        and(log("r"), `(applied ${instance} s)`, "(earlier r s)"),
        and(`(applied ${instance} r)`, `(sooner ${instance} r s)`, not(`(sooner ${instance} s r)`)),
      ),
    ),
  )

const appliedMore = exists("r Request", and("(applied x r)", "(not (select base r))"))

/** i may serve, as far as its peer knows, and knows of the latest view. */
const clean = and("(not (tainted' i))", "(not (deposed' i))")

/**
 * One session in the hands of the service instances (service.md, Execute, then journal, then answer): any number of
 * requests, by their ids, and of instances, one in each peer. The journal is the log of whoever leads the latest view:
 * what is committed of it stays, the rest may be missing from the next view's base. A peer that led an earlier view may
 * not know of a later one: it goes on running what it likes, and compares when it learns.
 */
export const sessionProtocol: TransitionSystem = {
  name: "session",
  theory: session,
  constants: "",
  fields: [
    { name: "journaled", arguments: ["Request"], sort: "Bool" },
    { name: "committed", arguments: ["Request"], sort: "Bool" },
    { name: "answered", arguments: ["Request"], sort: "Bool" },
    // (earlier r s): r's entry stands before s's.
    { name: "earlier", arguments: ["Request", "Request"], sort: "Bool" },
    { name: "applied", arguments: ["Instance", "Request"], sort: "Bool" },
    { name: "twice", arguments: ["Instance", "Request"], sort: "Bool" },
    // (sooner i r s): i applied r before s.
    { name: "sooner", arguments: ["Instance", "Request", "Request"], sort: "Bool" },
    { name: "tainted", arguments: ["Instance"], sort: "Bool" },
    { name: "leads", arguments: ["Instance"], sort: "Bool" },
    // Its peer led an earlier view, and does not know of a later one.
    { name: "deposed", arguments: ["Instance"], sort: "Bool" },
  ],
  definitions: [],
  invariants: [
    {
      name: "EffectsOnce",
      about: "no clean instance has applied a request twice",
      body: forall("i Instance, r Request", implies(clean, not("(twice' i r)"))),
    },
    {
      name: "InClientsOrder",
      about: "a clean instance that has applied an entry has applied all that are earlier, and sooner",
      body: forall(
        "i Instance, r Request, s Request",
        implies(
          and(clean, "(applied' i s)", "(journaled' s)", "(journaled' r)", "(earlier' r s)"),
          and("(applied' i r)", "(sooner' i r s)", not("(sooner' i s r)")),
        ),
      ),
    },
    {
      name: "OneUnjournaled",
      about: "a clean instance has applied nothing that is not journaled, but for one request where it leads",
      body: forall(
        "i Instance, r Request, s Request",
        implies(
          and(clean, "(applied' i r)", "(applied' i s)", not("(journaled' r)"), not("(journaled' s)")),
          and("(leads' i)", "(= r s)"),
        ),
      ),
    },
    {
      name: "CaughtUp",
      about: "a clean instance that has applied what is not journaled has applied all that is, sooner",
      body: forall(
        "i Instance, r Request, s Request",
        implies(
          and(clean, "(applied' i r)", not("(journaled' r)"), "(journaled' s)"),
          and("(applied' i s)", "(sooner' i s r)", not("(sooner' i r s)")),
        ),
      ),
    },
    {
      name: "OnlyApplied",
      about: "what is twice, or sooner than another, was applied",
      body: forall(
        "i Instance, r Request, s Request",
        and(
          implies("(twice' i r)", "(applied' i r)"),
          implies("(sooner' i r s)", and("(applied' i r)", "(applied' i s)")),
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
      about: "one instance leads the latest view, and its peer knows it",
      body: and(
        forall("i Instance, j Instance", implies(and("(leads' i)", "(leads' j)"), "(= i j)")),
        forall("i Instance", implies("(leads' i)", not("(deposed' i)"))),
      ),
    },
    {
      name: "JournalIsOrdered",
      about: "of two entries one is earlier",
      body: forall(
        "r Request, s Request",
        implies(
          and("(journaled' r)", "(journaled' s)"),
          and(
            implies("(distinct r s)", or("(earlier' r s)", "(earlier' s r)")),
            implies("(earlier' r s)", not("(earlier' s r)")),
          ),
        ),
      ),
    },
  ],
  initial: [
    forall("r Request", and(not("(journaled r)"), not("(committed r)"), not("(answered r)"))),
    forall("i Instance, r Request", and(not("(applied i r)"), not("(twice i r)"))),
    forall("i Instance, r Request, s Request", not("(sooner i r s)")),
    forall("i Instance", and(not("(tainted i)"), not("(deposed i)"))),
    forall("i Instance, j Instance", implies(and("(leads i)", "(leads j)"), "(= i j)")),
  ],
  actions: [
    {
      name: "run",
      about: "the leading, untainted instance runs a request of an id that is not known, one at a time",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: and("(leads i)", not("(tainted i)"), not("(journaled r)"), idle, caughtUp),
      effect: applying,
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
      about: "a clean instance applies the next entry that it lacks",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: and(
        not("(tainted i)"),
        not("(deposed i)"),
        "(journaled r)",
        not("(applied i r)"),
        forall("s Request", implies(and("(journaled s)", "(earlier s r)"), "(applied i s)")),
        forall("s Request", implies(and("(journaled s)", "(earlier r s)"), not("(applied i s)"))),
      ),
      effect: applying,
    },
    {
      name: "stray",
      about: "an instance whose peer takes itself for the leader still runs whatever it has or is sent",
      parameters: [
        ["i", "Instance"],
        ["r", "Request"],
      ],
      guard: "(deposed i)",
      effect: applying,
    },
    {
      name: "learn",
      about:
        "a peer that led learns of the latest view; its instance has applied a first part of the journal",
      parameters: [["i", "Instance"]],
      guard: and(
        "(deposed i)",
        isFirstPart("i", (r) => `(journaled ${r})`),
      ),
      effect: { deposed: and("(deposed x)", "(distinct x i)") },
    },
    {
      name: "taint",
      about: "an instance has, or may have, seen what the journal lacks: it serves no more",
      parameters: [["i", "Instance"]],
      guard: "true",
      effect: { tainted: or("(tainted x)", "(= x i)"), deposed: and("(deposed x)", "(distinct x i)") },
    },
    {
      name: "renew",
      about:
        "a fresh instance takes the place of one; d says whether its peer is deposed and does not know it",
      parameters: [
        ["i", "Instance"],
        ["d", "Bool"],
      ],
      guard: implies("d", not("(leads i)")),
      effect: {
        applied: and("(applied x y)", "(distinct x i)"),
        twice: and("(twice x y)", "(distinct x i)"),
        sooner: and("(sooner x y z)", "(distinct x i)"),
        tainted: and("(tainted x)", "(distinct x i)"),
        deposed: "(ite (= x i) d (deposed x))",
      },
    },
    {
      name: "change-view",
      about:
        "k leads a next view, whose base holds what is committed and may lack what came after; who knows of it and has applied what it lacks is tainted, the last leader may not know",
      parameters: [
        ["k", "Instance"],
        ["base", "(Array Request Bool)"],
      ],
      guard: isBase,
      effect: {
        journaled: "(select base x)",
        leads: "(= x k)",
        deposed: and("(distinct x k)", or("(deposed x)", and("(leads x)", not("(tainted x)")))),
        tainted: or(
          "(tainted x)",
          and("(= x k)", not(isFirstPart("k", (r) => `(select base ${r})`))),
          and("(distinct x k)", not("(deposed x)"), not("(leads x)"), appliedMore),
        ),
      },
    },
    {
      name: "reappend",
      about:
        "k leads the view that follows one it led: `base` is that view's, with what k's instance has applied of the journal, which is appended again at once; one request may still run",
      parameters: [
        ["k", "Instance"],
        ["base", "(Array Request Bool)"],
      ],
      guard: and(
        "(leads k)",
        isBase,
        forall(
          "r Request",
          implies(and("(applied k r)", "(journaled r)", not("(tainted k)")), "(select base r)"),
        ),
      ),
      effect: {
        journaled: "(select base x)",
        tainted: or("(tainted x)", and("(distinct x k)", not("(deposed x)"), appliedMore)),
      },
    },
  ],
}

/** What the invariants say of whoever serves (README, What a service is promised). */
export const sessionTheorems: ReadonlyArray<Obligation> = [
  {
    name: "session/ServesWhatIsJournaled",
    claim:
      "the instance that runs a request for the latest view has applied every entry of the journal, once, in order, and nothing else",
    theory: session,
    declarations: [
      declarations(sessionProtocol),
      constants("Instance", ["i"]),
      constants("Request", ["r", "s", "t"]),
      define("ready", "", "Bool", sessionProtocol.actions[0]?.guard ?? "false"),
    ].join("\n"),
    hypotheses: [before(allOf(sessionProtocol)), "ready"],
    goals: [
      { name: "exactly the journal", formula: "(= (applied i s) (journaled s))" },
      { name: "once", formula: not("(twice i s)") },
      {
        name: "in order",
        formula: implies(
          and("(journaled s)", "(journaled t)", "(earlier s t)"),
          and("(sooner i s t)", not("(sooner i t s)")),
        ),
      },
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
