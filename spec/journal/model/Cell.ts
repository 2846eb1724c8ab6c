import { type Message, type Sent, sent } from "./Message.ts"
import {
  type Accepted,
  type Ballot,
  code,
  DAMAGED,
  type Log,
  majority,
  type Member,
  NONE,
  type Proposal,
  sessionStart,
} from "./Words.ts"

/** One cell with all that has to do with it: its peers, their messages, what has happened, and what yet may. */
export interface Cell {
  /** By place. */
  readonly peers: ReadonlyArray<Peer>
  /** In the order of their codes. */
  readonly messages: ReadonlyArray<Sent>
  /** The live peers clockwise from the cell's home: the first r of them are desired. */
  readonly ring: ReadonlyArray<Member>
  readonly budget: Budget
  readonly history: History
}

/** How often the environment may yet do what it does. */
export interface Budget {
  readonly crashes: number
  readonly restarts: number
  /** A restart of somebody who lost the disk. */
  readonly wipes: number
  /** Somebody proposes because it takes the leader for dead, rightly or not. */
  readonly suspicions: number
  /** Peers join the ring, or leave it. */
  readonly moves: number
  /** A leader puts another member first, so that it leads. */
  readonly handovers: number
  readonly reads: number
  readonly expiries: number
  readonly drops: number
  readonly damages: number
}

/** What is on a peer's disk (journal.md, State of a replica). */
export interface Stored {
  readonly boot: number
  /** `former`: not in the next view, which it knows, and keeps its log for it. `none`: knows nothing, or has retired. */
  readonly role: "none" | "member" | "former" | "damaged"
  /** The latest that it knows; -1: none. */
  readonly epoch: number
  /** That of `epoch`, or of the next epoch for a former member. */
  readonly view: Proposal
  readonly log: Log
  /** The highest promised; NONE: it is not sealed. */
  readonly ballot: Ballot
  readonly accepted: Accepted | null
}

export interface Plain extends Stored {
  readonly member: Member
  readonly up: boolean
  /** Steps whose writes are not on the disk yet: what they write, and what is to leave after. Oldest first. */
  readonly pending: ReadonlyArray<Pending>
  /** What is on the disk where some writes are pending; null: the same as in memory. */
  readonly disk: Stored | null
  /** As leader: entries known to be committed, and the log's length when it was installed or started. */
  readonly commit: number
  readonly startLength: number
  /** The latest round that was begun. */
  readonly round: number
  readonly read: Read | null
  /** What its instance has applied as that of a leader, and in which epoch. */
  readonly ran: { readonly epoch: number; readonly log: Log } | null
  /** Counter of the highest ballot that it proposed at in this life. */
  readonly tried: number
  readonly proposing: { readonly ballot: Ballot; readonly proposal: Proposal | null } | null
  /** The log of a proposal to accept (with its ballot), or of a view to install, is on its way. */
  readonly fetch: {
    readonly ballot: Ballot | null
    readonly epoch: number
    readonly proposal: Proposal
  } | null
}

export interface Peer extends Plain {
  /** All of it in a few characters. */
  readonly code: string
}

export interface Pending {
  readonly stored: Stored
  readonly messages: ReadonlyArray<Sent>
}

/** A question that only looks. */
export interface Read {
  /** Length of the leader's log as it came. */
  readonly length: number
  readonly round: number
  /** What was committed as it came. */
  readonly due: Log
}

/** What somebody knows who sees everything and forgets nothing; the protocol does not. */
export interface History {
  /** Every view that was decided, with its epoch. */
  readonly decided: ReadonlyArray<Decided>
  /** What leaders took for committed, and in which epoch: of each epoch the longest, and all that contradict it. */
  readonly committed: ReadonlyArray<Committed>
  /** By epoch and member: how much it had on its disk as a member of that epoch, before it was sealed. */
  readonly held: ReadonlyArray<Held>
  /** Entries whose responses left, in the order in which they did. */
  readonly answered: Log
  readonly looks: ReadonlyArray<Look>
  /** What members did while they were sealed; there must be none. */
  readonly deeds: ReadonlyArray<string>
  readonly code: string
}

export interface Decided {
  readonly epoch: number
  readonly proposal: Proposal
}

export interface Committed {
  readonly epoch: number
  readonly log: Log
}

export interface Held {
  readonly epoch: number
  readonly member: Member
  readonly length: number
}

/** A question that only looked was answered. */
export interface Look {
  readonly due: Log
  readonly shown: Log
  /** What was committed when it was answered. */
  readonly committed: Log
}

const roles: ReadonlyArray<Stored["role"]> = ["none", "member", "former", "damaged"]

const storedCode = ({ accepted, ballot, boot, epoch, log, role, view }: Stored): string =>
  code(boot, roles.indexOf(role), epoch, ballot, log.length) +
  log +
  view.code +
  (accepted === null ? "-" : `+${code(accepted.ballot)}${accepted.proposal.code}`)

export const peer = (plain: Plain): Peer => {
  const { commit, disk, fetch, member, pending, proposing, ran, read, round, startLength, tried, up } = plain
  let all = code(member, up ? 1 : 0) + storedCode(plain)
  if (up) {
    all += code(commit, startLength, round, tried)
    if (read !== null) all += `r${code(read.length, read.round)}${read.due}`
    if (ran !== null) all += `s${code(ran.epoch)}${ran.log}`
    if (proposing !== null) all += `p${code(proposing.ballot)}${proposing.proposal?.code ?? ""}`
    if (fetch !== null) all += `f${code(fetch.ballot ?? NONE, fetch.epoch)}${fetch.proposal.code}`
    if (disk !== null) all += `d${storedCode(disk)}`
    for (const { messages, stored } of pending)
      all += `q${storedCode(stored)}${messages.map((one) => one.code).join("m")}`
  }
  return { ...plain, code: all }
}

export const history = (plain: Omit<History, "code">): History => {
  const { answered, committed, decided, deeds, held, looks } = plain
  let all = `${answered}|`
  for (const { epoch, proposal } of decided) all += code(epoch) + proposal.code
  all += "|"
  for (const { epoch, log } of committed) all += code(epoch, log.length) + log
  all += "|"
  for (const { epoch, member, length } of held) all += code(epoch, member, length)
  all += "|"
  for (const { due, shown, committed: then } of looks) all += `${due},${shown},${then};`
  return { ...plain, code: deeds.length === 0 ? all : `${all}|${deeds.join("|")}` }
}

/** All of a cell in some hundred characters. */
export const cellCode = ({ budget, history: past, messages, peers, ring }: Cell): string => {
  const { crashes, damages, drops, expiries, handovers, moves, reads, restarts, suspicions, wipes } = budget
  let all = code(
    crashes,
    restarts,
    wipes,
    suspicions,
    moves,
    reads,
    expiries,
    drops,
    damages,
    handovers,
    ...ring,
  )
  for (const one of peers) all += `${one.code}\n`
  for (const one of messages) all += `${one.code}\n`
  return all + past.code
}

/** The same cell after these were sent; who says something twice has said it once. */
export const withSent = (messages: ReadonlyArray<Sent>, more: ReadonlyArray<Sent>): ReadonlyArray<Sent> => {
  let all = messages
  for (const one of more) {
    const at = indexFor(all, one.code)
    if (all[at]?.code !== one.code) all = [...all.slice(0, at), one, ...all.slice(at)]
  }
  return all
}

export const isSent = (messages: ReadonlyArray<Sent>, message: Message): boolean => {
  const { code: wanted } = sent(message)
  return messages[indexFor(messages, wanted)]?.code === wanted
}

/** Where it stands, or would stand. */
const indexFor = (messages: ReadonlyArray<Sent>, wanted: string): number => {
  let [low, high] = [0, messages.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.code ?? "") < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** The same past, with somebody's log in it as far as it counts. */
export const withHeld = (past: History, { epoch, member, length }: Held): History => {
  const at = past.held.findIndex((one) => one.epoch === epoch && one.member === member)
  const before = past.held[at]?.length ?? -1
  if (length <= before) return past
  const held = at < 0 ? [...past.held] : past.held.toSpliced(at, 1)
  held.push({ epoch, member, length })
  held.sort((a, b) => a.epoch - b.epoch || a.member - b.member)
  return history({ ...past, held })
}

/** The same past, in which a leader took that log for committed. */
export const withCommitted = (past: History, { epoch, log }: Committed): History => {
  if (past.committed.some((one) => one.epoch === epoch && one.log.startsWith(log))) return past
  const others = past.committed.filter((one) => one.epoch !== epoch || !log.startsWith(one.log))
  const committed = [...others, { epoch, log }].toSorted(
    (a, b) => a.epoch - b.epoch || (a.log < b.log ? -1 : 1),
  )
  return history({ ...past, committed })
}

/** The longest log that anybody took for committed. */
export const committedLog = ({ committed }: History): Log => {
  let longest = ""
  for (const { log } of committed) if (log.length > longest.length) longest = log
  return longest
}

export const isMemberOf = ({ epoch, role, view, member }: Plain, inEpoch: number): boolean =>
  role === "member" && epoch === inEpoch && view.members.includes(member)

/** The first of its view, as far as it knows, sealed or not. */
export const isFirst = ({ member, role, up, view }: Plain): boolean =>
  up && role === "member" && view.members[0] === member

/** The leader of its epoch, as far as it knows: once sealed it is one no more. */
export const leads = (one: Plain): boolean => isFirst(one) && one.ballot === NONE

/** Whether its log is what was written; if not, it takes no part, and ChainVerifies says whether it does. */
export const isWhole = ({ log }: Stored): boolean => !log.includes(DAMAGED)

/** The log on its disk. */
export const storedLog = ({ disk, log }: Plain): Log => (disk === null ? log : disk.log)

/** What its instance has applied and its log lacks: nothing, as long as it leads and is served by its own log. */
export const lacking = ({ epoch, log, ran }: Plain): Log => {
  if (ran === null || ran.epoch === epoch) return ""
  return Array.from(ran.log, (entry) => (log.includes(entry) ? "" : entry)).join("")
}

/** How many requests the service has counted for the session. */
export const counted = (log: Log): number => log.length - sessionStart(log)

export const hasMajority = ({ view }: Plain, agrees: (member: Member) => boolean): boolean =>
  view.members.filter(agrees).length >= majority(view.members)

/** Something that every message of the kind is asked, and how many different peers it holds for. */
export const someOf = <T extends Message["type"]>(
  { messages }: Cell,
  type: T,
  test: (message: Extract<Message, { readonly type: T }>) => boolean,
): ReadonlyArray<Extract<Message, { readonly type: T }>> => {
  const found: Array<Extract<Message, { readonly type: T }>> = []
  for (const { message } of messages) {
    if (message.type !== type) continue
    const one = message as Extract<Message, { readonly type: T }>
    if (test(one)) found.push(one)
  }
  return found
}
