import {
  DIVERGED,
  doing,
  encoded,
  entryAt,
  freshInstance,
  has,
  type Instance,
  type Log,
  type Peer,
  type Session,
  SKIPPED,
} from "./Session.ts"

export type SessionMutantName =
  | "no second check when the service has answered"
  | "serve from a tainted instance"
  | "duplicates looked up among committed entries only"
  | "answer before the commit"
  | "replay without comparing"
  | "an instance that outlives its peer"
  | "replay what was skipped"
  | "re-append across a skipped epoch"
  | "serve before all is replayed"

/** At which peer, and which of several. */
export interface Place {
  readonly at: number
  readonly pick?: number
}

export interface Rules {
  readonly requests: number
  readonly mutant: SessionMutantName | null
}

/** One thing that may happen in a session, in words and as a program. */
export interface SessionRule {
  readonly name: string
  readonly by: "peers" | "environment"
  /** When it may happen, in the words of service.md and journal.md. */
  readonly guard: string
  readonly effect: string
  readonly enabled: (session: Session, rules: Rules) => ReadonlyArray<Place>
  readonly happen: (session: Session, place: Place, rules: Rules) => Session
}

const where =
  (test: (peer: Peer, session: Session, at: number, rules: Rules) => boolean): SessionRule["enabled"] =>
  (session, rules) =>
    session.peers.flatMap((peer, at) => (peer.up && test(peer, session, at, rules) ? [{ at }] : []))

const changing =
  (change: (peer: Peer, session: Session, rules: Rules) => Partial<Peer>): SessionRule["happen"] =>
  (session, { at }, rules) => {
    const peer = session.peers[at]
    return peer === undefined ? session : withPeer(session, at, { ...peer, ...change(peer, session, rules) })
  }

const withPeer = (session: Session, at: number, peer: Peer): Session => ({
  ...session,
  peers: session.peers.with(at, peer),
})

/** What a peer has of the journal: as leader its log, else what is committed, as far as its epoch goes. */
const journalOf = ({ log }: Peer, { committed }: Session): Log => log ?? committed

const maySkip = ({ mutant }: Rules): boolean => mutant === "re-append across a skipped epoch"

const send: SessionRule = {
  name: "send",
  by: "peers",
  guard: "the client has the answer to all that it sent; there is something left to send",
  effect: "it sends its next request, and sends it again until it is answered",
  enabled: ({ answered, asked }, { requests }) =>
    asked < requests && answered.length === asked ? [{ at: 0 }] : [],
  happen: (session) => ({ ...session, asked: session.asked + 1 }),
}

const begin: SessionRule = {
  name: "begin",
  by: "peers",
  guard:
    "the peer leads; a request has come whose id is not known: not queued, running, uncommitted or committed; none runs; all of the journal is in the instance, which is not tainted; the session is not fenced",
  effect: "the instance runs the request",
  enabled: (session, rules) =>
    where(({ instance, isFenced, log, rest }) => {
      if (log === null || rest !== "" || isFenced || instance.running !== null) return false
      if (instance.isTainted && rules.mutant !== "serve from a tainted instance") return false
      return (
        instance.applied === log.length ||
        rules.mutant === "serve before all is replayed" ||
        instance.isTainted
      )
    })(session, rules).flatMap(({ at }) => {
      const { log } = session.peers[at] ?? { log: null }
      const known =
        rules.mutant === "duplicates looked up among committed entries only" ? session.committed : log
      return Array.from({ length: session.asked }, (_, pick) => ({ at, pick })).filter(
        ({ pick }) => !has(known ?? "", pick),
      )
    }),
  happen: (session, { at, pick = 0 }) => {
    const peer = session.peers[at]
    if (peer === undefined) return session
    const { instance } = peer
    const running = { request: pick, epoch: peer.epoch }
    return withPeer(session, at, {
      ...peer,
      instance: { ...instance, running, state: doing(instance.state, pick + 1) },
    })
  },
}

const finish: SessionRule = {
  name: "finish",
  by: "peers",
  guard: "the service has answered; nothing of the peer's own is to be appended again first",
  effect:
    "if the peer still leads, in that epoch or the next one: request and response are appended; else the instance is tainted",
  enabled: where(({ instance, rest }) => instance.running !== null && rest === ""),
  happen: changing((peer, _, rules) => {
    const { epoch, instance, log } = peer
    const { running } = instance
    if (running === null) return {}
    const isUnchecked = rules.mutant === "no second check when the service has answered"
    const isNear = epoch <= running.epoch + 1 || maySkip(rules) || isUnchecked
    if (
      ((log === null || instance.isTainted) &&
        !isUnchecked &&
        rules.mutant !== "serve from a tainted instance") ||
      !isNear
    )
      return { instance: { ...instance, running: null, isTainted: true } }
    return appended(peer, log ?? "", encoded({ request: running.request, response: instance.state }))
  }),
}

const appended = ({ instance }: Peer, log: Log, entry: Log): Partial<Peer> => ({
  log: log + entry,
  instance: { ...instance, running: null, applied: log.length + 1 },
})

const timeOut: SessionRule = {
  name: "time-out",
  by: "environment",
  guard: "the service does not answer; time-outs are left",
  effect: "it is killed, a fresh one takes its place, and an entry says that this request is to be skipped",
  enabled: (session, rules) =>
    session.budget.timeouts === 0
      ? []
      : where(({ epoch, instance, log }) => log !== null && instance.running?.epoch === epoch)(
          session,
          rules,
        ),
  happen: (session, place, rules) => {
    const after = changing(({ instance, log }) => ({
      log: log + encoded({ request: instance.running?.request ?? 0, response: SKIPPED }),
      instance: freshInstance,
    }))(session, place, rules)
    return { ...after, budget: { ...session.budget, timeouts: session.budget.timeouts - 1 } }
  },
}

const reappend: SessionRule = {
  name: "reappend",
  by: "peers",
  guard: "the peer leads e + 1, led e in the same life, and its instance has run what the base lacks",
  effect: "those entries are appended with the same ids and responses",
  enabled: where(({ log, rest }) => log !== null && rest !== ""),
  happen: changing(({ instance, log, rest }) => {
    const missing = Array.from(rest).filter((entry) => !has(log ?? "", entryAt(entry, 0).request))
    const whole = (log ?? "") + missing.join("")
    return { log: whole, rest: "", instance: { ...instance, applied: whole.length } }
  }),
}

const commit: SessionRule = {
  name: "commit",
  by: "peers",
  guard: "the peer leads the latest epoch, and has appended what is not committed",
  effect: "its next entry is committed",
  enabled: where(
    ({ epoch, log }, session, at) =>
      at === session.leader && epoch === session.epoch && (log?.length ?? 0) > session.committed.length,
  ),
  happen: (session, { at }) => {
    const log = session.peers[at]?.log ?? ""
    return { ...session, committed: log.slice(0, session.committed.length + 1) }
  },
}

const answer: SessionRule = {
  name: "answer",
  by: "peers",
  guard: "the leader has the request in its log, and it is committed",
  effect: "the response of the entry leaves; whoever asks again gets the same",
  enabled: (session, { mutant }) =>
    session.answered.length < session.asked &&
    has(
      mutant === "answer before the commit" ? (session.peers[session.leader]?.log ?? "") : session.committed,
      session.answered.length,
    )
      ? [{ at: session.leader }]
      : [],
  happen: (session, { at }, { mutant }) => {
    const log = mutant === "answer before the commit" ? (session.peers[at]?.log ?? "") : session.committed
    const found = Array.from(log).find((one) => entryAt(one, 0).request === session.answered.length)
    return { ...session, answered: session.answered + (found ?? "") }
  },
}

const replay: SessionRule = {
  name: "replay",
  by: "peers",
  guard:
    "the instance lacks an entry that is committed, or that the peer's own log begins with; it is not tainted and runs nothing",
  effect:
    "it runs the entry, skipped ones excepted; where the response is another than the journal's the session is fenced",
  enabled: where((peer, session) => {
    const { instance, isFenced, rest } = peer
    const isFree = !instance.isTainted && instance.running === null && !isFenced && rest === ""
    return isFree && instance.applied < journalOf(peer, session).length
  }),
  happen: changing((peer, session, { mutant }) => {
    const { instance } = peer
    const { request, response } = entryAt(journalOf(peer, session), instance.applied)
    const applied = instance.applied + 1
    if (response === SKIPPED && mutant !== "replay what was skipped")
      return { instance: { ...instance, applied } }
    const state = doing(instance.state, request + 1)
    const isSame = state === response || response === SKIPPED || mutant === "replay without comparing"
    return { isFenced: !isSame, instance: { ...instance, state, applied } }
  }),
}

const renew: SessionRule = {
  name: "renew",
  by: "peers",
  guard: "the instance is tainted, and runs nothing",
  effect: "a fresh instance takes its place, into which all is replayed",
  enabled: where(({ instance }) => instance.isTainted && instance.running === null),
  happen: changing(() => ({ instance: freshInstance })),
}

/** What an instance has applied a first part of. */
const seenOf = ({ log, rest }: Peer, committed: Log): Log => (log === null ? committed : log + rest)

/** Whether the instance has seen nothing but what that log has, where it has it. */
const isOf = ({ applied, running }: Instance, journal: Log, log: Log): boolean =>
  running === null && log.startsWith(journal.slice(0, applied))

const learn: SessionRule = {
  name: "learn",
  by: "peers",
  guard: "a later view is decided, which another leads",
  effect: "the peer leads no longer; an instance that has seen what the new base may lack is tainted",
  enabled: where(({ epoch }, session, at) => epoch < session.epoch && at !== session.leader),
  happen: changing((peer, { base, committed, epoch }) => ({
    epoch,
    log: null,
    rest: "",
    instance: isOf(peer.instance, seenOf(peer, committed), base)
      ? peer.instance
      : { ...peer.instance, isTainted: true },
  })),
}

const takeover: SessionRule = {
  name: "takeover",
  by: "environment",
  guard: "a peer is up; takeovers are left",
  effect:
    "it leads the next epoch, which begins with all that this one began with or that is committed, and as much more of the last leader's log as its members had; what its instance ran as that of the last leader it remembers, to append them again; an instance that has seen more is tainted",
  enabled: (session) => {
    const { base, budget, committed, leader, peers } = session
    if (budget.takeovers === 0) return []
    const longest = peers[leader]?.log ?? committed
    // What an epoch begins with all of its members hold, committed or not.
    const least = Math.max(committed.length, base.length)
    return peers.flatMap(({ up }, at) =>
      up ? Array.from({ length: longest.length - least + 1 }, (_, more) => ({ at, pick: least + more })) : [],
    )
  },
  happen: (session, { at, pick = 0 }, rules) => {
    const { budget, committed, leader, peers } = session
    const peer = peers[at]
    if (peer === undefined) return session
    const base = (peers[leader]?.log ?? committed).slice(0, pick)
    const epoch = session.epoch + 1
    const before = seenOf(peer, committed)
    const isNext = peer.log !== null && (peer.epoch + 1 === epoch || maySkip(rules))
    // Of an epoch that it led just before, its own log goes on where the base ends.
    const ran = before.slice(0, peer.instance.applied)
    const rest = isNext && ran.length > base.length ? ran.slice(base.length) : ""
    const isClean = isNext || isOf(peer.instance, before, base)
    const instance = isClean ? peer.instance : { ...peer.instance, isTainted: true }
    return {
      ...withPeer(session, at, { ...peer, epoch, log: base, rest, instance }),
      epoch,
      leader: at,
      base,
      budget: { ...budget, takeovers: budget.takeovers - 1 },
    }
  },
}

const crash: SessionRule = {
  name: "crash",
  by: "environment",
  guard: "a peer is up; crashes are left",
  effect:
    "it starts anew with a fresh instance, since the old one dies with it, and leads only what it is made leader of again",
  enabled: (session, rules) => (session.budget.crashes === 0 ? [] : where(() => true)(session, rules)),
  happen: (session, place, rules) => {
    const after = changing(({ instance, log }) => ({
      // Its log is on its disk.
      log,
      rest: "",
      isFenced: false,
      instance:
        rules.mutant === "an instance that outlives its peer"
          ? { ...instance, running: null, applied: 0 }
          : freshInstance,
    }))(session, place, rules)
    return { ...after, budget: { ...session.budget, crashes: session.budget.crashes - 1 } }
  },
}

const diverge: SessionRule = {
  name: "diverge",
  by: "environment",
  guard:
    "an instance has applied nothing yet, and there is something to hold it against; divergences are left",
  effect: "it is in another state than any request led to",
  enabled: (session, rules) =>
    session.budget.divergences === 0
      ? []
      : where(
          ({ instance }, { committed }) =>
            instance.applied === 0 &&
            instance.running === null &&
            Array.from(committed).some((entry) => entryAt(entry, 0).response !== SKIPPED),
        )(session, rules),
  happen: (session, place, rules) => {
    const after = changing(({ instance }) => ({
      instance: { ...instance, state: doing(instance.state, DIVERGED) },
    }))(session, place, rules)
    return { ...after, budget: { ...session.budget, divergences: session.budget.divergences - 1 } }
  },
}

/** Everything that may happen in a session, as data; its order is that of a state's actions. */
export const sessionActions: ReadonlyArray<SessionRule> = [
  send,
  begin,
  finish,
  reappend,
  commit,
  answer,
  replay,
  renew,
  learn,
  takeover,
  crash,
  timeOut,
  diverge,
]
