/**
 * What is taken for granted and cannot be checked from inside, each with who relies on it and what breaks it: so that
 * nobody takes more for proved than is, and every fault of a campaign says what it puts to the test.
 */
export interface Assumption {
  readonly name: string
  /** One sentence. */
  readonly claim: string
  /** The design page that makes it. */
  readonly source: "ring.md" | "journal.md" | "service.md"
  /** What is promised only while it holds. */
  readonly reliedOnBy: ReadonlyArray<string>
  /** What goes wrong where it does not hold; empty words would be worse than the truth. */
  readonly otherwise: string
  readonly brokenBy: Breakers
}

/** What breaks it, by the names that models and campaigns have for it; empty where nothing of theirs can. */
export interface Breakers {
  /** Actions of the ring's model; `mutant` stands before the name of one that its rules forbid. */
  readonly ring: ReadonlyArray<string>
  /** Actions of the journal's model, likewise. */
  readonly journal: ReadonlyArray<string>
  /** Verbs of campaigns on real processes. */
  readonly chaos: ReadonlyArray<string>
}

const breakers = (some: Partial<Breakers>): Breakers => ({ ring: [], journal: [], chaos: [], ...some })

export const assumptions: ReadonlyArray<Assumption> = [
  {
    name: "IdealStart",
    claim:
      "The ring starts ideal, with at least L + 1 members, from one genesis file that all processes share.",
    source: "ring.md",
    reliedOnBy: ["OneLiveSuccessor", "SufficientPrincipals", "one genesis view per cell (I9)"],
    otherwise: "Two rings may be founded, and two first views of one cell both commit.",
    brokenBy: breakers({}),
  },
  {
    name: "FailStop",
    claim: "Who fails stops for good: it sends nothing more, and comes back only as another incarnation.",
    source: "ring.md",
    reliedOnBy: ["the ring's invariant"],
    otherwise:
      "A peer that was paused goes on with an old list. The ring is mended by stabilizing; the journal does not rely on it.",
    brokenBy: breakers({ chaos: ["pause", "hold"] }),
  },
  {
    name: "LiveSuccessorLeft",
    claim: "A failure leaves every member, and every list on its way to one, a live successor.",
    source: "ring.md",
    reliedOnBy: ["OneLiveSuccessor", "AtLeastOneRing", "ConnectedAppendages"],
    otherwise:
      "A member knows nobody alive and asks whom it knows otherwise; meanwhile lookups through it fail.",
    brokenBy: breakers({ ring: ["mutant fail-ignores-flights"], chaos: ["kill", "wipe", "tear", "leave"] }),
  },
  {
    name: "PrincipalsLeft",
    claim: "A failure leaves at least L + 1 members that no list skips.",
    source: "ring.md",
    reliedOnBy: ["SufficientPrincipals", "AtMostOneRing", "OrderedRing"],
    otherwise: "Members may be lost from the ring or it may split, until they hear of one another again.",
    brokenBy: breakers({ ring: ["mutant fail-beyond-assumption"], chaos: ["kill", "wipe", "tear", "leave"] }),
  },
  {
    name: "TrueSuspicion",
    claim: "Who is taken for dead by its predecessor in the ring is dead.",
    source: "ring.md",
    reliedOnBy: ["SufficientPrincipals", "OrderedRing"],
    otherwise:
      "A first successor that lives is skipped, and may cease to be a principal. The journal changes a view for nothing and loses nothing.",
    brokenBy: breakers({
      ring: ["suspect"],
      journal: ["suspect"],
      chaos: ["pause", "cut", "cutOneWay", "hold", "slow", "jitter", "throttle", "reset", "slice"],
    }),
  },
  {
    name: "FailuresEnd",
    claim: "Faults end at some time, and what is sent to the living again and again then arrives.",
    source: "ring.md",
    reliedOnBy: ["Ideal", "a sealed cell gets a view", "a request is answered"],
    otherwise: "Nothing is lost, but the ring need not become ideal and a request need not be answered.",
    brokenBy: breakers({
      ring: ["fail", "drop", "lose", "suspect"],
      journal: ["crash", "drop", "suspect"],
      chaos: ["cut", "cutOneWay", "hold", "throttle", "kill", "pause"],
    }),
  },
  {
    name: "MajorityLeft",
    claim:
      "A majority of a cell's current view, and of one already accepted, is not lost for good before it is whole again.",
    source: "journal.md",
    reliedOnBy: ["a sealed cell gets a view", "a request is answered"],
    otherwise: "The cell stops with 503 and says why; only an operator can revive it. It never lies.",
    brokenBy: breakers({ journal: ["crash", "wipe"], chaos: ["kill", "wipe", "cut"] }),
  },
  {
    name: "FlushIsFlush",
    claim: "What the operating system says is flushed is read back after a crash as it was written.",
    source: "journal.md",
    reliedOnBy: ["a committed entry never changes (I4)", "one next view per epoch (I2)"],
    otherwise:
      "Entries and promises that others counted on are forgotten. Damage is found by the hash chain; a loss without damage is not.",
    brokenBy: breakers({ journal: ["damage"] }),
  },
  {
    name: "NewDiskNewIncarnation",
    claim: "A peer that lost its disk comes back as another incarnation.",
    source: "journal.md",
    reliedOnBy: ["every base contains all that was committed (I3)"],
    otherwise: "A member that forgot what it stored is counted in a majority.",
    brokenBy: breakers({ journal: ["mutant same incarnation after a lost disk"] }),
  },
  {
    name: "NoForgery",
    claim:
      "Peers follow the protocol, messages are not altered, and SHA-256 has no collisions that anybody finds.",
    source: "journal.md",
    reliedOnBy: ["logs of one epoch are prefixes of one another (I1)", "the hash chain verifies (I8)"],
    otherwise: "Nothing is promised against peers that lie; connections are for a network that one trusts.",
    brokenBy: breakers({}),
  },
  {
    name: "ClocksOnlyWait",
    claim: "Clocks decide how long to wait, and nothing else.",
    source: "journal.md",
    reliedOnBy: ["a read sees at least what was committed when it began (I7)", "single leader"],
    otherwise: "Sessions may expire early; no other promise depends on the time of day.",
    brokenBy: breakers({ chaos: ["skew"] }),
  },
  {
    name: "DeterministicSession",
    claim:
      "What a client sees depends on that client's requests alone, and the same ones give the same answers.",
    source: "service.md",
    reliedOnBy: ["every acknowledged request survives", "exactly once per entry"],
    otherwise: "The replay differs, which is reported; the session is fenced until it is reset.",
    brokenBy: breakers({}),
  },
  {
    name: "InstanceDiesWithPeer",
    claim: "A service instance is dead before its peer is started again, and one process is one instance.",
    source: "service.md",
    reliedOnBy: ["exactly once per entry"],
    otherwise:
      "A request that was never journaled may have left its mark in an instance that goes on serving.",
    brokenBy: breakers({ chaos: ["kill"] }),
  },
  {
    name: "OneNameOneClient",
    claim: "A client keeps its name, and its dispatcher outlives a request that it sends again.",
    source: "service.md",
    reliedOnBy: ["a request in flight is journaled once"],
    otherwise:
      "A request that is sent again through another dispatcher is a new one, unless it has an Idempotency-Key.",
    brokenBy: breakers({}),
  },
]
