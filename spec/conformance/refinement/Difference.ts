import { type Cell, leads, type Peer, type Pending, type Stored } from "../../journal/model/Cell.ts"
import { isCovered, type Message, messageText, sent, type Sent } from "../../journal/model/Message.ts"
import { holds } from "../../journal/model/Step.ts"
import { NONE, text } from "../../journal/model/Words.ts"
import { storedText } from "./JournalMap.ts"

export interface Difference {
  /** Where all that comes earlier in this list is as wanted. */
  readonly in: "state" | "writes under way" | "words"
  readonly text: string
}

/**
 * The first thing in which what the model has come to is not what was wanted; undefined where there is none. It may
 * have said more than was wanted, since nobody need ever hear it.
 */
export const difference = (reached: Cell, wanted: Cell): Difference | undefined => {
  for (const [at, one] of wanted.peers.entries()) {
    const other = reached.peers[at]
    const found = other === undefined ? "is not there" : differenceAt(other, one)
    if (found !== undefined) return { in: "state", text: `${text.member(one.member)} ${found}` }
  }
  for (const [at, { member, pending }] of wanted.peers.entries()) {
    const found = pendingDifference(reached.peers[at]?.pending ?? [], pending, reached)
    if (found !== undefined) return { in: "writes under way", text: `${text.member(member)} ${found}` }
  }
  const oldest = Math.min(...wanted.peers.map(({ epoch }) => epoch))
  const unsaid = wanted.messages.find(
    // Of an epoch that all have left the model forgets what was said.
    ({ message }) => message.epoch >= oldest && !isSaid(message, reached.messages, reached),
  )
  return unsaid && { in: "words", text: `nobody may say ${messageText(unsaid.message)}` }
}

const differenceAt = (reached: Peer, wanted: Peer): string | undefined => {
  if (reached.up !== wanted.up) return wanted.up ? "is up" : "is down"
  const now = storedDifference(reached, wanted)
  if (now !== undefined || !wanted.up) return now
  const disk = storedDifference(reached.disk ?? reached, wanted.disk ?? wanted)
  if (disk !== undefined) return `on its disk ${disk}`
  return (
    (leads(wanted)
      ? (is("commit", reached.commit, wanted.commit) ??
        is("startLen", reached.startLength, wanted.startLength))
      : undefined) ??
    is("the proposal", proposingText(reached), proposingText(wanted)) ??
    is("the fetch", fetchText(reached), fetchText(wanted))
  )
}

const is = (what: string, a: unknown, b: unknown): string | undefined =>
  a === b ? undefined : `has ${what} ${String(b)}, not ${String(a)}`

const storedDifference = (reached: Stored, wanted: Stored): string | undefined =>
  storedText(reached) === storedText(wanted)
    ? undefined
    : `has ${shown(wanted)}; the model has ${shown(reached)}`

const shown = ({ accepted, ballot, boot, epoch, log, role, view }: Stored): string =>
  [
    `as ${role} of epoch ${epoch} (${text.proposal(view)}) in life ${boot}`,
    text.log(log),
    ...(ballot === NONE ? [] : [`promised ${text.ballot(ballot)}`]),
    ...(accepted === null
      ? []
      : [`accepted ${text.proposal(accepted.proposal)} at ${text.ballot(accepted.ballot)}`]),
  ].join(", ")

const proposingText = ({ proposing }: Peer): string =>
  proposing === null
    ? "none"
    : `at ${text.ballot(proposing.ballot)}${proposing.proposal === null ? "" : `: ${text.proposal(proposing.proposal)}`}`

const fetchText = ({ fetch }: Peer): string =>
  fetch === null
    ? "none"
    : `for epoch ${fetch.epoch}${fetch.ballot === null ? "" : ` at ${text.ballot(fetch.ballot)}`}: ${text.proposal(fetch.proposal)}`

/** Whether the same is written in the same order, and nothing leaves before what it waits for in the model. */
const pendingDifference = (
  reached: ReadonlyArray<Pending>,
  wanted: ReadonlyArray<Pending>,
  cell: Cell,
): string | undefined => {
  if (reached.length !== wanted.length)
    return `has ${wanted.length} writes under way, and the model ${reached.length}`
  const out: Array<Sent> = [...cell.messages]
  for (const [index, { messages, stored }] of wanted.entries()) {
    const other = reached[index]
    if (other === undefined) return "has a write under way"
    const found = storedDifference(other.stored, stored)
    if (found !== undefined) return `is about to store: ${found}`
    out.push(...other.messages)
    const early = messages.find(({ message }) => !isSaid(message, out, cell))
    if (early !== undefined)
      return `says ${messageText(early.message)} once write ${index + 1} is on its disk`
  }
  return undefined
}

/** Whether that, or what says more, is among them. */
const isSaid = (message: Message, among: ReadonlyArray<Sent>, cell: Cell): boolean => {
  const { epoch, type } = message
  switch (type) {
    case "APPENDACK": {
      // That members of genesis begin with nothing is known.
      if (epoch === 0 && message.length === 0 && message.boot <= 1) return true
      return among.some(({ message: other }) => other.type === "APPENDACK" && isCovered(message, other))
    }
    case "APPEND":
      // A leader may say so much at any time: what it has, or a first part of it to a member that has no more.
      return among.some(
        ({ message: other }) =>
          other.type === "APPEND" &&
          other.epoch === epoch &&
          other.from === message.from &&
          other.boot === message.boot &&
          other.log.startsWith(message.log),
      )
    case "PULL":
      // In the model whoever has the log may answer at once, and the question is gone.
      if (isSaid({ ...message, type: "PULLED" }, among, cell)) return true
      break
    case "PULLED":
      // Who is down now may have said it before. The map has only what is on its way, has come, or may be had of somebody.
      if (cell.peers.some((one) => holds({ ...one, up: true }, message.log))) return true
      break
    default:
      break
  }
  const { code: wanted } = sent(message)
  return among.some(({ code }) => code === wanted)
}
