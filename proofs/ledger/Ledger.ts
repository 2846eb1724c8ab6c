import { assumptions } from "../../spec/assumptions/Assumptions.ts"
import { journalCounterparts } from "../journal/JournalLink.ts"
import type { Counterpart } from "../link/Counterpart.ts"
import { sessionCounterparts } from "../session/SessionLink.ts"
import type { Mutant, Obligation } from "../smt/Obligation.ts"
import { CLAIMS, type Claim } from "./Claims.ts"

/** What is and is not in the systems that were proved, exactly. */
const SCOPE: ReadonlyArray<readonly [system: string, scope: string]> = [
  [
    "ring",
    "Any number of peers; one operation at a time for each; queries, answers and notifications arrive late or never; a list is adopted whole. Left out: gossip and fingers as such (whoever is heard of may be asked at any time), timing, incarnations (who fails does not come back), and peers falsely taken for dead. Safety only: that the ring recovers is checked, not proved.",
  ],
  [
    "journal",
    "One cell; any number of members, majorities, ballots and logs, and any number of epochs by the induction of journal/chain. A replica's log, bal and promises are as on its disk: a restart changes nothing. Messages are told by what they leave behind, so they may be repeated, late, lost and reordered; an append may bring any log that the leader has had. Left out: rounds, reads, the barrier, how a log is got (a proposal's log is held at once or not at all), how members are chosen, lost disks, damage, writes apart from their effects. Those are explored and tested by spec/. That an epoch's system starts as chain says (all members hold the decided base, and only they take part) is the definition of INSTALL.",
  ],
  [
    "session",
    "One session; any number of requests and of instances, one of which leads the latest view; any number that led and do not know that they lead no more. What is committed stays by the theorem of journal. Re-appending is one step with the change of view. That a request is appended once says the journal as a set of ids: what is proved is that none in it is run again. Left out: aliases, the witness (an instance does what it is asked), expiry, dispatchers that die (a re-send without Idempotency-Key is a new request).",
  ],
  [
    "arithmetic",
    "Arcs over any cyclic order, of which 160-bit ids are proved to be one. Hops in a ring whose tables are right, each to the closest preceding entry, as core/routing/NextHop.ts takes them; the induction over hops is written out, its steps are obligations.",
  ],
]

const LINKS: ReadonlyArray<readonly [model: string, counterparts: ReadonlyArray<Counterpart>]> = [
  ["action of spec/journal/model", journalCounterparts],
  ["action of spec/session", sessionCounterparts],
]

export const text = (obligations: ReadonlyArray<Obligation>, mutants: ReadonlyArray<Mutant>): string =>
  [
    "# Ledger",
    "",
    "Every claim about the protocol, how far it is established, and the command that does so again. _Proved_ is by an SMT",
    "solver for any number of peers, _checked_ is exhaustive to the bound it names, _tested_ is runs of the real code, and",
    "without what is _assumed_ the rest does not hold. Written by `ringstead prove --ledger`, once everything is proved.",
    "",
    ...table(
      ["claim", "", "by", "again"],
      CLAIMS.map(({ id, claim, grade, obligations: names, command }) => [
        `<a id="${id}"></a>${claim}`,
        grade,
        names.length === 0
          ? "-"
          : names.map((name) => `\`${name}${name.endsWith("/") ? "*" : ""}\``).join(", "),
        command === "-" ? "-" : `\`${command}\``,
      ]),
    ),
    "",
    "## What the proofs are about",
    "",
    ...SCOPE.flatMap(([system, scope]) => [`- **${system}**: ${scope}`]),
    "",
    "The same, action by action, as tests hold it against the models that are explored (the ring's actions have the same names on both sides; `suspect` is explored only):",
    "",
    ...LINKS.flatMap(([model, counterparts]) => [
      ...table(
        [model, "in the proof", ""],
        counterparts.map(({ explored, note, proved }) => [explored, proved ?? "-", note]),
      ),
      "",
    ]),
    "A mutant's counterexample satisfies every invariant, and one step of the weakened rule breaks one: it need not be a",
    "state that a run from the start would reach.",
    "",
    "## Assumed",
    "",
    "What is taken for granted and cannot be checked from inside, as spec/assumptions lists it.",
    "",
    ...table(
      ["assumption", "", "where it does not hold"],
      assumptions.map(({ claim, name, otherwise }) => [name, claim, otherwise]),
    ),
    "",
    "## Obligations",
    "",
    "Each goal is refused a counterexample over unbounded sorts, and its hypotheses are shown to hold together with it on",
    "small ones; so do the axioms of each theory.",
    "",
    ...table(
      ["obligation", "claim", "goals"],
      obligations.map(({ name, claim, goals }) => [name, claim, String(goals.length)]),
    ),
    "",
    "## Mutants",
    "",
    "Each rule weakened in one place, and refuted with a counterexample on small sorts (`ringstead prove --mutants`).",
    "",
    ...table(
      ["mutant", "the rule as weakened", "breaks"],
      mutants.map(({ name, about, obligation }) => [name, about, obligation.name]),
    ),
    "",
  ].join("\n")

/** The claims that rest on none of `obligations`, and the obligations that no claim rests on. */
export const mismatches = (obligations: ReadonlyArray<Obligation>): ReadonlyArray<string> => [
  ...CLAIMS.flatMap(({ id, obligations: beginnings }) =>
    beginnings
      .filter((beginning) => !obligations.some(({ name }) => name.startsWith(beginning)))
      .map((beginning) => `${id} rests on ${beginning}, which is no obligation`),
  ),
  ...CLAIMS.filter(isUnfounded).map(
    ({ id }) => `${id} is proved by nothing, or has obligations and is not proved`,
  ),
  ...obligations
    .filter(({ name }) => !CLAIMS.some((claim) => claim.obligations.some((one) => name.startsWith(one))))
    .map(({ name }) => `${name} is an obligation of no claim`),
]

const isUnfounded = ({ grade, obligations }: Claim): boolean =>
  (grade === "proved") !== obligations.length > 0

const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? "").length)))
  const line = (row: ReadonlyArray<string>): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  const [first, ...others] = cells
  return [
    line(first ?? []),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...others.map(line),
  ]
}
