import type { Happening } from "./Happening.ts"
import {
  headAt,
  type Item,
  itemAt,
  type Log,
  majority,
  type Member,
  type Proposal,
  type Record,
  sameProposal,
  type Stored,
} from "./Replica.ts"
import type { EntryFact } from "./Service.ts"

/** A place of the journal that is committed: once and for all. */
export interface Committed {
  readonly head: string
  /** Null if it had expired before anybody looked. */
  readonly entry: EntryFact | null
  /** The epoch in which it was committed. */
  readonly epoch: number
}

/** A proposal, and who accepted it at one ballot; another at the same ballot would be counted apart. */
interface Accepts {
  readonly proposal: Proposal
  readonly by: Set<Member>
}

/**
 * What has happened in one cell so far, as somebody knows it who sees all disks and forgets nothing. What is in
 * memory counts for nothing here: it may be gone the next moment. The first word on anything stays: what contradicts
 * it later is for the claims to say.
 */
export class History {
  /** The view of each epoch, with the log it begins with: that of genesis, then as each was first stored. */
  readonly views = new Map<number, Proposal>()
  /** The view of each epoch as a majority of the view before accepted it, at one ballot. */
  readonly decided = new Map<number, Proposal>()
  /**
   * What is committed: a majority of an epoch's view stored it, each before it was sealed; or a view was decided which
   * begins with it.
   */
  readonly committed: Array<Committed> = []
  /** Places that were committed by the last happening. */
  fresh = 0
  readonly #read: (bytes: Uint8Array) => EntryFact
  readonly #entries = new Map<string, EntryFact>()
  /** The longest log that was ever on a disk in an epoch, by index; and its heads, by length. */
  readonly #logs = new Map<number, Array<Item | undefined>>()
  readonly #heads = new Map<number, Array<string | undefined>>()
  readonly #accepts = new Map<number, Map<string, Accepts>>()
  readonly #stored = new Map<number, Map<Member, number>>()
  /** By epoch: up to where entries were committed in it. */
  readonly #committedUpTo = new Map<number, number>()

  /** @param read tells what is in an entry's bytes */
  constructor(genesis: Proposal, read: (bytes: Uint8Array) => EntryFact) {
    this.views.set(0, genesis)
    this.decided.set(0, genesis)
    this.#read = read
  }

  record(happening: Happening): void {
    this.fresh = 0
    if (happening.type === "recorded") this.#onRecord(happening.member, happening.record)
    if (happening.type === "stored") this.#onStored(happening.member, happening.stored)
  }

  /** Length of the log that the member held on its disk in that epoch, not being sealed; -1 if it was not there. */
  storedBy(epoch: number, member: Member): number {
    return this.#stored.get(epoch)?.get(member) ?? -1
  }

  /** Whether a majority of the members of that epoch's view accepted it, at that ballot. */
  isChosen(epoch: number, ballot: string, proposal: Proposal): boolean {
    const accepts = this.#accepts.get(epoch)?.get(keyOf(ballot, proposal))
    return accepts !== undefined && this.#isMajority(epoch, accepts.by)
  }

  /** Whether the view is decided, or will be as soon as the member has stored that it accepts it. */
  isDecided(epoch: number, proposal: Proposal, member: Member): boolean {
    const decided = this.decided.get(epoch)
    if (decided !== undefined) return sameProposal(decided, proposal)
    if (this.#isMajority(epoch - 1, new Set([member]))) return true
    return [...(this.#accepts.get(epoch - 1)?.values() ?? [])].some(
      (accepts) =>
        sameProposal(accepts.proposal, proposal) &&
        this.#isMajority(epoch - 1, new Set([...accepts.by, member])),
    )
  }

  /**
   * The views that the cell needs a majority of, for its log and for its next decision: the latest that was decided, the
   * one before until a majority has installed it, and those that anybody accepted for the next.
   */
  inForce(): ReadonlyArray<ReadonlyArray<Member>> {
    const epoch = Math.max(...this.decided.keys())
    const members = this.decided.get(epoch)?.members ?? []
    const installed = members.filter((member) => this.storedBy(epoch, member) >= 0)
    const before = this.decided.get(epoch - 1)?.members
    const proposed = [...(this.#accepts.get(epoch)?.values() ?? [])].map(({ proposal }) => proposal.members)
    const isHeld = before === undefined || installed.length >= majority(members)
    return [members, ...(isHeld ? [] : [before]), ...proposed]
  }

  /** How many places were committed in epochs before that one. */
  committedBefore(epoch: number): number {
    let count = 0
    for (const [one, upTo] of this.#committedUpTo) if (one < epoch) count = Math.max(count, upTo)
    return count
  }

  /** The head at `length` of the logs that were on disks in that epoch; undefined where none reached. */
  headOf(epoch: number, length: number): string | undefined {
    return this.#heads.get(epoch)?.[length]
  }

  /** Where the log differs from those that were on a disk in that epoch, if it does. */
  clash(epoch: number, log: Log): number | undefined {
    const both = Math.min((this.#heads.get(epoch)?.length ?? 0) - 1, log.length)
    if (both < 0) return undefined
    const [head, known] = [headAt(log, both), this.headOf(epoch, both)]
    return head === undefined || known === undefined || head === known ? undefined : both
  }

  #isMajority(epoch: number, by: ReadonlySet<Member>): boolean {
    const view = this.views.get(epoch)
    return (
      view !== undefined && view.members.filter((member) => by.has(member)).length >= majority(view.members)
    )
  }

  #onRecord(member: Member, { role, epoch, accepted }: Record): void {
    if (role !== "member" || accepted === null) return
    const { ballot, proposal } = accepted
    const inEpoch = this.#accepts.get(epoch) ?? new Map<string, Accepts>()
    this.#accepts.set(epoch, inEpoch)
    const accepts = inEpoch.get(keyOf(ballot, proposal)) ?? { proposal, by: new Set() }
    inEpoch.set(keyOf(ballot, proposal), accepts)
    accepts.by.add(member)
    if (this.decided.has(epoch + 1) || !this.isChosen(epoch, ballot, proposal)) return
    this.decided.set(epoch + 1, proposal)
    this.#commit(epoch, proposal.base.length)
  }

  #onStored(member: Member, { record, log }: Stored): void {
    const { epoch, role, view, base, ballot } = record
    if (role !== "member") return
    if (!this.views.has(epoch)) this.views.set(epoch, { members: view, base })
    this.#keepLog(epoch, log)
    if (ballot !== null) return
    const inEpoch = this.#stored.get(epoch) ?? new Map<Member, number>()
    this.#stored.set(epoch, inEpoch)
    inEpoch.set(member, Math.max(this.storedBy(epoch, member), log.length))
    const lengths = view.map((one) => this.storedBy(epoch, one)).toSorted((a, b) => b - a)
    this.#commit(epoch, lengths[majority(view) - 1] ?? -1)
  }

  #commit(epoch: number, length: number): void {
    const log = this.#logs.get(epoch)
    for (let index = this.committed.length; index < length; index++) {
      const item = log?.[index]
      if (item === undefined) return
      this.committed.push({ head: item.head, entry: this.#entries.get(item.digest) ?? null, epoch })
      this.#committedUpTo.set(epoch, index + 1)
      this.fresh++
    }
  }

  #keepLog(epoch: number, log: Log): void {
    const items = this.#logs.get(epoch) ?? []
    const heads = this.#heads.get(epoch) ?? []
    this.#logs.set(epoch, items)
    this.#heads.set(epoch, heads)
    if (this.clash(epoch, log) !== undefined) return
    // What a log begins with is gone here, and may be there elsewhere.
    heads[log.start.length] ??= log.start.head
    for (let index = Math.max(items.length, log.start.length); index < log.length; index++) {
      const item = itemAt(log, index)
      items[index] = item
      heads[index + 1] = item?.head
      if (item === undefined || item.bytes === null || this.#entries.has(item.digest)) continue
      this.#entries.set(item.digest, this.#read(item.bytes))
    }
  }
}

const keyOf = (ballot: string, { members, base }: Proposal): string =>
  `${ballot} ${members.join()} ${base.length} ${base.head}`
