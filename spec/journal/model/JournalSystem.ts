import type { Mutant, Scope, Sizes } from "../../explorer/Subject.ts"
import type { Goal, System } from "../../explorer/System.ts"
import { type Budget, type Cell, cellCode, history, leads, type Peer, peer } from "./Cell.ts"
import { blankPeer, environment, retry } from "./Environment.ts"
import { installing } from "./Installing.ts"
import { invariants } from "./Invariants.ts"
import type { JournalGoal, JournalOptions } from "./JournalOptions.ts"
import type { JournalRule, Place, Rules } from "./JournalRule.ts"
import { journalMutants, journalScopes } from "./JournalScopes.ts"
import { messageText } from "./Message.ts"
import { isActive, replicating } from "./Replicating.ts"
import { due } from "./Step.ts"
import { viewChanging } from "./ViewChanging.ts"
import { witnessNamed } from "./Witnesses.ts"
import { NONE, proposal, text } from "./Words.ts"

/** A rule at a place. */
export interface JournalAction extends Place {
  readonly rule: string
}

/** Everything that may happen in a cell, as data; its order is that of a state's actions. */
export const journalActions: ReadonlyArray<JournalRule> = [
  ...replicating,
  ...viewChanging,
  ...installing,
  ...environment,
  retry,
]

const byName: ReadonlyMap<string, JournalRule> = new Map(journalActions.map((rule) => [rule.name, rule]))
/**
 * What is done as soon as it can be, where only safety is explored: whatever is possible without it is possible after
 * it, and what is claimed of it is claimed most sharply then. What it would mean to put it off forever, the proposer or
 * leader being lost before, is met when the last message that it waits for does not come.
 */
const eager = journalActions.filter(({ name }) => ["decide", "commit", "look"].includes(name))
const tireless = journalActions.filter((rule) => rule !== retry)

/** Explored to the end; the sizes are the scopes' own. */
export const scopes = (sizes: Sizes): ReadonlyArray<Scope<JournalOptions>> => {
  if (sizes.peers !== undefined)
    throw new RangeError("the journal's scopes say themselves how many peers there are")
  if (sizes.rules !== undefined) throw new RangeError("the journal has one set of rules")
  return journalScopes
}

export const mutants: ReadonlyArray<Mutant<JournalOptions>> = journalMutants

export const system = (options: JournalOptions): System<Cell, JournalAction> => {
  const { flush = "within", goals = [], mutant = null, only = {}, replicas, requests } = options
  const rules: Rules = { flush, mutant, replicas, requests }
  const isPatient = goals.length > 0
  return {
    name: mutant === null ? "journal" : `journal, mutant "${mutant}"`,
    initial: [begin(options)],
    actions: (cell) => {
      const actions: Array<JournalAction> = []
      if (!isPatient)
        for (const { enabled, name: rule } of eager)
          for (const place of enabled(cell, rules)) return [{ rule, ...place }]
      let isBusy = false
      for (const { by, enabled, name: rule } of tireless)
        for (const place of enabled(cell, rules)) {
          if (only[rule]?.includes(place.at) === false) continue
          actions.push({ rule, ...place })
          if (by === "peers") isBusy = true
        }
      if (isPatient && !isBusy)
        for (const place of retry.enabled(cell, rules)) actions.push({ rule: retry.name, ...place })
      return actions
    },
    apply: (cell, action) => byName.get(action.rule)?.happen(cell, action, rules) ?? cell,
    fingerprint: cellCode,
    invariants,
    witnesses: (options.witnesses ?? []).map(witnessNamed),
    goals: goals.map((name) => goal(name, requests)),
    describe,
    show,
  }
}

const none: Budget = {
  crashes: 0,
  restarts: 0,
  wipes: 0,
  suspicions: 0,
  moves: 0,
  handovers: 0,
  reads: 0,
  expiries: 0,
  drops: 0,
  damages: 0,
}

const begin = ({ budget, founders, peers: count, replicas }: JournalOptions): Cell => {
  const ring = Array.from({ length: founders }, (_, member) => member)
  const genesis = proposal(ring.slice(0, replicas), "")
  const peers = Array.from({ length: count }, (_, member): Peer =>
    peer(
      genesis.members.includes(member)
        ? { ...blankPeer(member), role: "member", epoch: 0, view: genesis }
        : blankPeer(member),
    ),
  )
  const past = history({
    decided: [{ epoch: 0, proposal: genesis }],
    committed: [],
    held: genesis.members.map((member) => ({ epoch: 0, member, length: 0 })),
    answered: "",
    looks: [],
    deeds: [],
  })
  const messages = peers.flatMap((one) => due(one))
  return { peers, messages, ring, budget: { ...none, ...budget }, history: past }
}

const goal = (name: JournalGoal, requests: number): Goal<Cell, JournalAction> => ({
  name,
  reached: (cell) =>
    name === "a leader serves"
      ? cell.peers.some((one) => leads(one) && isActive(one))
      : cell.history.answered.length === requests,
  fair: ({ rule }) => byName.get(rule)?.by === "peers",
})

const describe = ({ at, message, pick, rule }: JournalAction): string => {
  if (rule === "drop" && message !== undefined) return `drop ${messageText(message)}`
  const about = pick === undefined ? "" : rule === "request" ? ` ${"abcdefg".charAt(pick)}` : ` ${pick}`
  return `${rule} ${at}${about}${message === undefined ? "" : ` (${messageText(message)})`}`
}

const show = ({ history: { answered, committed, decided }, peers }: Cell): ReadonlyArray<string> => [
  ...peers.filter(({ epoch, up }) => epoch >= 0 || !up).map(shown),
  ...decided.slice(1).map(({ epoch, proposal: view }) => `decided as epoch ${epoch}: ${text.proposal(view)}`),
  ...committed.map(({ epoch, log }) => `committed in epoch ${epoch}: ${text.log(log)}`),
  ...(answered === "" ? [] : [`answered: ${text.log(answered)}`]),
]

const shown = (one: Peer): string => {
  const { accepted, ballot, commit, epoch, fetch, log, member, proposing, read, role, up, view } = one
  const parts = [
    `${text.member(member)}: ${up ? role : "down"} in epoch ${epoch} (${view.members.map(text.member).join(" ")})`,
    `log ${text.log(log)}`,
    ...(leads(one) ? [`leads${isActive(one) ? "" : ", not active"}, commit ${commit}`] : []),
    ...(ballot === NONE ? [] : [`promised ${text.ballot(ballot)}`]),
    ...(accepted === null
      ? []
      : [`accepted ${text.proposal(accepted.proposal)} at ${text.ballot(accepted.ballot)}`]),
    ...(proposing === null ? [] : [`proposes at ${text.ballot(proposing.ballot)}`]),
    ...(fetch === null ? [] : [`fetches ${text.log(fetch.proposal.base)}`]),
    ...(read === null ? [] : ["is asked to read"]),
  ]
  return parts.join("; ")
}
