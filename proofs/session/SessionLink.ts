import type { Counterpart } from "../link/Counterpart.ts"

/** What spec/session explores, action by action, and what is proved of it (Session.ts). */
export const sessionCounterparts: ReadonlyArray<Counterpart> = [
  {
    explored: "send",
    guard: "the client has the answer to all that it sent; there is something left to send",
    proved: null,
    note: "any request may come at any time, again, or never",
  },
  {
    explored: "begin",
    guard:
      "the peer leads; a request has come whose id is not known: not queued, running, uncommitted or committed; none runs; all of the journal is in the instance, which is not tainted; the session is not fenced",
    proved: "run",
    note: "at a peer that leads no more and does not know it: stray",
  },
  {
    explored: "finish",
    guard: "the service has answered; nothing of the peer's own is to be appended again first",
    proved: "journal",
    note: "at a peer that does not lead: taint, or nothing while it does not know it",
  },
  {
    explored: "reappend",
    guard: "the peer leads e + 1, led e in the same life, and its instance has run what the base lacks",
    proved: null,
    note: "one step with the takeover",
  },
  {
    explored: "commit",
    guard: "the peer leads the latest epoch, and has appended what is not committed",
    proved: "commit",
    note: "any entry of the journal, with all before it",
  },
  {
    explored: "answer",
    guard: "the leader has the request in its log, and it is committed",
    proved: "answer",
    note: "any committed entry's, in any order, and again",
  },
  {
    explored: "replay",
    guard:
      "the instance lacks an entry that is committed, or that the peer's own log begins with; it is not tainted and runs nothing",
    proved: "replay",
    note: "uncommitted entries may be applied too; at a peer that leads no more and does not know it: stray",
  },
  {
    explored: "renew",
    guard: "the instance is tainted, and runs nothing",
    proved: "renew",
    note: "any instance, at any time",
  },
  {
    explored: "learn",
    guard: "a later view is decided, which another leads",
    proved: "learn",
    note: "or taint, by what the comparison with the base says; nothing of who did not lead",
  },
  {
    explored: "takeover",
    guard: "a peer is up; takeovers are left",
    proved: "change-view",
    note: "who led the view before, in the same life: reappend; and taint of one whose request still runs",
  },
  {
    explored: "crash",
    guard: "a peer is up; crashes are left",
    proved: "renew",
    note: "what it had still to append again goes with it: change-view to its own log",
  },
  {
    explored: "time-out",
    guard: "the service does not answer; time-outs are left",
    proved: "renew",
    note: "after journal: the entry says that it is to be skipped, and to replay it is to pass over it",
  },
  {
    explored: "diverge",
    guard:
      "an instance has applied nothing yet, and there is something to hold it against; divergences are left",
    proved: null,
    note: "NOT COVERED: an instance does what it is asked; that a difference fences the session is explored",
  },
]

/** Actions of the proof that are named by no row's first word, but in notes. */
export const otherActions: ReadonlyArray<string> = ["stray", "taint", "reappend"]

/** Each invariant that is explored, and the obligations that prove it: their names begin so. */
export const sessionClaims: ReadonlyArray<{
  readonly explored: string
  readonly proved: ReadonlyArray<string>
  readonly note: string
}> = [
  { explored: "OncePerRequest", proved: ["session/run"], note: "no id that is journaled is run again" },
  {
    explored: "InClientsOrder",
    proved: [],
    note: "one request of a client at a time is what the client does; the journal's order is what is proved",
  },
  { explored: "EffectsOnce", proved: ["session/ServesWhatIsJournaled"], note: "of whoever runs a request" },
  {
    explored: "ResponsesAreCommitted",
    proved: ["session/answer"],
    note: "the invariant AnsweredIsCommitted",
  },
  { explored: "CleanInstancesAgree", proved: ["session/ServesWhatIsJournaled"], note: "of whoever serves" },
  { explored: "FencedIsSilent", proved: [], note: "divergences are left out" },
]

/** Mutants of one side only, and why the other has none. */
export const mutantsOfSpecOnly: Readonly<Record<string, string>> = {
  "replay without comparing": "divergences are left out",
  "an instance that outlives its peer": "an instance is known by what it has applied, whoever starts it",
  "replay what was skipped": "to replay a skipped entry is to pass over it",
}
export const mutantsOfProofOnly: Readonly<Record<string, string>> = {
  "two at a time": "spec's instance has room for one",
  "replay out of order": "spec's instance counts what it has applied",
  "a base without what was committed": "spec's takeover draws from bases that have it",
  "learn without comparing": "spec: serve from a tainted instance",
}
