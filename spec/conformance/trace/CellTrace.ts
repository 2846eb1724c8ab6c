import type { ProtocolRecord, TracedEntry, TracedMember } from "../../../core/peer/TraceLine.ts"

/** What happened to a cell's journal at one peer. */
export type CellRecord = Extract<ProtocolRecord, { readonly cell: number }>

type Of<T extends CellRecord["type"]> = Extract<CellRecord, { readonly type: T }>

/** A view, and the log that its epoch begins with. */
interface View {
  readonly members: ReadonlyArray<TracedMember>
  readonly length: number
  readonly head: string
}

/** What a member has of the cell. */
interface Held {
  readonly role: "member" | "former" | "tombstone"
  readonly epoch: number
  readonly ballot: string | null
  /** When the ballot was promised. */
  readonly sealedAt: number
  /** How long the log is that it accepted for the next view to begin with; -1 if it did not. */
  readonly acceptedLength: number
  readonly length: number
}

/** How the log of an epoch looks, as far as anybody told. */
interface EpochLog {
  readonly heads: Map<number, string>
  readonly entries: Map<number, TracedEntry>
}

/** A claim that does not hold, and how. */
export type Broken = readonly [claim: string, problem: string]

const majority = (members: ReadonlyArray<TracedMember>): number => Math.floor(members.length / 2) + 1

/**
 * All that is known of one cell from the traces of its members, seen by somebody who knows which writes were durable
 * when. What contradicts the journal (journal.md) is told at the line that does.
 */
export class CellTrace {
  readonly #cell: number
  /** Whose traces are there: of others nothing is known, and nothing held against anybody. */
  readonly #isTraced: (member: TracedMember) => boolean
  readonly #held = new Map<TracedMember, Held>()
  readonly #durable = new Map<TracedMember, Held>()
  readonly #views = new Map<number, View>()
  readonly #decided = new Map<number, string>()
  /** Who accepted what, durably: by epoch, and by ballot and proposal. */
  readonly #accepts = new Map<string, Set<TracedMember>>()
  /** Longest log that a member held durably in an epoch before it was sealed. */
  readonly #stored = new Map<string, number>()
  readonly #logs = new Map<number, EpochLog>()
  readonly #leaders = new Map<number, TracedMember>()
  /** What is committed, and where each request is. */
  readonly #requests = new Map<string, number>()
  #committed = 0
  #committedIn = 0

  constructor(
    cell: number,
    founded: ReadonlyArray<TracedMember>,
    isTraced: (member: TracedMember) => boolean,
  ) {
    this.#cell = cell
    this.#isTraced = isTraced
    const head = "0".repeat(64)
    this.#views.set(0, { members: founded, length: 0, head })
    this.#decided.set(0, "")
    this.#logs.set(0, { heads: new Map([[0, head]]), entries: new Map() })
    for (const member of founded) {
      const held: Held = {
        role: "member",
        epoch: 0,
        ballot: null,
        sealedAt: 0,
        acceptedLength: -1,
        length: 0,
      }
      this.#held.set(member, held)
      this.#durable.set(member, held)
      this.#stored.set(`0 ${member}`, 0)
    }
  }

  /** How long the log is that is known to be committed. */
  get committed(): number {
    return this.#committed
  }

  /** The latest epoch whose view is known. */
  get epoch(): number {
    return Math.max(...this.#views.keys())
  }

  /** A member starts anew, with what the lines `held` will say. */
  starts(member: TracedMember): void {
    this.#held.delete(member)
  }

  /** After the last line `held` of a start: what was durable must be there, but for a view of genesis in which nothing happened. */
  started(member: TracedMember): Broken | undefined {
    const durable = this.#durable.get(member)
    if (durable === undefined || this.#held.has(member)) return undefined
    const isUntouched = durable.epoch === 0 && durable.length === 0 && durable.ballot === null
    if (!isUntouched) {
      return ["what was durable is there after a restart", `${member} has forgotten cell ${this.#cell}`]
    }
    this.#held.set(member, durable)
    return undefined
  }

  /**
   * A member says something of the cell.
   *
   * @param whenDurable takes what is true once the writes are durable that the line rests on; at once if it does not
   */
  see(
    t: number,
    member: TracedMember,
    record: CellRecord,
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    switch (record.type) {
      case "held":
        return this.#onHeld(member, record)
      case "promised":
      case "accepted":
        return this.#onSealed(t, member, record, whenDurable)
      case "installed":
        return this.#onInstalled(member, record, whenDurable)
      case "replaced":
        return this.#onReplaced(member, record, whenDurable)
      case "stored":
        return this.#onStored(member, record, whenDurable)
      case "acked":
        return this.#onAcked(t, member, record)
      case "committed":
        return this.#onCommitted(member, record)
      case "released":
        return this.#onReleased(member, record)
    }
  }

  #put(member: TracedMember, held: Held, whenDurable: (effect: () => void) => void): void {
    this.#held.set(member, held)
    whenDurable(() => {
      this.#durable.set(member, held)
      if (held.role !== "member" || held.ballot !== null) return
      const key = `${held.epoch} ${member}`
      this.#stored.set(key, Math.max(this.#stored.get(key) ?? -1, held.length))
    })
  }

  #onHeld(member: TracedMember, record: Of<"held">): Broken | undefined {
    const { accepted, ballot, epoch, length, role } = record
    const was = this.#durable.get(member)
    const isLess =
      was !== undefined &&
      (epoch < was.epoch ||
        (epoch === was.epoch &&
          role === was.role &&
          (length < was.length || compareBallots(ballot, was.ballot) < 0)))
    const acceptedLength = accepted?.length ?? -1
    this.#put(member, { role, epoch, ballot, sealedAt: -1, acceptedLength, length }, (effect) => effect())
    if (isLess) {
      return [
        "what was durable is there after a restart",
        `${member} had ${was.length} entries of epoch ${was.epoch} and ballot ${was.ballot}, now ${length} of ${epoch} and ${ballot}`,
      ]
    }
    if (role !== "member") return undefined
    if (accepted !== null) this.#accept(member, epoch, accepted.ballot, accepted)
    return this.#agree(member, epoch, record, (effect) => effect())
  }

  #onSealed(
    t: number,
    member: TracedMember,
    record: Of<"promised"> | Of<"accepted">,
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    const { ballot, epoch } = record
    const held = this.#in(member, epoch)
    if (held === undefined) return this.#elsewhere(member, epoch, record.type)
    const order = compareBallots(ballot, held.ballot)
    const isAccepted = record.type === "accepted"
    if (order < 0 || (order === 0 && !isAccepted)) {
      return ["ballots only grow", `${member} ${record.type} ${ballot} after ${held.ballot}`]
    }
    const acceptedLength = isAccepted ? record.length : held.acceptedLength
    const sealedAt = held.ballot === null ? t : held.sealedAt
    this.#put(member, { ...held, ballot, sealedAt, acceptedLength }, whenDurable)
    if (isAccepted) whenDurable(() => this.#accept(member, epoch, ballot, record))
    return this.#agree(member, epoch, record, whenDurable)
  }

  #accept(member: TracedMember, epoch: number, ballot: string, proposal: View): void {
    const key = `${epoch} ${ballot} ${proposalText(proposal)}`
    const by = this.#accepts.get(key) ?? new Set()
    this.#accepts.set(key, by.add(member))
    if (this.#isMajority(epoch, by)) this.#decide(epoch + 1, proposal)
  }

  #isMajority(epoch: number, by: ReadonlySet<TracedMember>): boolean {
    const members = this.#views.get(epoch)?.members ?? []
    const agreeing = members.filter((one) => by.has(one) || !this.#isTraced(one))
    return members.length > 0 && agreeing.length >= majority(members)
  }

  #decide(epoch: number, proposal: View): void {
    if (this.#decided.has(epoch)) return
    this.#decided.set(epoch, proposalText(proposal))
    this.#know(epoch, proposal)
    this.#commit(epoch - 1, proposal.length)
  }

  /** The view of an epoch, and what its log begins with, as the epoch before left it. */
  #know(epoch: number, view: View): void {
    if (this.#views.has(epoch)) return
    const { head, length, members } = view
    this.#views.set(epoch, { members, length, head })
    const before = this.#logs.get(epoch - 1)
    const heads = upTo(before?.heads, length).set(length, head)
    this.#logs.set(epoch, { heads, entries: upTo(before?.entries, length) })
  }

  #onInstalled(
    member: TracedMember,
    record: Of<"installed">,
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    const { epoch, head, leads, length, members } = record
    const was = this.#held.get(member)
    if (was !== undefined && was.epoch >= epoch) {
      return ["epochs only grow", `${member} installs epoch ${epoch} after ${was.epoch}`]
    }
    if (leads !== (members[0] === member) || !members.includes(member)) {
      return [
        "a view's first member leads it",
        `${member} ${leads ? "leads" : "follows"} in ${members.join()}`,
      ]
    }
    const view = { members, length, head }
    const problem = this.#isDecided(member, epoch, view)
    this.#know(epoch, view)
    // Who accepts and thereby decides does both in one step, and tells only what comes of it.
    if (problem === undefined) whenDurable(() => this.#decide(epoch, view))
    const held: Held = { role: "member", epoch, ballot: null, sealedAt: 0, acceptedLength: -1, length }
    this.#put(member, held, whenDurable)
    if (problem !== undefined) return problem
    if (length < this.#committed && this.#committedIn < epoch) {
      return [
        "a view begins with all that was committed",
        `epoch ${epoch} begins with ${length} entries, and ${this.#committed} were committed by epoch ${this.#committedIn}`,
      ]
    }
    return this.#agree(member, epoch, record, whenDurable)
  }

  /** Decided, or as soon as what this very member accepted is durable. */
  #isDecided(member: TracedMember, epoch: number, view: View): Broken | undefined {
    const decided = this.#decided.get(epoch)
    const text = proposalText(view)
    if (decided === text) return undefined
    const known = this.#views.get(epoch)
    if (decided !== undefined || (known !== undefined && proposalText(known) !== text)) {
      return [
        "one view per epoch",
        `${member} installs ${text} as epoch ${epoch}, which is ${decided ?? (known && proposalText(known))}`,
      ]
    }
    const isDue = [...this.#accepts].some(
      ([key, by]) =>
        key.startsWith(`${epoch - 1} `) &&
        key.endsWith(` ${text}`) &&
        this.#isMajority(epoch - 1, new Set([...by, member])),
    )
    // Without the view before, or with the traces of one member alone, nobody can tell.
    const isUnknown = !this.#views.has(epoch - 1) || this.#isMajority(epoch - 1, new Set([member]))
    if (isDue || isUnknown) return undefined
    return [
      "what is installed was decided",
      `no majority of epoch ${epoch - 1} accepted ${text}, which ${member} installs`,
    ]
  }

  #onReplaced(
    member: TracedMember,
    { epoch, keepsLog, members }: Of<"replaced">,
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    const was = this.#held.get(member)
    // Who keeps its log stays in its epoch, of which the next is another's.
    const own = keepsLog ? epoch - 1 : epoch
    if (was !== undefined && (keepsLog ? was.epoch !== own : was.epoch >= epoch && was.role !== "former")) {
      return ["epochs only grow", `${member} lets go for epoch ${epoch} after ${was.epoch}`]
    }
    if (members.includes(member)) {
      return ["who is a member stays", `${member} lets go for epoch ${epoch}, of which it is a member`]
    }
    const length = keepsLog ? (was?.length ?? 0) : 0
    const role = keepsLog ? "former" : "tombstone"
    this.#put(
      member,
      { role, epoch: own, ballot: null, sealedAt: 0, acceptedLength: -1, length },
      whenDurable,
    )
    return undefined
  }

  #onStored(
    member: TracedMember,
    record: Of<"stored">,
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    const { entries, epoch, length } = record
    const held = this.#in(member, epoch)
    if (held === undefined) return this.#elsewhere(member, epoch, "stores entries")
    if (held.ballot !== null && length > held.acceptedLength) {
      return ["the sealed stand still", `${member} is sealed in epoch ${epoch}, and appends up to ${length}`]
    }
    if (length <= held.length) {
      return ["logs of one epoch grow", `${member} has ${held.length} entries, and stores up to ${length}`]
    }
    this.#put(member, { ...held, length }, whenDurable)
    const problem = this.#agree(member, epoch, record, whenDurable)
    if (problem !== undefined) return problem
    const log = this.#logOf(epoch).entries
    for (const [i, entry] of entries.entries()) {
      const at = length - entries.length + i
      const known = log.get(at) ?? null
      if (entry !== null && known !== null && entryText(entry) !== entryText(known)) {
        return [
          "logs of one epoch agree",
          `${member} stores ${entryText(entry)} as entry ${at} of epoch ${epoch}, which is ${entryText(known)}`,
        ]
      }
      whenDurable(() => log.set(at, entry ?? known))
    }
    whenDurable(() => this.#commitStored(epoch))
    return undefined
  }

  /** What a majority of the view has durably, stored before it was sealed. */
  #commitStored(epoch: number): void {
    const members = this.#views.get(epoch)?.members ?? []
    const lengths = members
      .map((one) => (this.#isTraced(one) ? (this.#stored.get(`${epoch} ${one}`) ?? -1) : Infinity))
      .toSorted((a, b) => b - a)
    const length = lengths[majority(members) - 1] ?? -1
    if (Number.isFinite(length)) this.#commit(epoch, length)
  }

  #commit(epoch: number, length: number): void {
    if (length <= this.#committed) return
    const { entries } = this.#logOf(epoch)
    for (let at = this.#committed; at < length; at++) {
      const entry = entries.get(at) ?? null
      if (entry === null) continue
      if (entry.id === null) {
        for (const key of this.#requests.keys()) {
          if (key.startsWith(`${entry.client}\0`)) this.#requests.delete(key)
        }
        continue
      }
      const key = `${entry.client}\0${entry.id}`
      const first = this.#requests.get(key)
      if (first !== undefined) this.#twice ??= `${entryText(entry)} is in entries ${first} and ${at}`
      this.#requests.set(key, at)
    }
    this.#committed = length
    this.#committedIn = epoch
  }

  /** A request that was committed twice, told at the next line that speaks of what is committed. */
  #twice: string | undefined

  #onAcked(t: number, member: TracedMember, { epoch, length, to }: Of<"acked">): Broken | undefined {
    const held = this.#in(member, epoch)
    if (held === undefined) return this.#elsewhere(member, epoch, "acknowledges")
    if (held.ballot !== null && held.sealedAt !== t) {
      return [
        "the sealed stand still",
        `${member} promised ${held.ballot}, and acknowledges ${length} entries`,
      ]
    }
    if (length > held.length) {
      return [
        "what is acknowledged is held",
        `${member} acknowledges ${length} entries, and holds ${held.length}`,
      ]
    }
    const leader = this.#views.get(epoch)?.members[0]
    return leader === undefined || leader === to
      ? undefined
      : ["a view's first member leads it", `${member} acknowledges to ${to} in the epoch of ${leader}`]
  }

  #onCommitted(member: TracedMember, { epoch, length }: Of<"committed">): Broken | undefined {
    const held = this.#in(member, epoch)
    if (held === undefined) return this.#elsewhere(member, epoch, "commits")
    if (this.#twice !== undefined) return ["no request twice", this.#twice]
    this.#commitStored(epoch)
    const others = (this.#views.get(epoch)?.members ?? []).filter((one) => !this.#isTraced(one))
    if (length <= this.#committed || others.length > 0) return undefined
    return [
      "what is committed is stored by a majority",
      `${member} takes ${length} entries for committed in epoch ${epoch}, of which ${this.#committed} are`,
    ]
  }

  #onReleased(member: TracedMember, { client, entry, epoch, id }: Of<"released">): Broken | undefined {
    const known = this.#leaders.get(epoch)
    this.#leaders.set(epoch, member)
    const leader = known ?? this.#views.get(epoch)?.members[0]
    if (leader !== undefined && leader !== member) {
      return ["one leader per epoch", `${member} answers in epoch ${epoch}, which ${leader} leads`]
    }
    if (this.#twice !== undefined) return ["no request twice", this.#twice]
    if (entry === null) return undefined
    const others = (this.#views.get(epoch)?.members ?? []).filter((one) => !this.#isTraced(one))
    if (entry >= this.#committed) {
      if (others.length > 0) return undefined
      return [
        "what is released is committed",
        `${member} answers ${id} of ${client} from entry ${entry}, and ${this.#committed} are committed`,
      ]
    }
    const found = this.#logOf(this.#committedIn).entries.get(entry) ?? null
    if (found === null || id === "" || (found.client === client && found.id === id)) return undefined
    return [
      "what is released is committed",
      `${member} answers ${id} of ${client} from entry ${entry}, which is ${entryText(found)}`,
    ]
  }

  #in(member: TracedMember, epoch: number): Held | undefined {
    const held = this.#held.get(member)
    return held?.role === "member" && held.epoch === epoch ? held : undefined
  }

  #elsewhere(member: TracedMember, epoch: number, does: string): Broken {
    const held = this.#held.get(member)
    const is = held === undefined ? "has nothing of it" : `is ${held.role} in epoch ${held.epoch}`
    return ["everybody acts in its own epoch", `${member} ${does} in epoch ${epoch}, and ${is}`]
  }

  #logOf(epoch: number): EpochLog {
    const known = this.#logs.get(epoch)
    if (known !== undefined) return known
    const fresh: EpochLog = { heads: new Map(), entries: new Map() }
    this.#logs.set(epoch, fresh)
    return fresh
  }

  /** A log of that epoch is what others durably have. */
  #agree(
    member: TracedMember,
    epoch: number,
    { head, length }: { readonly head: string; readonly length: number },
    whenDurable: (effect: () => void) => void,
  ): Broken | undefined {
    const { heads } = this.#logOf(epoch)
    const known = heads.get(length)
    // What is not durable may be lost, and something else may be appended in its place.
    if (known === undefined) whenDurable(() => heads.set(length, head))
    if (known === undefined || known === head) return undefined
    return [
      "logs of one epoch agree",
      `${member} has ${head.slice(0, 8)} at ${length} in epoch ${epoch}, others have ${known.slice(0, 8)}`,
    ]
  }
}

const upTo = <A>(from: ReadonlyMap<number, A> | undefined, end: number): Map<number, A> =>
  new Map([...(from ?? [])].filter(([at]) => at < end))

const proposalText = ({ head, length, members }: View): string =>
  `${members.join(",")} from ${length}:${head.slice(0, 16)}`

const entryText = (entry: NonNullable<TracedEntry>): string =>
  entry.id === null ? `the end of ${entry.client}` : `${entry.id} of ${entry.client}`

/** By counter, then ring id, then boot; none is lower than any. */
const compareBallots = (a: string | null, b: string | null): number => {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  const [counterA = "", idA = "", bootA = ""] = a.split("/")
  const [counterB = "", idB = "", bootB = ""] = b.split("/")
  if (counterA !== counterB) return Number(counterA) - Number(counterB)
  if (idA !== idB) return idA < idB ? -1 : 1
  return Number(bootA) - Number(bootB)
}
