/**
 * A peer in one of its incarnations: its place, 0 to 7, and 8 for each disk that it lost. Who lost its disk is somebody
 * else.
 */
export type Member = number

export const placeOf = (member: Member): number => member & 7
export const reborn = (member: Member): Member => member + 8

/** -1: none. Ordered by counter, then place, then boot number; counter 0 is the fast path's. */
export type Ballot = number

export const NONE: Ballot = -1
export const ballotOf = (counter: number, place: number, boot: number): Ballot =>
  (counter * 8 + place) * 8 + boot
export const counterOf = (ballot: Ballot): number => (ballot === NONE ? 0 : Math.floor(ballot / 64))
export const placeOfBallot = (ballot: Ballot): number => (ballot >> 3) & 7
export const isFast = (ballot: Ballot): boolean => ballot !== NONE && ballot < 64

/**
 * A character an entry: its text stands for the hash chain, since two logs are the same exactly when their heads are.
 */
export type Log = string

/** An entry is a request and the response that the service gave, or the expiry of the session; and who was first to make it. */
export interface Entry {
  /** EXPIRY, or which request: 0, 1, 2 and so on. */
  readonly request: number
  /** How many requests of the session the instance has applied, this one too: the service counts them. */
  readonly response: number
  /** Epoch in which it was made. */
  readonly epoch: number
}

export const EXPIRY = 7
/** The last epoch that an entry can be said to be of. */
export const MOST_EPOCH = 7
/** What is left of an entry when the disk does not give back what was written. */
export const DAMAGED = "?"

const FIRST = 0x200

/** Encoded once, by the leader that makes it. */
export const encoded = ({ request, response, epoch }: Entry): Log =>
  String.fromCharCode(FIRST + (request * 8 + response) * 8 + epoch)

export const entryAt = (log: Log, index: number): Entry => {
  const word = log.charCodeAt(index) - FIRST
  return { request: word >> 6, response: (word >> 3) & 7, epoch: word & 7 }
}

/** Where the present session begins: after the last expiry. */
export const sessionStart = (log: Log): number => {
  let at = log.length
  while (at > 0 && entryAt(log, at - 1).request !== EXPIRY) at--
  return at
}

/** Where the request stands in the present session; -1: nowhere. */
export const placeIn = (log: Log, request: number): number => {
  for (let at = sessionStart(log); at < log.length; at++) if (entryAt(log, at).request === request) return at
  return -1
}

/** A view that is proposed, or decided: its members, the leader first, and the log that it begins with. */
export interface Proposal {
  readonly members: ReadonlyArray<Member>
  readonly base: Log
  readonly code: string
}

export const proposal = (members: ReadonlyArray<Member>, base: Log): Proposal => ({
  members,
  base,
  code: code(members.length, ...members) + base,
})

export interface Accepted {
  readonly ballot: Ballot
  readonly proposal: Proposal
}

export const majority = (view: ReadonlyArray<Member>): number => Math.floor(view.length / 2) + 1

/** Small whole numbers, from -1 up, a character each. */
export const code = (...numbers: ReadonlyArray<number>): string => {
  let all = ""
  for (const number of numbers) all += String.fromCharCode(number + 1)
  return all
}

/** Words as a reader sees them. */
export const text = {
  member: (member: Member): string => placeOf(member) + "'".repeat(member >> 3),
  /** Counter, place and boot number. */
  ballot: (ballot: Ballot): string => `(${counterOf(ballot)}, ${placeOfBallot(ballot)}, ${ballot & 7})`,
  /** Like `a1 b2 x`: which request, and its response. */
  log: (log: Log): string => {
    const words = Array.from(log, (one) => {
      if (one === DAMAGED) return DAMAGED
      const { request, response, epoch } = entryAt(one, 0)
      return (request === EXPIRY ? "x" : "abcdefg".charAt(request) + response) + "'".repeat(epoch)
    })
    return words.length === 0 ? "nothing" : words.join(" ")
  },
  proposal: ({ members, base }: Proposal): string =>
    `${members.map(text.member).join(" ")} with ${text.log(base)}`,
}
