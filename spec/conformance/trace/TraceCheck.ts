import type { TracedMember } from "../../../core/peer/TraceLine.ts"
import { homeOf } from "../../../core/ring/Cell.ts"
import { type Broken, type CellRecord, CellTrace } from "./CellTrace.ts"
import { type Placed, readTraces, type TraceProblem, type TraceText } from "./ReadTraces.ts"

/** What traces together say. */
export interface TraceVerdict {
  /** Empty: they are a behaviour of the protocol. Else what contradicts it, the earliest first; at most {@link MOST}. */
  readonly problems: ReadonlyArray<TraceProblem>
  readonly lines: number
  /** Members whose traces are there, and members of views whose are not: nothing that rests on them is held against anybody. */
  readonly members: ReadonlyArray<TracedMember>
  readonly untraced: ReadonlyArray<TracedMember>
  readonly cells: number
  readonly committed: number
  readonly released: number
  readonly views: number
  readonly lookups: number
  /** Lookups that took more messages than they should (routing.md, Hops), though fewer than would be wrong. */
  readonly longLookups: number
}

/** Problems after which no more are looked for: the first one is what matters. */
export const MOST = 20

/** Where a process is in its life. */
interface Life {
  readonly boot: number
  seq: number
  starting: boolean
  /** What is true as soon as a write is durable, in order. */
  readonly pending: Array<{ readonly rests: number; readonly effect: () => void }>
}

/** Whether these traces are together a behaviour of the protocol; if not, at which line, and which claim says so. */
export const checkTraces = (traces: ReadonlyArray<TraceText>): TraceVerdict => {
  const { lines, problems } = readTraces(traces)
  const check = new TraceCheck(new Set(lines.map(({ said }) => memberOf(said))))
  const found = [...problems]
  for (const placed of lines) {
    const broken = seen(check, placed)
    if (broken === undefined) continue
    const [claim, problem] = broken
    found.push({ file: placed.file, line: placed.line, claim, problem })
    if (found.length >= MOST) break
  }
  return { ...check.summary(), problems: found, lines: lines.length }
}

/** A line of this type may lack what its type should have: whoever wrote it is not of this version. */
const seen = (check: TraceCheck, placed: Placed): Broken | undefined => {
  try {
    return check.see(placed)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return ["lines are whole", `a line "${placed.said.type}" lacks something that it should say`]
  }
}

const memberOf = ({ incarnation, peer }: Placed["said"]): TracedMember => `${peer}#${incarnation}`

class TraceCheck {
  readonly #traced: ReadonlySet<TracedMember>
  readonly #untraced = new Set<TracedMember>()
  readonly #lives = new Map<TracedMember, Life>()
  readonly #cells = new Map<number, CellTrace>()
  #founded: (cell: number) => ReadonlyArray<TracedMember> = () => []
  #genesis: string | undefined
  #released = 0
  #lookups = 0
  #longLookups = 0

  constructor(traced: ReadonlySet<TracedMember>) {
    this.#traced = traced
  }

  summary(): Omit<TraceVerdict, "problems" | "lines"> {
    const cells = [...this.#cells.values()]
    return {
      members: [...this.#traced].toSorted(),
      untraced: [...this.#untraced].toSorted(),
      cells: cells.length,
      committed: cells.reduce((sum, { committed }) => sum + committed, 0),
      views: cells.reduce((sum, { epoch }) => sum + epoch, 0),
      released: this.#released,
      lookups: this.#lookups,
      longLookups: this.#longLookups,
    }
  }

  see({ said }: Placed): Broken | undefined {
    const member = memberOf(said)
    const life = this.#lifeOf(member, said)
    if ("broken" in life) return life.broken
    if (said.type === "started") return this.#onStarted(said)
    if (said.type !== "held" && life.starting) {
      life.starting = false
      for (const cell of this.#cells.values()) {
        const broken = cell.started(member)
        if (broken !== undefined) return broken
      }
    }
    if (said.type === "durable") return this.#onDurable(life, said.upTo)
    if (said.type === "corrupt") return ["nothing is corrupt", `cell ${said.cell}: ${said.reason}`]
    if (said.type === "lookup") return this.#onLookup(said.hops, said.budget, said.found)
    if (said.type === "released") this.#released++
    if (!isOfCell(said)) return undefined
    if ("members" in said) this.#note(said.members)
    return this.#cellOf(said.cell).see(said.t, member, said, (effect) => {
      if (said.rests === undefined) effect()
      else life.pending.push({ rests: said.rests, effect })
    })
  }

  #lifeOf(member: TracedMember, said: Placed["said"]): Life | { readonly broken: Broken } {
    const known = this.#lives.get(member)
    if (known !== undefined && known.boot === said.boot) {
      if (said.seq === known.seq + 1) {
        known.seq = said.seq
        return known
      }
      const problem = `${member} goes from line ${known.seq} of its boot ${said.boot} to line ${said.seq}`
      known.seq = said.seq
      return { broken: ["no line is missing", problem] }
    }
    const life: Life = { boot: said.boot, seq: said.seq, starting: true, pending: [] }
    this.#lives.set(member, life)
    for (const cell of this.#cells.values()) cell.starts(member)
    if (known !== undefined && said.boot < known.boot) {
      return {
        broken: ["boots only grow", `${member} starts for the ${said.boot}. time after the ${known.boot}.`],
      }
    }
    if (said.seq === 0 && said.type === "started") return life
    return { broken: ["no line is missing", `boot ${said.boot} of ${member} begins with line ${said.seq}`] }
  }

  #onStarted({
    cells,
    founders,
    mode,
    replicas,
  }: Placed["said"] & { readonly type: "started" }): Broken | undefined {
    const genesis = JSON.stringify([
      cells,
      mode,
      replicas,
      founders.map(({ id, member }) => [id, member.split("#")[0]]),
    ])
    if (this.#genesis === undefined) {
      this.#genesis = genesis
      this.#founded = (cell) => {
        const home = homeOf(cell, cells)
        const first = Math.max(
          0,
          founders.findIndex(({ id }) => id >= home),
        )
        return [...founders.slice(first), ...founders.slice(0, first)]
          .slice(0, replicas)
          .map(({ member }) => member)
      }
    }
    return genesis === this.#genesis
      ? undefined
      : ["one genesis", "it was founded in another way than the peers of the other traces"]
  }

  #onDurable(life: Life, upTo: number): undefined {
    while (life.pending[0] !== undefined && life.pending[0].rests <= upTo) life.pending.shift()?.effect()
    return undefined
  }

  #onLookup(hops: number, budget: number, found: string | null): Broken | undefined {
    this.#lookups++
    if (found === null || hops <= budget) return undefined
    this.#longLookups++
    // Beyond its budget it walks successors, and meets nobody twice but for those that came meanwhile.
    const most = budget + 2 * this.#traced.size
    return hops <= most
      ? undefined
      : ["lookups end", `one took ${hops} messages, where ${most} pass everybody twice`]
  }

  #cellOf(number: number): CellTrace {
    const known = this.#cells.get(number)
    if (known !== undefined) return known
    const founded = this.#founded(number)
    this.#note(founded)
    const cell = new CellTrace(number, founded, (member) => this.#traced.has(member))
    this.#cells.set(number, cell)
    return cell
  }

  #note(members: ReadonlyArray<TracedMember>): void {
    for (const member of members) if (!this.#traced.has(member)) this.#untraced.add(member)
  }
}

const CELL_TYPES: ReadonlySet<string> = new Set<CellRecord["type"]>([
  "held",
  "promised",
  "accepted",
  "installed",
  "replaced",
  "stored",
  "acked",
  "committed",
  "released",
])

const isOfCell = (said: Placed["said"]): said is Placed["said"] & CellRecord => CELL_TYPES.has(said.type)
