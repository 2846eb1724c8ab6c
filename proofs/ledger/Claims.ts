/** How far a claim is established, strongest first. */
export type Grade =
  /** By an SMT solver, for any number of peers, about the protocol as the named obligations write it down. */
  | "proved"
  /** Every state up to a stated bound was looked at. */
  | "checked"
  /** Runs of the real code, at random or by example. */
  | "tested"
  /** Nothing here establishes it; without it the rest does not hold. */
  | "assumed"

export interface Claim {
  readonly id: string
  readonly claim: string
  readonly grade: Grade
  /** Beginnings of the names of the obligations that prove it; none unless it is proved. */
  readonly obligations: ReadonlyArray<string>
  /** The command that establishes it again; "-" for what is assumed. */
  readonly command: string
  /**
   * Rows of README's tables "What a service is promised" and "Promises, and what holds us to them" that rest on it, by
   * how they begin.
   */
  readonly promises?: ReadonlyArray<string>
}

const ring = "ringstead prove --only ring"
const journal = "ringstead prove --only journal"
const session = "ringstead prove --only session"
const arithmetic = "ringstead prove --only arithmetic"

const fast = (path: string): string => `npx vitest run --project fast ${path}`
const slow = (path: string): string => `npx vitest run --project slow ${path}`
const compute = (path: string): string => `npx vitest run --project compute ${path}`
const long = (path: string): string => `npx vitest run --project long ${path}`

/** Words of a claim that one of README's tables begins with, and no other claim is about. */
const tested = (id: string, claim: string, command: string, ...promises: ReadonlyArray<string>): Claim => ({
  id,
  claim,
  grade: "tested",
  obligations: [],
  command,
  promises,
})

const survives = "state survives `kill -9` of a peer"
const inFlight = "a request in flight"
const effects = "effects on the session"

/** Every claim about the protocol. A test holds it against README.md and against the obligations that there are. */
export const CLAIMS: ReadonlyArray<Claim> = [
  {
    id: "ring-invariant",
    claim:
      "joins, stabilization, late and lost messages, and failures within the assumption leave every member a live successor and L + 1 principals, for L = 2, 3, 4",
    grade: "proved",
    obligations: ["ring/L2/", "ring/L3/", "ring/L4/"],
    command: ring,
  },
  {
    id: "ring-shape",
    claim: "there is one ring, ordered, and every other member leads to it",
    grade: "proved",
    obligations: ["ring/shape/", "ring/L2/BestSuccessor", "ring/L3/BestSuccessor", "ring/L4/BestSuccessor"],
    command: ring,
  },
  {
    id: "ring-lists",
    claim: "successor lists name nobody twice and are in the order of the ring",
    grade: "proved",
    obligations: [
      "ring/L2/NoDuplicates",
      "ring/L3/NoDuplicates",
      "ring/L4/NoDuplicates",
      "ring/L2/OrderedSuccessorLists",
      "ring/L3/OrderedSuccessorLists",
      "ring/L4/OrderedSuccessorLists",
    ],
    command: ring,
  },
  {
    id: "ring-recovers",
    claim: "from every state that failures leave, the ring can become ideal again (4 peers, L = 2)",
    grade: "checked",
    obligations: [],
    command: "ringstead check ring",
  },
  {
    id: "one-view",
    claim: "the members of one view decide one next view, by any number of ballots and of members",
    grade: "proved",
    obligations: [
      "journal/OneViewDecided",
      "journal/choose",
      "journal/accept",
      "journal/promise",
      "journal/fast-path",
      "journal/chain/OneChain",
      "arithmetic/MajoritiesMeet",
    ],
    command: journal,
  },
  {
    id: "committed-stays",
    claim: "what a majority of a view has acknowledged is in the log of every later view, and never changes",
    grade: "proved",
    obligations: ["journal/"],
    command: journal,
    promises: [survives],
  },
  {
    id: "sealed",
    claim:
      "a sealed member, the leader included, acknowledges nothing and appends nothing but a proposal's log",
    grade: "proved",
    obligations: ["journal/sealed/"],
    command: journal,
  },
  {
    id: "effects-once",
    claim:
      "the instance that runs a request for the latest view has applied every entry of the journal once, in order, and nothing else; one that ran more never does, also where its peer led and did not know that it leads no more",
    grade: "proved",
    obligations: ["session/"],
    command: session,
    promises: [effects],
  },
  {
    id: "answered",
    claim:
      "an answer leaves only for an entry that is committed, which every later view has; no id that is in the journal is run again",
    grade: "proved",
    obligations: ["session/answer", "session/journal", "session/run", "session/AnsweredSurvives"],
    command: session,
    promises: [inFlight],
  },
  {
    id: "one-owner",
    claim: "every key has one owner, and a join splits one arc in two",
    grade: "proved",
    obligations: [
      "arithmetic/JoinSplitsArc",
      "arithmetic/OneOwner",
      "arithmetic/EveryKeyHasAnOwner",
      "arithmetic/ids/",
    ],
    command: arithmetic,
  },
  {
    id: "hops",
    claim:
      "in a settled ring of N a lookup takes at most ceil(log2 N) hops by rank, and 160 with the paper's fingers",
    grade: "proved",
    obligations: [
      "arithmetic/Hop",
      "arithmetic/RankBound",
      "arithmetic/RankFinger",
      "arithmetic/DistanceBound",
      "arithmetic/DistanceFinger",
    ],
    command: arithmetic,
  },
  {
    id: "journal-explored",
    claim:
      "all ten invariants of the journal, reads excepted, in every state of a dozen scopes: three to five peers, up to two requests, crashes, lost disks, damage, lost messages, false suspicions, moves",
    grade: "checked",
    obligations: [],
    command: "ringstead check journal",
  },
  {
    id: "journal-answers",
    claim:
      "after one crash, or one false suspicion and a lost message, a leader can serve and every request can be answered (3 peers, 1 request)",
    grade: "checked",
    obligations: [],
    command: "ringstead check journal",
  },
  {
    id: "session-explored",
    claim:
      "effects once, in the client's order, answers only of committed entries, none from a fenced session: two or three peers, up to three requests and takeovers, a crash or a time-out, an instance that goes its own way",
    grade: "checked",
    obligations: [],
    command: "ringstead check session",
  },
  {
    id: "core-explored",
    claim:
      "the invariants of the journal in every state that the shipped code can reach: three peers, one request, one crash and one restart",
    grade: "checked",
    obligations: [],
    command: "ringstead check core",
  },
  tested(
    "linked",
    "what is proved is what is explored: random steps of the models of ring, journal and session are steps of the formulas, from the beginning on, and every action of the formulas is met so; of the states met the invariants are true (the ring's principals excepted)",
    slow("proofs/ring proofs/journal proofs/session"),
  ),
  tested(
    "core-journal",
    "the shipped code keeps the invariants of the journal in random walks; each weakened rule is caught",
    `${fast("spec/conformance/Journal.test.ts spec/conformance/mutants")}; ${long("spec/conformance/mutants")}`,
    "The journal keeps its invariants",
  ),
  tested(
    "core-ring",
    "the shipped code's ring becomes right again after churn, loss, pauses and partitions; the original's defects do not occur",
    fast("spec/conformance/Ring.test.ts spec/conformance/KnownDefects.test.ts"),
    "After changes stop the ring becomes right again",
  ),
  tested(
    "core-hops",
    "the shipped code takes no more hops than that, up to 1,024 peers",
    `${compute("spec/conformance/Ring.compute.test.ts")}; ${fast("core/routing/NextHop.test.ts")}`,
    "A settled ring of N peers finds any client's peer",
  ),
  tested(
    "reads",
    "a read sees all that was committed when it came; messages of other lives of a peer count for nothing",
    fast("spec/conformance/Journal.test.ts spec/journal/invariants core/replication"),
  ),
  tested(
    "attached",
    "a request that is sent again attaches to the first one, queued, running or committed",
    fast("core/handoff/Requests.test.ts core/handoff/Sessions.test.ts"),
    inFlight,
  ),
  tested(
    "processes",
    "clients who count along find every count, whoever is killed, stopped, leaves or joins, on real processes",
    slow("node/peer/Sessions.slow.test.ts node/peer/Handover.slow.test.ts node/peer/Majority.slow.test.ts"),
    survives,
    "`replay`: nothing acknowledged is lost",
  ),
  tested(
    "stateless",
    "without a journal idempotent requests are retried at the next peer, others get a 502",
    `${slow("node/peer/Loss.slow.test.ts")}; ${fast("node/dispatcher/DispatchExchange.test.ts")}`,
    "`stateless`: when a peer is killed",
  ),
  tested(
    "placed",
    "a client's peer is where sorting the ids says, through any dispatcher",
    slow("node/peer/Placement.slow.test.ts"),
    "A client goes to the same peer",
  ),
  tested(
    "unchanged",
    "any command that answers HTTP on its port can be a service, unchanged, in a process per peer",
    fast("node/service/Births.test.ts"),
    "change to the service",
  ),
  tested(
    "outside",
    "a replayed request carries `Ringstead-Replay: 1`, so effects outside the service happen at least once",
    fast("node/service/Requests.test.ts"),
    "effects outside the service (mail, payment, database)",
  ),
  tested(
    "diverged",
    "a replay that differs is found by comparing answers, and fences the session",
    `${slow("node/peer/Divergence.slow.test.ts")}; ${fast("core/handoff/Witness.test.ts")}`,
    "a replay that differs",
    "A service that breaks the contract is told so",
  ),
  tested(
    "limits",
    "what is too large, too long or a stream is refused with the limit's name; a session that nobody uses ends",
    `${slow("node/peer/OddService.slow.test.ts")}; ${fast("node/peer/BodyLimit.test.ts node/service/Requests.test.ts core/handoff/Expiry.test.ts")}`,
    "limits",
  ),
  tested(
    "damage",
    "a journal file with a byte flipped, or cut anywhere, is recovered or refused with the place of the damage",
    compute("node/storage/DamageClosed.compute.test.ts node/storage/DamageKilled.compute.test.ts"),
    "A damaged journal file",
  ),
  tested(
    "nothing-left",
    "no service outlives its peer, and no child of `up` it",
    slow("node/service/Leash.slow.test.ts node/cli/up/Up.slow.test.ts"),
    "Nothing is left behind",
  ),
  tested(
    "flat",
    "a minute of 1,000 requests/s leaves memory flat and no socket behind",
    long("node/peer/Soak.long.test.ts"),
    "A long load leaves memory flat",
  ),
  tested(
    "mistakes",
    "a mistake in the set-up ends with one line that says what to do",
    slow("node/cli/BadInput.slow.test.ts"),
    "A mistake in the set-up",
  ),
  {
    id: "deterministic",
    claim: "each client's state depends only on that client's requests, deterministically",
    grade: "assumed",
    obligations: [],
    command: "-",
    promises: ["needs"],
  },
  {
    id: "solver",
    claim:
      "a solver is right when it says unsat; finite sets have a nearest and a least element, and two that are together larger than their whole share one; induction over epochs and over hops",
    grade: "assumed",
    obligations: [],
    command: "-",
  },
]
