import { and, constants, exists, forall, implies, not, or } from "../smt/Formula.ts"
import {
  type Action,
  allOf,
  before,
  declarations,
  happening,
  type TransitionSystem,
} from "../smt/TransitionSystem.ts"
import type { Obligation } from "../smt/Obligation.ts"
import { epoch } from "./Epoch.ts"

const everyone = (quorum: string, body: string): string => forall("n Node", implies(`(in n ${quorum})`, body))

const at = (node: string, value: string, field: string): string => `(ite (= x ${node}) ${value} (${field} x))`
const also = (node: string, field: string): string => or(`(${field} x)`, `(= x ${node})`)

/** bal is raised to b at n, which seals it. */
const raised = {
  sealed: also("n", "sealed"),
  over: or("(over x y)", and("(= x n)", "(lt y b)")),
}

/**
 * One epoch of one cell (journal.md, Messages): the leader appends, members acknowledge, and the next view is chosen.
 * `start` is the log the epoch began with and `c` any log that may come to be committed in it: both are constants of
 * which nothing is assumed, so what is proved of c is proved of every log. `(acked n)` says that n has acknowledged c, or
 * a log that c is a prefix of. bal of a replica is spoken of by what lies under it: `(over n b)` when bal is above b.
 */
export const epochProtocol: TransitionSystem = {
  name: "journal",
  theory: epoch,
  constants: `${constants("Node", ["leader"])}\n${constants("Log", ["start", "c"])}`,
  fields: [
    { name: "installed", arguments: ["Node"], sort: "Bool" },
    { name: "log", arguments: ["Node"], sort: "Log" },
    { name: "acked", arguments: ["Node"], sort: "Bool" },
    { name: "sealed", arguments: ["Node"], sort: "Bool" },
    { name: "over", arguments: ["Node", "Ballot"], sort: "Bool" },
    { name: "promised", arguments: ["Node", "Ballot"], sort: "Bool" },
    // The log that the promise told of.
    { name: "held", arguments: ["Node", "Ballot"], sort: "Log" },
    { name: "accepted", arguments: ["Node", "Ballot"], sort: "Bool" },
    // The proposal at a ballot: the next view's members and its base.
    { name: "proposed", arguments: ["Ballot"], sort: "Bool" },
    { name: "base", arguments: ["Ballot"], sort: "Log" },
    { name: "view", arguments: ["Ballot"], sort: "View" },
  ],
  definitions: [
    {
      name: "chosen",
      variables: "b Ballot, q Quorum",
      sort: "Bool",
      body: everyone("q", "(accepted' n b)"),
    },
    {
      name: "same",
      variables: "a Ballot, b Ballot",
      sort: "Bool",
      body: and("(proposed' a)", "(= (base' a) (base' b))", "(= (view' a) (view' b))"),
    },
    {
      name: "committed",
      variables: "q Quorum",
      sort: "Bool",
      body: everyone("q", "(acked' n)"),
    },
  ],
  invariants: [
    {
      name: "OnlyMembers",
      about: "who was sealed or has acknowledged anything takes part",
      body: forall("n Node", implies(or("(sealed' n)", "(acked' n)"), "(installed' n)")),
    },
    {
      name: "LogsOfOneEpoch",
      about: "every log goes on from the start and is a prefix of the leader's",
      body: forall("n Node", and("(prefix start (log' n))", "(prefix (log' n) (log' leader))")),
    },
    {
      name: "AcknowledgedIsHeld",
      about: "who acknowledged a log holds it",
      body: forall("n Node", implies("(acked' n)", "(prefix c (log' n))")),
    },
    {
      name: "SealedStandsStill",
      about: "what a member acknowledged, every promise of it tells of",
      body: forall(
        "n Node, b Ballot",
        implies(
          "(promised' n b)",
          and(
            "(sealed' n)",
            "(prefix start (held' n b))",
            "(prefix (held' n b) (log' n))",
            implies("(acked' n)", "(prefix c (held' n b))"),
          ),
        ),
      ),
    },
    {
      name: "AcceptedIsHeld",
      about: "who accepted a proposal is sealed and holds its log",
      body: forall(
        "n Node, b Ballot",
        implies("(accepted' n b)", and("(proposed' b)", "(sealed' n)", "(prefix (base' b) (log' n))")),
      ),
    },
    {
      name: "ProposedIsLog",
      about: "a proposal's base goes on from the start and is a prefix of the leader's log",
      body: forall(
        "b Ballot",
        implies("(proposed' b)", and("(prefix start (base' b))", "(prefix (base' b) (log' leader))")),
      ),
    },
    {
      name: "BallotsRise",
      about: "bal is above every ballot below one that was promised or accepted",
      body: forall(
        "n Node, a Ballot, b Ballot",
        implies(and(or("(promised' n b)", "(accepted' n b)"), "(lt a b)"), "(over' n a)"),
      ),
    },
    {
      name: "FastPathSeals",
      about: "the ballot of the fast path is never promised, and who proposes at it is sealed",
      body: and(forall("n Node", not("(promised' n zero)")), implies("(proposed' zero)", "(sealed' leader)")),
    },
    {
      name: "ProposedOnPromises",
      about: "a proposal but the fast path's rests on promises of a majority",
      body: forall(
        "b Ballot",
        implies(
          and("(proposed' b)", "(distinct b zero)"),
          exists("q Quorum", everyone("q", "(promised' n b)")),
        ),
      ),
    },
    {
      name: "OneViewPerEpoch",
      about: "a proposal at a higher ballot is the same, or no majority can accept the lower one any more",
      body: forall(
        "a Ballot, b Ballot, q Quorum",
        implies(
          and("(lt a b)", "(proposed' b)", not("(same' a b)")),
          exists("n Node", and("(in n q)", not("(accepted' n a)"), "(over' n a)")),
        ),
      ),
    },
    {
      name: "BasesHoldCommitted",
      about: "every proposal's base holds c, or c can be committed no more",
      body: forall(
        "b Ballot, q Quorum",
        implies(
          "(proposed' b)",
          or(
            "(prefix c (base' b))",
            and("(sealed' leader)", not("(prefix c (log' leader))")),
            exists("n Node", and("(in n q)", "(sealed' n)", not("(acked' n)"))),
          ),
        ),
      ),
    },
  ],
  initial: [
    forall("n Node", and(not("(installed n)"), not("(acked n)"), not("(sealed n)"), "(= (log n) start)")),
    forall("n Node, b Ballot", and(not("(promised n b)"), not("(accepted n b)"), not("(over n b)"))),
    forall("b Ballot", not("(proposed b)")),
  ],
  actions: [
    {
      name: "install",
      about: "n holds the start, takes part from now on, and says so to the leader",
      parameters: [["n", "Node"]],
      guard: not("(installed n)"),
      effect: {
        installed: also("n", "installed"),
        acked: or("(acked x)", and("(= x n)", "(prefix c start)")),
      },
    },
    {
      name: "request",
      about: "the leader, not sealed, appends: its log is l, of which it was a prefix",
      parameters: [["l", "Log"]],
      guard: and("(installed leader)", not("(sealed leader)"), "(prefix (log leader) l)"),
      effect: { log: at("leader", "l", "log") },
    },
    {
      name: "append",
      about:
        "what the leader had appended up to l has come to n, not sealed, which holds and acknowledges it",
      parameters: [
        ["n", "Node"],
        ["l", "Log"],
      ],
      guard: and("(installed n)", "(distinct n leader)", not("(sealed n)"), "(prefix l (log leader))"),
      effect: {
        log: at("n", "(ite (prefix (log n) l) l (log n))", "log"),
        acked: or("(acked x)", and("(= x n)", "(prefix c l)")),
      },
    },
    {
      name: "commit",
      about: "the leader, not sealed, counts its own log up to l as stored",
      parameters: [["l", "Log"]],
      guard: and("(installed leader)", not("(sealed leader)"), "(prefix l (log leader))"),
      effect: { acked: or("(acked x)", and("(= x leader)", "(prefix c l)")) },
    },
    {
      name: "promise",
      about: "n promises a ballot above all it promised and accepted, and tells of its log",
      parameters: [
        ["n", "Node"],
        ["b", "Ballot"],
      ],
      guard: and(
        "(installed n)",
        "(distinct b zero)",
        not("(over n b)"),
        not("(promised n b)"),
        not("(accepted n b)"),
      ),
      effect: {
        ...raised,
        promised: or("(promised x y)", and("(= x n)", "(= y b)")),
        held: "(ite (and (= x n) (= y b)) (log n) (held x y))",
      },
    },
    {
      name: "choose",
      about:
        "a proposer with promises of q proposes what was accepted at the highest ballot a, or the longest log",
      parameters: [
        ["q", "Quorum"],
        ["m", "Node"],
        ["a", "Ballot"],
        ["b", "Ballot"],
        ["l", "Log"],
        ["v", "View"],
      ],
      guard: and(
        "(distinct b zero)",
        not("(proposed b)"),
        everyone("q", "(promised n b)"),
        "(in m q)",
        or(
          and(
            forall("n Node, d Ballot", implies(and("(in n q)", "(lt d b)"), not("(accepted n d)"))),
            "(= l (held m b))",
            everyone("q", "(noLonger (held n b) l)"),
          ),
          and(
            "(lt a b)",
            "(accepted m a)",
            forall(
              "n Node, d Ballot",
              implies(and("(in n q)", "(lt a d)", "(lt d b)"), not("(accepted n d)")),
            ),
            "(= l (base a))",
            "(= v (view a))",
          ),
        ),
      ),
      effect: {
        proposed: "(or (proposed x) (= x b))",
        base: "(ite (= x b) l (base x))",
        view: "(ite (= x b) v (view x))",
      },
    },
    {
      name: "accept",
      about: "n, whose bal is not above b, holds the proposal's log and accepts it",
      parameters: [
        ["n", "Node"],
        ["b", "Ballot"],
      ],
      guard: and("(installed n)", "(proposed b)", not("(over n b)")),
      effect: {
        ...raised,
        accepted: or("(accepted x y)", and("(= x n)", "(= y b)")),
        log: at("n", "(ite (prefix (log n) (base b)) (base b) (log n))", "log"),
      },
    },
    {
      name: "fast-path",
      about: "the leader, not sealed, accepts its own whole log and members v at ballot zero, which seals it",
      parameters: [["v", "View"]],
      guard: and("(installed leader)", not("(sealed leader)")),
      effect: {
        sealed: also("leader", "sealed"),
        accepted: or("(accepted x y)", "(and (= x leader) (= y zero))"),
        proposed: "(or (proposed x) (= x zero))",
        base: "(ite (= x zero) (log leader) (base x))",
        view: "(ite (= x zero) v (view x))",
      },
    },
  ],
}

const theorem = (
  name: string,
  claim: string,
  variables: string,
  hypotheses: ReadonlyArray<string>,
  goal: string,
): Obligation => ({
  name: `journal/${name}`,
  claim,
  theory: epoch,
  declarations: `${declarations(epochProtocol)}\n${variables}`,
  hypotheses: [before(allOf(epochProtocol)), ...hypotheses],
  goals: [{ name, formula: goal }],
})

/** What follows from the invariants for one epoch (journal.md, Why it is safe). */
export const epochTheorems: ReadonlyArray<Obligation> = [
  theorem(
    "OneViewDecided",
    "two proposals accepted by majorities are the same: one next view per epoch",
    `${constants("Ballot", ["a", "b"])}\n${constants("Quorum", ["q", "r"])}`,
    ["(chosen a q)", "(chosen b r)"],
    "(same a b)",
  ),
  theorem(
    "CommittedInEveryBase",
    "what a majority acknowledged is in the base of every proposal, whenever either happens",
    `${constants("Ballot", ["b"])}\n${constants("Quorum", ["q"])}`,
    ["(proposed b)", "(committed q)"],
    "(prefix c (base b))",
  ),
  theorem(
    "OneLogPerEpoch",
    "of two logs of one epoch one is a prefix of the other",
    constants("Node", ["m", "n"]),
    [],
    "(or (prefix (log m) (log n)) (prefix (log n) (log m)))",
  ),
  ...epochProtocol.actions.map((action: Action): Obligation => ({
    name: `journal/sealed/${action.name}`,
    claim: `${action.name}: a sealed member acknowledges nothing, appends nothing but a proposal's log, and stays sealed`,
    theory: epoch,
    declarations: [
      declarations(epochProtocol),
      happening(epochProtocol, action),
      constants("Node", ["z"]),
    ].join("\n"),
    hypotheses: [before(allOf(epochProtocol)), action.guard, "(sealed z)"],
    goals: [
      { name: "it stays sealed", formula: "(sealed+ z)" },
      { name: "it acknowledges nothing", formula: implies("(acked+ z)", "(acked z)") },
      {
        name: "it appends nothing",
        formula: or("(= (log+ z) (log z))", action.name === "accept" ? "(= (log+ z) (base b))" : "false"),
      },
    ],
  })),
]
