/** Who holds a replica: one incarnation of a peer, as NAME#INCARNATION. What lost its disk is another member. */
export type Member = string

/** How long a log is, and the hash over all that is in it. */
export interface Mark {
  readonly length: number
  readonly head: string
}

export interface Item {
  readonly digest: string
  /** The hash over everything up to this item. */
  readonly head: string
  /** Null once it has expired. */
  readonly bytes: Uint8Array | null
}

/** A log that begins at `start`; what lay before has expired. */
export interface Log {
  readonly start: Mark
  /** `shared[0, length - start.length)` are its items; what lies behind is none of its business. */
  readonly shared: ReadonlyArray<Item>
  readonly length: number
  readonly head: string
}

/** What a view is decided to be: its members, the leader first, and the log that its epoch begins with. */
export interface Proposal {
  readonly members: ReadonlyArray<Member>
  readonly base: Mark
}

/** What of a replica must survive a crash, but for the log (journal.md, State of a replica). */
export interface Record {
  readonly role: "member" | "former" | "tombstone"
  readonly epoch: number
  readonly view: ReadonlyArray<Member>
  readonly base: Mark
  /** The highest ballot promised for the next view, in any form that tells ballots apart; null: not sealed. */
  readonly ballot: string | null
  readonly accepted: { readonly ballot: string; readonly proposal: Proposal } | null
}

/** A replica as its peer's process holds it in memory. */
export interface Replica {
  readonly record: Record
  readonly log: Log
  /** Length of the log that it takes for committed. */
  readonly commit: number
}

/** A replica as it lies on the disk. */
export interface Stored {
  readonly record: Record
  readonly log: Log
}

/** The head hash at `length`, or undefined where the log does not reach. */
export const headAt = (log: Log, length: number): string | undefined => {
  if (length === log.start.length) return log.start.head
  if (length < log.start.length || length > log.length) return undefined
  return log.shared[length - log.start.length - 1]?.head
}

export const itemAt = (log: Log, index: number): Item | undefined =>
  index < log.length ? log.shared[index - log.start.length] : undefined

/** The items in [from, length of the log), as far as the log has them. */
export const itemsFrom = (log: Log, from: number): ReadonlyArray<Item> =>
  log.shared.slice(Math.max(0, from - log.start.length), log.length - log.start.length)

export const majority = (members: ReadonlyArray<Member>): number => Math.floor(members.length / 2) + 1

export const sameProposal = (a: Proposal, b: Proposal): boolean =>
  a.base.length === b.base.length && a.base.head === b.base.head && sameMembers(a.members, b.members)

const sameMembers = (a: ReadonlyArray<Member>, b: ReadonlyArray<Member>): boolean =>
  a.length === b.length && a.every((member, i) => member === b[i])

/** For messages. */
export const proposalText = ({ members, base }: Proposal): string =>
  `${members.join(", ")} from ${base.length}:${base.head.slice(0, 8)}`
