import { type Cell, type Peer } from "./Cell.ts"
import { arrival, type JournalRule, receiving, type Rules } from "./JournalRule.ts"
import { step } from "./Step.ts"
import { type Log, NONE, type Proposal } from "./Words.ts"

/** How a decided view is taken on, and how a peer that is none of it lets go (journal.md, INSTALL and RETIRE). */

/** A former member knows of the next view, and has still the log of its own. */
const known = ({ epoch, role }: Peer): number => (role === "former" ? epoch + 1 : epoch)

const install: JournalRule = {
  name: "install",
  by: "peers",
  guard: "INSTALL of a later epoch has come to one of its members, which holds the log that it begins with",
  effect:
    "the view is adopted, the log cut to its length, nothing is promised or accepted; APPENDACK without a round to the new leader",
  enabled: arrival(
    "INSTALL",
    (one, { epoch, proposal }) =>
      one.role !== "damaged" &&
      epoch > known(one) &&
      proposal.members.includes(one.member) &&
      one.log.startsWith(proposal.base),
  ),
  happen: receiving("INSTALL", (cell, at, one, { epoch, proposal }, rules) =>
    adopting(cell, at, one, epoch, proposal, rules),
  ),
}

const fetchToInstall: JournalRule = {
  name: "fetch-to-install",
  by: "peers",
  guard:
    "INSTALL of a later epoch has come to one of its members, which lacks the log that it begins with, or has another",
  effect: "PULL of that log",
  enabled: arrival(
    "INSTALL",
    (one, { epoch, proposal }) =>
      one.role !== "damaged" &&
      epoch > known(one) &&
      proposal.members.includes(one.member) &&
      !one.log.startsWith(proposal.base) &&
      (one.fetch === null ||
        one.fetch.epoch < epoch ||
        (one.fetch.epoch === epoch && one.fetch.ballot !== null)),
  ),
  happen: receiving("INSTALL", (cell, at, one, { epoch, proposal }, rules) =>
    step(cell, at, one, { fetch: { ballot: null, epoch, proposal } }, [], rules),
  ),
}

const installFetched: JournalRule = {
  name: "install-fetched",
  by: "peers",
  guard: "the log of a view to be installed has come, and no later view is known",
  effect:
    "the log is replaced and the view adopted, both or neither; APPENDACK without a round to the new leader",
  enabled: arrival(
    "PULLED",
    (one, { log }) =>
      one.fetch !== null &&
      one.fetch.ballot === null &&
      one.fetch.proposal.base === log &&
      one.fetch.epoch > known(one),
  ),
  happen: receiving("PULLED", (cell, at, one, { log }, rules) =>
    one.fetch === null
      ? cell
      : adopting(cell, at, { ...one, log }, one.fetch.epoch, one.fetch.proposal, rules, one),
  ),
}

const adopting = (
  cell: Cell,
  at: number,
  one: Peer,
  epoch: number,
  proposal: Proposal,
  rules: Rules,
  before: Peer = one,
): Cell => {
  const { base, members } = proposal
  const isLeader = members[0] === one.member
  const keepsRun =
    isLeader &&
    one.ran !== null &&
    (one.ran.epoch + 1 === epoch || rules.mutant === "re-append across a skipped epoch")
  const isKept = keepsRun || rules.mutant === "re-append across a skipped epoch"
  const startLength = isLeader ? base.length : 0
  return step(
    cell,
    at,
    before,
    {
      role: "member",
      epoch,
      view: proposal,
      log: base,
      ballot: NONE,
      accepted: null,
      commit: rules.mutant === "no barrier" ? startLength : 0,
      startLength,
      round: 0,
      read: null,
      ran: isKept && !isPrefix(one.ran?.log, base) ? one.ran : null,
      tried: 0,
      proposing: null,
      fetch: null,
    },
    isLeader ? [] : [{ type: "APPENDACK", epoch, from: one.member, boot: 0, round: 0, length: base.length }],
    rules,
  )
}

const isPrefix = (ran: Log | undefined, base: Log): boolean => ran === undefined || base.startsWith(ran)

const stepDown: JournalRule = {
  name: "step-down",
  by: "peers",
  guard: "INSTALL of the next epoch has come to a member of this one that is none of it",
  effect: "it leads no longer, keeps its log for those of the next view, and tells them INSTALL",
  enabled: arrival(
    "INSTALL",
    (one, { epoch, proposal }) =>
      one.role === "member" && epoch === one.epoch + 1 && !proposal.members.includes(one.member),
  ),
  happen: receiving("INSTALL", (cell, at, one, { proposal }, rules) =>
    step(
      cell,
      at,
      one,
      { role: "former", view: proposal, read: null, proposing: null, fetch: null, ran: null },
      [],
      rules,
    ),
  ),
}

const retire: JournalRule = {
  name: "retire",
  by: "peers",
  guard:
    "the leader of a later epoch, whose log a majority of it holds, says so to somebody who is none of its view",
  effect: "the log goes; only that there is such a view stays",
  enabled: arrival(
    "RETIRE",
    (one, { epoch, members }) =>
      (one.role === "member" || one.role === "former") && epoch > one.epoch && !members.includes(one.member),
  ),
  happen: receiving("RETIRE", (cell, at, one, { epoch }, rules) =>
    step(
      cell,
      at,
      one,
      {
        role: "none",
        epoch,
        log: "",
        ballot: NONE,
        accepted: null,
        read: null,
        ran: null,
        proposing: null,
        fetch: null,
        commit: 0,
        startLength: 0,
        round: 0,
      },
      [],
      rules,
    ),
  ),
}

export const installing: ReadonlyArray<JournalRule> = [
  install,
  fetchToInstall,
  installFetched,
  stepDown,
  retire,
]
