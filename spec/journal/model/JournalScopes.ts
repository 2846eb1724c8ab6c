import type { Mutant, Scope } from "../../explorer/Subject.ts"
import type { JournalMutantName } from "./JournalMutants.ts"
import type { JournalOptions } from "./JournalOptions.ts"

type Sketch = Partial<Omit<JournalOptions, "mutant">> & { readonly about: string }

/** Three peers, all founders, r = 3, one request, unless said otherwise. */
export const sized = (some: Partial<JournalOptions>): JournalOptions => ({
  peers: 3,
  founders: 3,
  replicas: 3,
  requests: 1,
  budget: {},
  ...some,
})

/** Every mutant, and the smallest budgets that show it. */
const sketches: Readonly<Record<JournalMutantName, Sketch>> = {
  "acknowledge while sealed": {
    about: "a member that has promised goes on appending and acknowledging",
    budget: { suspicions: 1 },
  },
  "acknowledge empty heartbeats while sealed": {
    about: "a member that has promised acknowledges what brings it nothing new",
    budget: { suspicions: 1 },
  },
  "a sealed leader that counts itself": {
    about: "a leader that has promised appends, and counts itself among those that stored",
    budget: { suspicions: 1 },
  },
  "ignore an accepted proposal": {
    about: "a proposer proposes what it likes, though a promise tells of an accepted proposal",
    budget: { suspicions: 2 },
    requests: 0,
  },
  "take any promised log instead of the longest": {
    about: "the next view begins with the log of any promise",
    budget: { suspicions: 1 },
  },
  "accept blindly": {
    about: "a member accepts at a lower ballot than it has promised",
    budget: { suspicions: 2 },
    requests: 0,
  },
  "accept before holding the log": {
    about: "a member accepts a proposal whose log it lacks",
    budget: { suspicions: 1 },
  },
  "truncate on a mismatch": {
    about: "a late APPEND cuts what came after it",
    budget: { suspicions: 1 },
  },
  "duplicates looked up among committed entries only": {
    about: "a request that is appended and not committed is appended again",
  },
  "no barrier": {
    about: "a leader that starts anew takes its whole log for committed",
    budget: { crashes: 1, restarts: 1 },
  },
  "read without a fresh round": {
    about: "a leader answers a question without asking whether it still leads",
    budget: { suspicions: 1, reads: 1 },
  },
  "two fast paths in one epoch": {
    about: "a leader proposes others at the same ballot",
    budget: { moves: 2, suspicions: 1 },
    requests: 0,
  },
  "fast path while sealed": {
    about: "a leader that has promised moves its cell, and others accept that though they have promised",
    budget: { moves: 1, suspicions: 1 },
    requests: 0,
  },
  "append after the fast path": {
    about: "a leader that has proposed its whole log makes it longer",
    budget: { moves: 1 },
  },
  "reuse a ballot after a restart": {
    about: "ballots start again from 1 in every life, without the boot number",
    budget: { suspicions: 2, crashes: 1, restarts: 1 },
    only: { crash: [1], suspect: [1] },
    requests: 0,
  },
  "a round without the boot number": {
    about: "acknowledgements of rounds of an earlier life count for a question of this one",
    budget: { suspicions: 1, crashes: 1, restarts: 1, reads: 2 },
    only: {
      accept: [1, 2],
      append: [1, 2],
      crash: [0],
      install: [1, 2],
      promise: [1, 2],
      read: [0],
      suspect: [1],
    },
  },
  "a read that ignores commit": {
    about: "a question is answered from what is appended and not committed",
    budget: { reads: 1 },
  },
  "no second check of the guard after PULL": {
    about: "a member that fetched a proposal's log accepts it whatever it has promised meanwhile",
    budget: { suspicions: 2 },
    only: { append: [], install: [], request: [0], suspect: [0, 1] },
  },
  "acknowledge before the flush": {
    about: "APPENDACK leaves before what it acknowledges is on the disk",
    flush: "apart",
    budget: { crashes: 1, restarts: 1 },
  },
  "send before the flush": {
    about: "every message leaves before the writes that it rests on",
    flush: "apart",
    budget: { crashes: 1, restarts: 1, suspicions: 1 },
  },
  "same incarnation after a lost disk": {
    about: "a peer that lost its disk comes back as who it was",
    budget: { crashes: 1, wipes: 1, suspicions: 1 },
  },
  "re-append across a skipped epoch": {
    about: "a leader appends again what its instance ran two epochs ago",
    budget: { suspicions: 1, moves: 2 },
    only: {
      accept: [1, 2],
      append: [],
      join: [],
      leave: [1, 2],
      promise: [1, 2],
      request: [0, 1],
      retire: [],
      "step-down": [],
      suspect: [1],
    },
    requests: 2,
  },
  "answer before the commit": {
    about: "a response leaves as soon as its entry is appended",
  },
  "start with a damaged log": {
    about: "a peer starts without verifying its log",
    budget: { crashes: 1, restarts: 1, damages: 1 },
  },
}

export const journalMutants: ReadonlyArray<Mutant<JournalOptions>> = Object.entries(sketches).map(
  ([name, { about, ...some }]) => ({
    name,
    about,
    options: sized({ ...some, mutant: name as JournalMutantName }),
  }),
)

/** Explored to the end: all of them hold. Each names what must be met in it. */
const holding: Readonly<Record<string, Partial<JournalOptions>>> = {
  "3 peers, 2 requests, 1 suspicion, false or not": {
    requests: 2,
    budget: { suspicions: 1 },
    witnesses: [
      "an answer",
      "a takeover",
      "a member that pulls what it is to accept",
      "a member that pulls what it is to install",
      "a leader that does not know that it is one no more",
      "a divergent log",
      "a leader behind its barrier",
    ],
  },
  "3 peers, no request, 2 suspicions": {
    requests: 0,
    budget: { suspicions: 2 },
    witnesses: [
      "a takeover",
      "a duel of proposers",
      "a proposal adopted from an earlier ballot",
      "a second change of view",
    ],
  },
  "3 peers, 1 request, 1 suspicion, 1 crash, 1 restart": {
    budget: { suspicions: 1, crashes: 1, restarts: 1 },
    witnesses: ["an answer", "a takeover", "a divergent log", "a sealed member that starts anew"],
  },
  "3 peers, 1 request, 1 crash; a leader serves and every request is answered in the end": {
    budget: { crashes: 1 },
    goals: ["a leader serves", "every request is answered"],
    witnesses: ["an answer", "a takeover", "a leader behind its barrier"],
  },
  "3 peers, 1 request, 1 suspicion, 1 message lost; a leader serves and every request is answered in the end":
    {
      budget: { suspicions: 1, drops: 1 },
      goals: ["a leader serves", "every request is answered"],
      witnesses: ["an answer", "a takeover", "a proposal adopted from an earlier ballot", "a divergent log"],
    },
  "3 peers, no request, 1 crash, 1 suspicion; a leader serves in the end": {
    requests: 0,
    budget: { crashes: 1, suspicions: 1 },
    goals: ["a leader serves"],
    witnesses: ["a takeover", "a duel of proposers", "a second change of view"],
  },
  "3 peers, 1 request, 1 suspicion, 1 expiry": {
    budget: { suspicions: 1, expiries: 1 },
    witnesses: ["an expired session", "a request after an expiry", "a takeover", "a divergent log"],
  },
  "4 peers, r = 3, 1 request, 1 leaves": {
    peers: 4,
    founders: 4,
    budget: { moves: 1 },
    witnesses: [
      "an answer",
      "a decided fast path",
      "a takeover",
      "a member that pulls what it is to install",
      "a newcomer that learned",
      "a member of a later view that was in none before",
      "a former member that retired",
    ],
  },
  "3 peers, 1 request, the leader puts another in its place": {
    budget: { handovers: 1 },
    witnesses: ["an answer", "a decided fast path", "a member that pulls what it is to install"],
  },
  "3 peers, no request, 1 leaves, 1 suspicion": {
    requests: 0,
    budget: { moves: 1, suspicions: 1 },
    witnesses: [
      "a decided fast path",
      "a duel of proposers",
      "a proposal adopted from an earlier ballot",
      "a former member that retired",
      "a second change of view",
    ],
  },
  "3 peers, 1 request, 1 crash, and the disk is lost": {
    budget: { crashes: 1, wipes: 1 },
    witnesses: [
      "an answer",
      "a decided fast path",
      "a newcomer that learned",
      "a member of a later view that was in none before",
    ],
  },
  "3 peers, 1 request, 1 crash, 1 restart, 1 entry damaged on a disk": {
    budget: { crashes: 1, restarts: 1, damages: 1 },
    witnesses: ["an answer", "a leader behind its barrier", "a peer with a damaged log"],
  },
  "5 peers, r = 5, 1 request, 1 suspicion; peer 4 hears nothing, the old leader promises nothing, 2 members append":
    {
      peers: 5,
      founders: 5,
      replicas: 5,
      budget: { suspicions: 1 },
      only: { accept: [1, 2, 3], append: [1, 2], install: [1, 2, 3], promise: [1, 2, 3] },
      witnesses: ["an answer", "a takeover", "a member that pulls what it is to accept", "a divergent log"],
    },
}

export const journalScopes: ReadonlyArray<Scope<JournalOptions>> = Object.entries(holding).map(
  ([name, some]) => ({ name, options: sized(some) }),
)
