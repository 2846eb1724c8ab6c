import { type Seeded, seeded } from "../../../spec/conformance/Seeded.ts"
import type { Operation } from "../../history/Operation.ts"
import type { WorkloadName } from "../../plan/Plan.ts"

/** What the session is really like, in a test's service. */
interface Session {
  count: number
  cart: Record<string, number>
  list: Array<unknown>
}

export interface HistoryOptions {
  readonly seed: number
  readonly workload: WorkloadName
  readonly clients: number
  /** Side by side, for each client. */
  readonly processes: number
  readonly calls: number
  /** Chance that nobody learns what became of a call, and that it is refused. */
  readonly lost: number
  readonly refused: number
  /** Whether each client reads at the end. */
  readonly finalReads?: boolean
}

type Draft = Omit<Operation, "index">

/** A history that a service gave which does each thing once, at some time between its beginning and its end. */
export const validHistory = (options: HistoryOptions): ReadonlyArray<Operation> => {
  const random = seeded(options.seed)
  const drafts = Array.from({ length: options.clients }, (_, n) => clientHistory(options, random, n)).flat()
  // The sort is stable: what belongs together stays in order.
  return drafts.toSorted((a, b) => a.time - b.time).map((draft, index) => ({ index, ...draft }))
}

const clientHistory = (options: HistoryOptions, random: Seeded, number: number): ReadonlyArray<Draft> => {
  const { workload, processes, calls, lost, refused } = options
  const session: Session = { count: 0, cart: {}, list: [] }
  const client = `${workload}-${number}`
  const drafts: Array<Draft> = []
  const waiting: Array<() => void> = []
  const free = Array.from({ length: processes }, (_, n) => number * 100 + n)
  let time = 0
  let left = calls
  const note = (draft: Omit<Draft, "time" | "workload" | "client">): void => {
    drafts.push({ ...draft, workload, client, time: (time += 1 + random.below(1_000)) * 1_000 })
  }
  const begin = (process: number): void => {
    const [f, value] = draw(workload, random, calls - left)
    left--
    note({ process, type: "invoke", f, value })
    const isRefused = random.next() < refused
    const isLost = random.next() < lost
    const happens = !isRefused && (!isLost || random.next() < 0.5)
    const finish = (answer: unknown): void => {
      waiting.push(() => {
        free.push(process)
        if (isRefused) note({ process, type: "fail", f, value: null, error: "503" })
        else if (isLost) note({ process, type: "info", f, value: null, error: "no answer" })
        else note({ process, type: "ok", f, value: answer })
      })
    }
    // Some of what nobody learns of happens long after.
    waiting.push(() => finish(happens ? apply(session, f, value, workload) : null))
  }
  const isOver = (): boolean => left === 0 && waiting.length === 0
  while (!isOver()) {
    const mayBegin = left > 0 && free.length > 0
    if (mayBegin && (waiting.length === 0 || random.next() < 0.5)) {
      const [process = 0] = free.splice(random.below(free.length), 1)
      begin(process)
    } else waiting.splice(random.below(waiting.length), 1)[0]?.()
  }
  if (options.finalReads === true) {
    const value = apply(session, "read", null, workload)
    note({ process: number * 100, type: "invoke", f: "read", value: null, final: true })
    note({ process: number * 100, type: "ok", f: "read", value, final: true })
  }
  return drafts
}

const draw = (workload: WorkloadName, random: Seeded, number: number): readonly [Operation["f"], unknown] => {
  if (random.next() < 0.2) return ["read", null]
  if (workload === "ledger") return ["append", number]
  if (workload !== "cart") return ["increment", null]
  const item = ["tea", "honey"][random.below(2)]
  return [random.next() < 0.2 ? "remove" : "add", item]
}

const apply = (session: Session, f: Operation["f"], value: unknown, workload: WorkloadName): unknown => {
  const item = String(value)
  if (f === "increment") return ++session.count
  if (f === "append") return session.list.push(value)
  if (f === "add") session.cart[item] = (session.cart[item] ?? 0) + 1
  if (f === "remove") delete session.cart[item]
  if (f === "read") {
    if (workload === "ledger") return [...session.list]
    if (workload !== "cart") return session.count
  }
  return { ...session.cart }
}
