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
  /** Row of README's table "What a service is promised" that rests on it, by its first column. */
  readonly promise?: string
}

const ring = "ringstead prove --only ring"
const journal = "ringstead prove --only journal"
const session = "ringstead prove --only session"
const arithmetic = "ringstead prove --only arithmetic"

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
    promise: survives,
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
      "the instance that serves has applied every entry of the journal once, in order, and nothing else; one that ran more never serves",
    grade: "proved",
    obligations: ["session/"],
    command: session,
    promise: effects,
  },
  {
    id: "answered",
    claim: "an answer leaves only for an entry that is committed; a request id is journaled once",
    grade: "proved",
    obligations: ["session/answer", "session/journal", "session/run", "session/AnsweredSurvives"],
    command: session,
    promise: inFlight,
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
    id: "core",
    claim: "the code does what the protocol says: core against spec, at random and by scenarios",
    grade: "tested",
    obligations: [],
    command: "npm test",
  },
  {
    id: "reads",
    claim:
      "a read sees all that was committed when it came; messages of other lives of a peer count for nothing",
    grade: "tested",
    obligations: [],
    command: "npm test",
  },
  {
    id: "unchanged",
    claim: "any command that answers HTTP on its port can be a service, unchanged, in a process per peer",
    grade: "tested",
    obligations: [],
    command: "npm test",
    promise: "change to the service",
  },
  {
    id: "outside",
    claim:
      "a replayed request carries `Ringstead-Replay: 1`, so effects outside the service happen at least once",
    grade: "tested",
    obligations: [],
    command: "npm test",
    promise: "effects outside the service (mail, payment, database)",
  },
  {
    id: "diverged",
    claim: "a replay that differs is found by comparing answers, and fences the session",
    grade: "tested",
    obligations: [],
    command: "npm test",
    promise: "a replay that differs",
  },
  {
    id: "limits",
    claim: "what is too large, too long or a stream is refused with the limit's name",
    grade: "tested",
    obligations: [],
    command: "npm test",
    promise: "limits",
  },
  {
    id: "deterministic",
    claim: "each client's state depends only on that client's requests, deterministically",
    grade: "assumed",
    obligations: [],
    command: "-",
    promise: "needs",
  },
  {
    id: "ring-failures",
    claim:
      "the ring starts ideal with at least L + 1 members; who fails stays dead; a failure leaves every member and every list in flight a live successor, and L + 1 principals; who is taken for dead is (if not, routing suffers, never data)",
    grade: "assumed",
    obligations: [],
    command: "-",
  },
  {
    id: "flush",
    claim:
      "what a disk says is flushed survives; with `--durability memory`, a majority of a cell's processes does",
    grade: "assumed",
    obligations: [],
    command: "-",
  },
  {
    id: "solver",
    claim: "Z3 is right when it says unsat, and finite sets have a nearest and a least element",
    grade: "assumed",
    obligations: [],
    command: "-",
  },
]
