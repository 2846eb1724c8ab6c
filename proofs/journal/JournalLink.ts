import type { Counterpart } from "../link/Counterpart.ts"

const anyEntries = "an append may bring anything: activity, ids, sessions and what was run are not spoken of"

/** What spec/journal/model explores, action by action, and what is proved of it (EpochProtocol.ts). */
export const journalCounterparts: ReadonlyArray<Counterpart> = [
  {
    explored: "request",
    guard:
      "the peer leads, is active and is not sealed; nothing of its own is to be appended again; the id is not known",
    proved: "request",
    note: anyEntries,
  },
  {
    explored: "reappend",
    guard:
      "the peer leads e + 1, led e in the same life, is active and not sealed, and its instance ran what the base lacks",
    proved: "request",
    note: anyEntries,
  },
  {
    explored: "expire",
    guard:
      "the peer leads, is active and not sealed, and the session has entries, all of them committed; expiries are left",
    proved: "request",
    note: anyEntries,
  },
  {
    explored: "append",
    guard:
      "APPEND of the epoch has come from the view's first member; the receiver is a member and not sealed",
    proved: "append",
    note: "any log that the leader has had may come, at any time and again",
  },
  {
    explored: "commit",
    guard:
      "the peer leads and is not sealed; a majority of the view, itself by its own disk, has stored more than it took for committed",
    proved: "commit",
    note: "it only counts itself; that a majority acknowledged is the premise of what is concluded",
  },
  {
    explored: "promise",
    guard: "PREPARE of the epoch has come to a member that has promised no ballot as high",
    proved: "promise",
    note: "any ballot may be prepared by anybody; a promise that was lost is said again, and changes nothing",
  },
  {
    explored: "choose",
    guard: "a proposer has promises at its ballot from a majority of the view",
    proved: "choose",
    note: "any members may be proposed; a ballot is proposed at once only, since it holds who proposes and the boot number",
  },
  {
    explored: "accept",
    guard:
      "ACCEPT of the epoch has come to a member that has promised no higher ballot and holds the proposal's log",
    proved: "accept",
    note: "the log is held before or with it",
  },
  {
    explored: "accept-fetched",
    guard:
      "the log of a proposal to be accepted has come; the epoch is the same, and still no higher ballot is promised",
    proved: "accept",
    note: "the log is held before or with it",
  },
  {
    explored: "fast-path",
    guard:
      "the leader is active and not sealed; the desired members are others than the view's, and newcomers have learned the log",
    proved: "fast-path",
    note: "any members may be proposed, active or not",
  },
  {
    explored: "hand-over",
    guard:
      "the leader is active and not sealed, and proposes nothing; the desired members are the view's; hand-overs are left",
    proved: "fast-path",
    note: "any members may be proposed, in any order, active or not",
  },
  {
    explored: "install",
    guard: "INSTALL of a later epoch has come to one of its members, which holds the log that it begins with",
    proved: "install",
    note: "of the epoch that is installed; the one before is left as it is",
  },
  {
    explored: "install-fetched",
    guard: "the log of a view to be installed has come, and no later view is known",
    proved: "install",
    note: "of the epoch that is installed; the one before is left as it is",
  },
  {
    explored: "fetch-to-accept",
    guard:
      "ACCEPT of the epoch has come to a member that has promised no higher ballot and lacks the proposal's log",
    proved: null,
    note: "how a log is got is left out",
  },
  {
    explored: "give-up",
    guard: "a log is fetched for a proposal that may not be accepted any more: a higher ballot is promised",
    proved: null,
    note: "how a log is got is left out",
  },
  {
    explored: "fetch-to-install",
    guard:
      "INSTALL of a later epoch has come to one of its members, which lacks the log that it begins with, or has another",
    proved: null,
    note: "how a log is got is left out",
  },
  {
    explored: "send-log",
    guard: "PULL has come to somebody who holds the log",
    proved: null,
    note: "how a log is got is left out",
  },
  {
    explored: "learn",
    guard: "somebody who is no member and is to become one hears the leader's log",
    proved: null,
    note: "who is no member yet acknowledges nothing",
  },
  {
    explored: "decide",
    guard: "a majority of the view has accepted what the proposer proposes, at its ballot",
    proved: null,
    note: "nothing is stored: that a majority accepted is the premise of what is concluded",
  },
  {
    explored: "step-down",
    guard: "INSTALL of the next epoch has come to a member of this one that is none of it",
    proved: null,
    note: "it does no more in this epoch, which it never had to",
  },
  {
    explored: "retire",
    guard:
      "the leader of a later epoch, whose log a majority of it holds, says so to somebody who is none of its view",
    proved: null,
    note: "it does no more in this epoch, which it never had to",
  },
  {
    explored: "read",
    guard:
      "the peer leads, is active and not sealed, and nothing of its own is to be appended again; reads are left",
    proved: null,
    note: "reads and rounds are left out",
  },
  {
    explored: "look",
    guard:
      "the peer still leads and is not sealed; a majority has acknowledged the question's round or a later one of this life; all that its log had when the question came is committed",
    proved: null,
    note: "reads and rounds are left out",
  },
  {
    explored: "answer",
    guard: "an entry is in the leader's log",
    proved: null,
    note: "a mutant's; answers are proved of session",
  },
  {
    explored: "suspect",
    guard: "a member of the latest epoch that it knows does not propose; suspicions are left",
    proved: null,
    note: "any ballot may be prepared by anybody at any time",
  },
  {
    explored: "retry",
    guard:
      "nothing else is left to be done by peers; a member is sealed or its leader is gone, and a majority of its view is up in its epoch",
    proved: null,
    note: "any ballot may be prepared by anybody at any time",
  },
  {
    explored: "leave",
    guard: "a peer is on the ring, and others would be left; moves are left",
    proved: null,
    note: "any members may be proposed",
  },
  {
    explored: "join",
    guard: "a peer is not on the ring; moves are left",
    proved: null,
    note: "any members may be proposed",
  },
  {
    explored: "repeat",
    guard: "a peer said something that is not answered, and it is lost",
    proved: null,
    note: "a message is told by what it leaves behind: it may come at any time, again, or never",
  },
  {
    explored: "drop",
    guard: "a message is under way; drops are left",
    proved: null,
    note: "a message is told by what it leaves behind: it may come at any time, again, or never",
  },
  {
    explored: "crash",
    guard: "a peer is up; crashes are left",
    proved: null,
    note: "all that is spoken of is on disks",
  },
  {
    explored: "restart",
    guard: "a peer is down; restarts are left",
    proved: null,
    note: "all that is spoken of is on disks",
  },
  {
    explored: "wipe",
    guard: "a peer is down; wipes are left",
    proved: null,
    note: "who lost its disk is somebody else, and does no more as who it was",
  },
  {
    explored: "flush",
    guard: "writes of a peer are under way",
    proved: null,
    note: "NOT COVERED: a step and its writes are one; that messages leave after them is explored",
  },
  {
    explored: "damage",
    guard: "a peer is down, and an entry is on its disk; damages are left",
    proved: null,
    note: "NOT COVERED: a disk gives back what was written; that it is noticed if not is explored",
  },
]

/** Each invariant that is explored, and the obligations that prove it: their names begin so. */
export const journalClaims: ReadonlyArray<{
  readonly explored: string
  readonly proved: ReadonlyArray<string>
  readonly note: string
}> = [
  { explored: "LogsOfOneEpoch", proved: ["journal/OneLogPerEpoch"], note: "I1" },
  { explored: "OneViewPerEpoch", proved: ["journal/OneViewDecided"], note: "I2" },
  {
    explored: "BasesHoldCommitted",
    proved: ["journal/CommittedInEveryBase", "journal/chain/Basis", "journal/chain/Step"],
    note: "I3",
  },
  {
    explored: "CommittedStays",
    proved: ["journal/chain/CommittedStays", "session/journal"],
    note: "I4: of entries; that no id is in it twice is of session",
  },
  { explored: "MajorityCommits", proved: [], note: "I5: what committed means here, by definition" },
  { explored: "SealedStandsStill", proved: ["journal/sealed/"], note: "I6" },
  { explored: "ReadsSeeCommitted", proved: [], note: "I7: reads and rounds are left out" },
  { explored: "ChainVerifies", proved: [], note: "I8: logs are spoken of by reference, not by their hashes" },
  { explored: "ChainOfViews", proved: ["journal/chain/OneChain"], note: "I9" },
  { explored: "ResponsesAreCommitted", proved: ["session/answer"], note: "I10" },
  { explored: "AcceptedIsHeld", proved: ["journal/accept"], note: "the invariant of this name" },
  { explored: "EffectsOnce", proved: ["session/ServesWhatIsJournaled"], note: "of session" },
]

/** Mutants that are explored and of which one epoch on disks knows nothing. */
export const mutantsOfSpecOnly: Readonly<Record<string, string>> = {
  "acknowledge empty heartbeats while sealed": "an acknowledgement is of a log, not of a round",
  "duplicates looked up among committed entries only": "of session",
  "no barrier": "reads are left out",
  "read without a fresh round": "reads are left out",
  "a round without the boot number": "reads are left out",
  "a read that ignores commit": "reads are left out",
  "no second check of the guard after PULL": "the guard is checked as the log is held: accept blindly",
  "acknowledge before the flush": "a step and its writes are one",
  "send before the flush": "a step and its writes are one",
  "same incarnation after a lost disk": "disks are not lost",
  "re-append across a skipped epoch": "of session",
  "answer before the commit": "of session",
  "start with a damaged log": "disks give back what was written",
}
