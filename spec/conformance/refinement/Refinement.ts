import { type Cell, peer, type Peer, type Pending, withSent } from "../../journal/model/Cell.ts"
import { environment } from "../../journal/model/Environment.ts"
import { installing } from "../../journal/model/Installing.ts"
import { doing, type JournalRule, type Rules, where } from "../../journal/model/JournalRule.ts"
import { type Message, sent, type Sent } from "../../journal/model/Message.ts"
import { replicating } from "../../journal/model/Replicating.ts"
import { viewChanging } from "../../journal/model/ViewChanging.ts"
import { encoded, entryAt, type Log, type Member, placeOfBallot } from "../../journal/model/Words.ts"
import { type Difference, difference } from "./Difference.ts"
import { storedText } from "./JournalMap.ts"

/** How a step of core is told in the words of the model. */
export interface Told {
  /** The actions of the model that it is, none if nothing of it shows there; null: no few of them lead there. */
  readonly actions: ReadonlyArray<string> | null
  /** What is otherwise than the model could have it, where its actions come nearest. */
  readonly unexplained: string
}

/** Where the step was taken, and what of the environment it may be. */
export interface Where {
  /** Peers by place; nothing happens at others. */
  readonly at: ReadonlyArray<number>
  readonly acts: ReadonlyArray<"crash" | "restart" | "suspect" | "hand-over">
  /** What came to the peer, if the model has such a message. */
  readonly message: Message | undefined
  readonly requests: number
}

/** Actions of the model that one step of core may be, at most, and cells of the model that are looked at to find them. */
const MOST = 6
const MOST_CELLS = 4_000

interface Reached {
  readonly cell: Cell
  readonly actions: ReadonlyArray<string>
}

/** The fewest actions of the model that lead from one cell to the other. */
export const told = (from: Cell, to: Cell, { acts, at, message, requests }: Where): Told => {
  const rules: Rules = { flush: "apart", mutant: null, replicas: 3, requests }
  const allowed = [...own, ...befalling.filter(({ name }) => acts.some((act) => act === name))]
  let nearest = difference(from, to)
  if (nearest === undefined) return { actions: [], unexplained: "" }
  const seen = new Set<string>()
  const before = new Set(from.messages.map(({ code }) => code))
  if (message !== undefined) before.delete(sent(message).code)
  let frontier: ReadonlyArray<Reached> = [{ cell: from, actions: [] }]
  for (let depth = 1; depth <= MOST && seen.size < MOST_CELLS; depth++) {
    frontier = frontier.flatMap((one) => next(one, at, allowed, rules, before, seen))
    for (const { actions, cell } of frontier) {
      const found = difference(cell, to)
      if (found === undefined) return { actions, unexplained: "" }
      if (ranks.indexOf(found.in) > ranks.indexOf(nearest.in)) nearest = found
    }
  }
  return { actions: null, unexplained: nearest.text }
}

const ranks: ReadonlyArray<Difference["in"]> = ["state", "writes under way", "words"]

const named = (
  rules: ReadonlyArray<JournalRule>,
  names: ReadonlyArray<string>,
): ReadonlyArray<JournalRule> => {
  const found = rules.filter(({ name }) => names.includes(name))
  if (found.length !== names.length) throw new RangeError(`no rules for all of ${names.join(", ")}`)
  return found
}

/**
 * What is in memory only a peer may give up at any time. A proposer that is beaten, which REFUSE tells it, merely never
 * gets its majority in the model; and who fetches a log in order to install a view may fetch it in order to accept that
 * view instead.
 */
const relinquishing = (name: string, what: "proposing" | "fetch"): JournalRule => ({
  name,
  by: "peers",
  guard: `there is something in ${what}`,
  effect: "it is forgotten",
  enabled: where((one) => one[what] !== null),
  happen: doing((cell, at, one) => ({ ...cell, peers: cell.peers.with(at, peer({ ...one, [what]: null })) })),
})

/** What peers do by themselves, but for what is only said again; reads, expiry, newcomers and damage are not mapped. */
const own: ReadonlyArray<JournalRule> = [
  ...named(replicating, ["request", "append", "commit"]),
  ...named(viewChanging, [
    "promise",
    "choose",
    "accept",
    "fetch-to-accept",
    "accept-fetched",
    "give-up",
    "decide",
    "fast-path",
  ]),
  ...named(installing, ["install", "fetch-to-install", "install-fetched", "step-down", "retire"]),
  ...named(environment, ["flush"]),
  relinquishing("give-up-proposing", "proposing"),
  relinquishing("give-up-fetching", "fetch"),
]

const befalling = [
  ...named(environment, ["crash", "restart", "suspect"]),
  ...named(viewChanging, ["hand-over"]),
]

const next = (
  { actions, cell }: Reached,
  at: ReadonlyArray<number>,
  allowed: ReadonlyArray<JournalRule>,
  rules: Rules,
  before: ReadonlySet<string>,
  seen: Set<string>,
): ReadonlyArray<Reached> => {
  const found: Array<Reached> = []
  for (const one of at) {
    const heard = heardBy(cell, one, before, actions.includes("decide"))
    for (const rule of allowed) {
      const { name } = rule
      for (const there of results(rule, cell, heard, one, rules)) {
        const after = normal(there, one, name === "request")
        const code = [...after.peers, ...after.messages].map((other) => other.code).join("\n")
        if (seen.has(code)) continue
        seen.add(code)
        found.push({ cell: after, actions: [...actions, name] })
      }
    }
  }
  return found
}

/** What is after the rule was followed at that peer, in every way that there is. */
const results = (
  { enabled, happen, name }: JournalRule,
  cell: Cell,
  heard: Cell,
  at: number,
  rules: Rules,
): ReadonlyArray<Cell> => {
  const places = enabled(heard, rules).filter((place) => place.at === at)
  if (name !== "commit") return places.map((place) => happen(cell, place, rules))
  // A leader of the model takes for committed what all that was ever said allows; one that has not heard the longest
  // acknowledgements yet, less.
  return places.flatMap((place) => {
    const most = happen(cell, place, rules).peers[at]?.commit ?? 0
    return Array.from({ length: most - (cell.peers[at]?.commit ?? 0) }, (_, fewer) => {
      const messages = cell.messages.filter(
        ({ message }) => message.type !== "APPENDACK" || message.length <= most - fewer,
      )
      const after = happen({ ...cell, messages }, place, rules)
      return { ...after, messages: withSent(after.messages, cell.messages) }
    })
  })
}

/**
 * The cell as it is there for a peer in this step: what came to it and what it says meanwhile, also to itself, which rests
 * on nothing that is yet to reach the disk; of all else that is on its way, what is only counted.
 *
 * @param before what was on its way before the step and did not come to the peer in it
 */
const heardBy = (cell: Cell, at: Member, before: ReadonlySet<string>, decides: boolean): Cell => {
  const messages = cell.messages.filter(
    ({ code, message }) =>
      counted.has(message.type) ||
      !before.has(code) ||
      isByItself(message, at) ||
      (decides && message.type === "INSTALL"),
  )
  const waiting = (cell.peers[at]?.pending ?? []).flatMap((one) =>
    one.messages.filter(({ message }) => isQuestion(message)),
  )
  return { ...cell, messages: withSent(messages, waiting) }
}

const counted: ReadonlySet<Message["type"]> = new Set<Message["type"]>([
  "APPENDACK",
  "PROMISE",
  "ACCEPTED",
  "PULLED",
])

const isQuestion = ({ type }: Message): boolean =>
  type === "PREPARE" || type === "ACCEPT" || type === "INSTALL"

/** A proposer asks itself again too. */
const isByItself = (message: Message, at: Member): boolean =>
  (message.type === "PREPARE" || message.type === "ACCEPT") && placeOfBallot(message.ballot) === at

/** The cell in the map's words: entries say nothing of their epoch, and what writes nothing waits with what does. */
const normal = (cell: Cell, at: number, isLonger: boolean): Cell => {
  const before = cell.peers[at]
  if (before === undefined) return cell
  const made = isLonger ? before.log.slice(-1) : ""
  const label =
    made === "" || entryAt(made, 0).epoch === 0
      ? null
      : { made, as: encoded({ ...entryAt(made, 0), epoch: 0 }) }
  if (label === null && before.pending.length === 0) return cell
  const one = label === null ? before : relabelled(before, label)
  const pending = collapsed(one)
  const peers = cell.peers.with(at, peer({ ...one, pending }))
  const messages =
    label === null
      ? cell.messages
      : withSent(
          [],
          cell.messages.map((said) => saying(said, label)),
        )
  return { ...cell, peers, messages }
}

interface Label {
  readonly made: Log
  readonly as: Log
}

const relabelled = (one: Peer, label: Label): Peer => {
  const inLog = (log: Log): Log => log.replace(label.made, label.as)
  const pending = one.pending.map(({ messages, stored }) => ({
    stored: { ...stored, log: inLog(stored.log) },
    messages: messages.map((said) => saying(said, label)),
  }))
  return { ...one, log: inLog(one.log), pending }
}

/** Nothing but APPEND tells of an entry in the step that makes it. */
const saying = (said: Sent, { as, made }: Label): Sent => {
  const { message } = said
  return message.type === "APPEND" && message.log.includes(made)
    ? sent({ ...message, log: message.log.replace(made, as) })
    : said
}

const collapsed = ({ disk, pending }: Peer): ReadonlyArray<Pending> => {
  let before = disk
  const all: Array<Pending> = []
  for (const one of pending) {
    const last = all.at(-1)
    if (last !== undefined && before !== null && storedText(before) === storedText(one.stored))
      all[all.length - 1] = { ...last, messages: [...last.messages, ...one.messages] }
    else all.push(one)
    before = one.stored
  }
  return all
}
