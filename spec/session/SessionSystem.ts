import type { Mutant, Scope, Sizes } from "../explorer/Subject.ts"
import type { Goal, System, Witness } from "../explorer/System.ts"
import { cleanInstancesAgree } from "./invariants/CleanInstancesAgree.ts"
import { effectsOnce } from "./invariants/EffectsOnce.ts"
import { fencedIsSilent } from "./invariants/FencedIsSilent.ts"
import { inClientsOrder } from "./invariants/InClientsOrder.ts"
import { oncePerRequest } from "./invariants/OncePerRequest.ts"
import { responsesAreCommitted } from "./invariants/ResponsesAreCommitted.ts"
import {
  type Budget,
  entryAt,
  freshInstance,
  logText,
  type Session,
  sessionCode,
  SKIPPED,
  stateText,
} from "./Session.ts"
import { type Place, type Rules, sessionActions, type SessionMutantName } from "./SessionRules.ts"

export interface SessionOptions {
  /** Those that may lead, and have an instance. */
  readonly peers: number
  /** Of the one client, at most 4. */
  readonly requests: number
  readonly budget: Partial<Budget>
  readonly mutant?: SessionMutantName
  readonly witnesses?: ReadonlyArray<SessionWitness>
  /** Whether every request must stay answerable; not where a session may be fenced. */
  readonly answers?: boolean
}

/** A rule at a place. */
export interface SessionAction extends Place {
  readonly rule: string
}

const byName = new Map(sessionActions.map((rule) => [rule.name, rule]))

const invariants = [
  oncePerRequest,
  inClientsOrder,
  effectsOnce,
  responsesAreCommitted,
  cleanInstancesAgree,
  fencedIsSilent,
]

export const system = (options: SessionOptions): System<Session, SessionAction> => {
  const { answers = false, budget, mutant = null, peers, requests } = options
  const rules: Rules = { mutant, requests }
  const some: Budget = { takeovers: 0, crashes: 0, divergences: 0, timeouts: 0, ...budget }
  return {
    name: mutant === null ? "session" : `session, mutant "${mutant}"`,
    initial: [begun(peers, some)],
    actions: (session) =>
      sessionActions.flatMap(({ enabled, name: rule }) =>
        enabled(session, rules).map((place) => ({ rule, ...place })),
      ),
    apply: (session, action) => byName.get(action.rule)?.happen(session, action, rules) ?? session,
    fingerprint: sessionCode,
    invariants,
    witnesses: (options.witnesses ?? []).map((name): Witness<Session> => ({ name, seen: witnesses[name] })),
    goals: answers ? [isAnswered(requests)] : [],
    describe: ({ at, pick, rule }) =>
      rule === "begin"
        ? `begin ${at} ${"abcdefg".charAt(pick ?? 0)}`
        : `${rule} ${at}${pick === undefined ? "" : ` ${pick}`}`,
    show,
  }
}

const begun = (count: number, budget: Budget): Session => ({
  epoch: 0,
  leader: 0,
  base: "",
  committed: "",
  asked: 0,
  answered: "",
  peers: Array.from({ length: count }, (_, at) => ({
    up: true,
    epoch: 0,
    log: at === 0 ? "" : null,
    rest: "",
    instance: freshInstance,
    isFenced: false,
  })),
  budget,
})

const isAnswered = (requests: number): Goal<Session, SessionAction> => ({
  name: "every request is answered",
  reached: ({ answered }) => answered.length === requests,
  fair: ({ rule }) => byName.get(rule)?.by === "peers",
})

const witnesses = {
  "an answer": ({ answered }) => answered.length > 0,
  "a tainted instance": ({ peers }) => peers.some(({ instance }) => instance.isTainted),
  "a leader that does not know that it is one no more": ({ epoch, peers }) =>
    peers.some((peer) => peer.log !== null && peer.epoch < epoch),
  "a takeover that replays": ({ leader, peers }) =>
    peers.some(({ instance, log }, at) => at === leader && instance.applied < (log ?? "").length),
  "entries to be appended again": ({ peers }) => peers.some(({ rest }) => rest !== ""),
  "a request that runs across epochs": ({ peers }) =>
    peers.some(({ epoch, instance, log }) => log !== null && (instance.running?.epoch ?? epoch) < epoch),
  "a fenced session": ({ peers }) => peers.some(({ isFenced }) => isFenced),
  "a skipped request": ({ committed }) =>
    Array.from(committed).some((entry) => entryAt(entry, 0).response === SKIPPED),
  "a standby that has applied": ({ leader, peers }) =>
    peers.some(({ instance }, at) => at !== leader && instance.applied > 0),
} satisfies Readonly<Record<string, (session: Session) => boolean>>

export type SessionWitness = keyof typeof witnesses

const show = ({ answered, committed, epoch, leader, peers }: Session): ReadonlyArray<string> => [
  `epoch ${epoch}, led by ${leader}; committed ${logText(committed)}; answered ${logText(answered)}`,
  ...peers.map(({ epoch: known, instance, isFenced, log, rest }, at) => {
    const { applied, isTainted, running, state } = instance
    const parts = [
      `${at}: ${log === null ? "follows" : `leads with ${logText(log)}`} in epoch ${known}`,
      `instance in "${stateText(state)}", ${applied} applied`,
      ...(running === null ? [] : [`runs ${"abcdefg".charAt(running.request)}`]),
      ...(rest === "" ? [] : [`to append again ${logText(rest)}`]),
      ...(isTainted ? ["tainted"] : []),
      ...(isFenced ? ["fenced"] : []),
    ]
    return parts.join("; ")
  }),
]

const calm: ReadonlyArray<SessionWitness> = [
  "an answer",
  "a tainted instance",
  "a leader that does not know that it is one no more",
  "a takeover that replays",
  "entries to be appended again",
  "a request that runs across epochs",
  "a standby that has applied",
]

/** Explored to the end; the sizes are the scopes' own. */
export const scopes = (sizes: Sizes): ReadonlyArray<Scope<SessionOptions>> => {
  if (sizes.peers !== undefined)
    throw new RangeError("the session's scopes say themselves how many peers there are")
  if (sizes.rules !== undefined) throw new RangeError("a session has one set of rules")
  return [
    {
      name: "2 peers, 2 requests, 2 takeovers, 1 crash; every request stays answerable",
      options: {
        peers: 2,
        requests: 2,
        budget: { takeovers: 2, crashes: 1 },
        answers: true,
        witnesses: calm,
      },
    },
    {
      name: "3 peers, 2 requests, 2 takeovers, 1 time-out; every request stays answerable",
      options: {
        peers: 3,
        requests: 2,
        budget: { takeovers: 2, timeouts: 1 },
        answers: true,
        witnesses: [...calm, "a skipped request"],
      },
    },
    {
      name: "2 peers, 3 requests, 3 takeovers, 1 time-out, 1 divergence",
      options: {
        peers: 2,
        requests: 3,
        budget: { takeovers: 3, timeouts: 1, divergences: 1 },
        witnesses: [...calm, "a skipped request", "a fenced session"],
      },
    },
  ]
}

/** Rules of service.md broken in one place each, in the smallest scope that shows it. */
const sketches: Readonly<
  Record<SessionMutantName, { readonly about: string; readonly budget: Partial<Budget> }>
> = {
  "no second check when the service has answered": {
    about: "what the service answers is appended, whoever leads by then",
    budget: { takeovers: 2 },
  },
  "serve from a tainted instance": {
    about: "an instance serves on that has seen a request which the journal lacks",
    budget: { takeovers: 2 },
  },
  "duplicates looked up among committed entries only": {
    about: "a request that is appended and not committed runs again",
    budget: {},
  },
  "answer before the commit": { about: "a response leaves as soon as its entry is appended", budget: {} },
  "replay without comparing": {
    about: "what a replayed request answers is held against nothing",
    budget: { takeovers: 1, divergences: 1 },
  },
  "an instance that outlives its peer": {
    about: "a peer starts on the instance of its last life",
    budget: { crashes: 1 },
  },
  "replay what was skipped": {
    about: "a request that the service did not answer is run again at replay",
    budget: { timeouts: 1, takeovers: 1 },
  },
  "re-append across a skipped epoch": {
    about: "a leader appends again what its instance ran two epochs ago",
    budget: { takeovers: 2 },
  },
  "serve before all is replayed": {
    about: "a new leader runs requests before its instance has all of the journal",
    budget: { takeovers: 1 },
  },
}

export const mutants: ReadonlyArray<Mutant<SessionOptions>> = Object.entries(sketches).map(
  ([name, { about, budget }]) => ({
    name,
    about,
    options: { peers: 2, requests: 2, budget, mutant: name as SessionMutantName },
  }),
)
