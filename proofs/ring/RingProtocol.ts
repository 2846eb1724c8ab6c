import { and, constants, equal, forall, implies, not, or, range } from "../smt/Formula.ts"
import type { Definition, Field, TransitionSystem } from "../smt/TransitionSystem.ts"
import { circle } from "./Circle.ts"

const bool = (name: string, ...sorts: ReadonlyArray<string>): Field => ({
  name,
  arguments: sorts,
  sort: "Bool",
})
const id = (name: string): Field => ({ name, arguments: ["Id"], sort: "Id" })

/** The principals that are followed through a step: L + 1 of any. */
export const principalNames = (length: number): ReadonlyArray<string> => range(0, length).map((i) => `p${i}`)

const indexed = (name: string, length: number): ReadonlyArray<string> =>
  range(1, length).map((i) => `(${name}${i}' x)`)

/** Whether a list after `x` skips `p`: p lies strictly between two adjacent entries. */
const skipping = (list: ReadonlyArray<string>): string =>
  or(...list.map((entry, i) => `(between ${list[i - 1] ?? "x"} p ${entry})`))

const definitions = (length: number): ReadonlyArray<Definition> => [
  {
    name: "inFlight",
    variables: "x Id",
    sort: "Bool",
    body: or("(joining' x)", and("(member' x)", "(asks' x)", "(answered' x)")),
  },
  // The list on its way to x as it will be once it is taken over.
  ...range(1, length).map((i) => ({
    name: `f${i}`,
    variables: "x Id",
    sort: "Id",
    body: `(ite (joining' x) (a${i}' x) ${i === 1 ? "(target' x)" : `(a${i - 1}' x)`})`,
  })),
  {
    name: "principal",
    variables: "p Id",
    sort: "Bool",
    body: and(
      "(member' p)",
      forall("x Id", implies("(member' x)", not(skipping(indexed("s", length))))),
      forall("x Id", implies("(inFlight' x)", not(skipping(indexed("f", length))))),
    ),
  },
]

const at = (peer: string, value: string, field: string): string => `(ite (= x ${peer}) ${value} (${field} x))`

/** Every rule of the fields s1 to sL at one peer. */
const list = (peer: string, values: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(values.map((value, i) => [`s${i + 1}`, at(peer, value, `s${i + 1}`)]))

/** A notification leaves from t for `to`; to anybody who is no member it is lost. */
const notify = (to: string): string =>
  or("(notified x y)", and(equal("x", to), equal("y", "t"), "(member x)"))

const idle = (peer: string): string => and(`(member ${peer})`, not(`(asks ${peer})`))

/**
 * The corrected Chord protocol at message level (ring.md, Operations) over a set of peers without bound, with successor
 * lists of `length` entries. Actions have the names of spec/ring/model; as there, a peer waits for one thing at a time, a
 * query or an answer may be lost, and only who is no member is taken for dead.
 */
export const ringProtocol = (length: number): TransitionSystem => {
  const each = range(1, length)
  const principals = principalNames(length)
  const sufficient = {
    distinct: `(distinct ${principals.join(" ")})`,
    ...Object.fromEntries(principals.map((p) => [p, `(principal' ${p})`])),
  }
  return {
    name: `ring/L${length}`,
    theory: circle,
    constants: constants("Id", principals),
    fields: [
      bool("member", "Id"),
      bool("joining", "Id"),
      bool("dead", "Id"),
      ...each.map((i) => id(`s${i}`)),
      id("prdc"),
      // What a member waits for: whether anything, a stabilize (else a stabilizeFromPredecessor), from whom, and once
      // it was answered the list and the predecessor that are on their way.
      bool("asks", "Id"),
      bool("stabilizes", "Id"),
      bool("answered", "Id"),
      id("target"),
      ...each.map((i) => id(`a${i}`)),
      id("ap"),
      // (notified r n): a notification from n is on its way to r.
      bool("notified", "Id", "Id"),
    ],
    definitions: definitions(length),
    invariants: [
      {
        name: "OneLiveSuccessor",
        about: "every member's list has a live entry",
        body: forall(
          "x Id",
          implies("(member' x)", or(...indexed("s", length).map((entry) => `(member' ${entry})`))),
        ),
      },
      {
        name: "OneLiveInFlight",
        about: "every list on its way to somebody alive has a live entry",
        body: forall(
          "x Id",
          implies("(inFlight' x)", or(...indexed("f", length).map((entry) => `(member' ${entry})`))),
        ),
      },
      {
        name: "QueriesAhead",
        about: "a query is at the first successor, or at somebody before it",
        body: forall(
          "x Id",
          implies(
            and("(member' x)", "(asks' x)", not("(answered' x)")),
            "(ite (stabilizes' x) (= (target' x) (s1' x)) (between x (target' x) (s1' x)))",
          ),
        ),
      },
      {
        name: "OnePhase",
        about: "nobody is two of joining, member and dead",
        body: forall(
          "x Id",
          and(
            not(and("(member' x)", "(joining' x)")),
            not(and("(member' x)", "(dead' x)")),
            not(and("(joining' x)", "(dead' x)")),
          ),
        ),
      },
      {
        name: "SufficientPrincipals",
        about: "L + 1 principals stay principals, whichever they are",
        body: and(...Object.values(sufficient)),
        parts: sufficient,
      },
    ],
    initial: [
      `(distinct ${principals.join(" ")})`,
      ...principals.map((p) => `(member ${p})`),
      forall("x Id", and(not("(joining x)"), not("(dead x)"), not("(asks x)"))),
      forall("x Id, y Id", not("(notified x y)")),
      ...each.flatMap((i) => [
        forall("x Id", implies("(member x)", `(member (s${i} x))`)),
        forall(
          "x Id, y Id",
          implies(
            and("(member x)", "(member y)"),
            not(`(between ${i === 1 ? "x" : `(s${i - 1} x)`} y (s${i} x))`),
          ),
        ),
      ]),
    ],
    example: and(
      ...principals.map((p, i) => equal(p, `(_ bv${i} 3)`)),
      forall("x Id", equal("(member x)", `(bvule x (_ bv${length} 3))`)),
      ...each.map((i) =>
        forall(
          "x Id",
          equal(
            `(s${i} x)`,
            `(ite (bvule x (_ bv${length - i} 3)) (bvadd x (_ bv${i} 3)) (bvsub x (_ bv${length + 1 - i} 3)))`,
          ),
        ),
      ),
    ),
    actions: [
      {
        name: "join",
        about: "m's list leaves for j, which was never here",
        parameters: [
          ["j", "Id"],
          ["m", "Id"],
        ],
        guard: and(
          not("(member j)"),
          not("(joining j)"),
          not("(dead j)"),
          "(member m)",
          "(between m j (s1 m))",
        ),
        effect: {
          joining: or("(joining x)", equal("x", "j")),
          target: at("j", "m", "target"),
          ...Object.fromEntries(each.map((i) => [`a${i}`, at("j", `(s${i} m)`, `a${i}`)])),
        },
      },
      {
        name: "enter",
        about: "the list has come to j: succ[j] := it, prdc[j] := m",
        parameters: [["j", "Id"]],
        guard: "(joining j)",
        effect: {
          member: or("(member x)", equal("x", "j")),
          joining: and("(joining x)", "(distinct x j)"),
          ...list(
            "j",
            each.map((i) => `(a${i} j)`),
          ),
          prdc: at("j", "(target j)", "prdc"),
          asks: and("(asks x)", "(distinct x j)"),
        },
      },
      {
        name: "stabilize",
        about: "a query leaves for succ[t][0]",
        parameters: [["t", "Id"]],
        guard: idle("t"),
        effect: {
          asks: or("(asks x)", equal("x", "t")),
          stabilizes: or("(stabilizes x)", equal("x", "t")),
          answered: and("(answered x)", "(distinct x t)"),
          target: at("t", "(s1 t)", "target"),
        },
      },
      {
        name: "hear",
        about: "a query leaves for u, a member between t and succ[t][0]",
        parameters: [
          ["t", "Id"],
          ["u", "Id"],
        ],
        guard: and(idle("t"), "(member u)", "(between t u (s1 t))"),
        effect: {
          asks: or("(asks x)", equal("x", "t")),
          stabilizes: and("(stabilizes x)", "(distinct x t)"),
          answered: and("(answered x)", "(distinct x t)"),
          target: at("t", "u", "target"),
        },
      },
      {
        name: "answer",
        about: "the asked member's list and predecessor leave for t",
        parameters: [["t", "Id"]],
        guard: and("(member t)", "(asks t)", not("(answered t)"), "(member (target t))"),
        effect: {
          answered: or("(answered x)", equal("x", "t")),
          ...Object.fromEntries(each.map((i) => [`a${i}`, at("t", `(s${i} (target t))`, `a${i}`)])),
          ap: at("t", "(prdc (target t))", "ap"),
        },
      },
      {
        name: "apply",
        about: "the list is adopted whole; then u is asked if it is nearer, or the successor is notified",
        parameters: [["t", "Id"]],
        guard: and("(member t)", "(asks t)", "(answered t)"),
        effect: {
          ...list("t", ["(target t)", ...each.slice(0, -1).map((i) => `(a${i} t)`)]),
          asks: `(ite (= x t) ${nearer} (asks x))`,
          stabilizes: and("(stabilizes x)", "(distinct x t)"),
          answered: and("(answered x)", "(distinct x t)"),
          target: `(ite (and (= x t) ${nearer}) (ap t) (target x))`,
          notified: `(ite ${nearer} (notified x y) ${notify("(target t)")})`,
        },
      },
      {
        name: "time-out",
        about: "t asked who is no member: the successor goes from the list, and the next is notified",
        parameters: [["t", "Id"]],
        guard: and("(member t)", "(asks t)", not("(answered t)"), not("(member (target t))")),
        effect: {
          ...Object.fromEntries(each.map((i) => [`s${i}`, shifted(i, length)])),
          asks: and("(asks x)", "(distinct x t)"),
          notified: notify("(ite (stabilizes t) (s2 t) (s1 t))"),
        },
      },
      {
        name: "rectify",
        about:
          "a notification from n has come to r: prdc[r] := n if n is nearer, or the predecessor no member",
        parameters: [
          ["r", "Id"],
          ["n", "Id"],
        ],
        guard: "(notified r n)",
        effect: {
          prdc: `(ite (and (= x r) ${or("(between (prdc r) n r)", not("(member (prdc r))"))}) n (prdc x))`,
          notified: and("(notified x y)", not(and("(= x r)", "(= y n)"))),
        },
      },
      {
        name: "fail",
        about: "f is dead for ever; every member and every list in flight is left a live entry",
        parameters: [["f", "Id"]],
        guard: and("(member f)", "OneLiveSuccessor+", "OneLiveInFlight+"),
        effect: {
          member: and("(member x)", "(distinct x f)"),
          dead: or("(dead x)", equal("x", "f")),
          asks: and("(asks x)", "(distinct x f)"),
          notified: and("(notified x y)", "(distinct x f)"),
        },
        // That L + 1 principals are left is what ring.md assumes of a failure. What is proved: the others stay.
        goals: [
          ...["OneLiveSuccessor", "OneLiveInFlight", "QueriesAhead", "OnePhase"].map((name) => ({
            name,
            formula: `${name}+`,
          })),
          ...principals.map((p) => ({
            name: `PrincipalsStay/${p}`,
            formula: implies(`(distinct ${p} f)`, `(principal+ ${p})`),
          })),
        ],
      },
      {
        name: "drop",
        about: "a query or an answer is lost, and t waits no longer",
        parameters: [["t", "Id"]],
        guard: and("(member t)", "(asks t)"),
        effect: { asks: and("(asks x)", "(distinct x t)") },
      },
      {
        name: "lose",
        about: "a notification is lost",
        parameters: [
          ["r", "Id"],
          ["n", "Id"],
        ],
        guard: "(notified r n)",
        effect: { notified: and("(notified x y)", not(and("(= x r)", "(= y n)"))) },
      },
    ],
  }
}

/** After a stabilize: the predecessor that came lies between t and who sent it. */
const nearer = "(and (stabilizes t) (between t (ap t) (target t)))"

/** Only a stabilize tells of the first successor; one that was heard of leaves the list as it is. */
const shifted = (i: number, length: number): string =>
  `(ite (and (= x t) (stabilizes t)) ${i < length ? `(s${i + 1} t)` : `(next (s${length} t))`} (s${i} x))`
