import { type Seeded, seeded } from "../../spec/conformance/Seeded.ts"
import type { Operation } from "../history/Operation.ts"
import type { Plan, WorkloadName } from "../plan/Plan.ts"
import { HttpAsk } from "./HttpAsk.ts"
import type { Recorder } from "./Recorder.ts"

/** Operations in a session of `short`, its first look included. */
const SHORT = 4
/** How long final reads are tried again, and the pause between two tries, in ms. */
const FINAL_MS = 30_000
const FINAL_PAUSE_MS = 250
/** Sessions whose final reads run at the same time. */
const SIDE_BY_SIDE = 16

interface Session {
  readonly process: number
  readonly workload: WorkloadName
  readonly client: string
  readonly http: HttpAsk
  /** Appended so far. */
  appended: number
}

/** What is asked of the service, in words of the history. */
interface Ask {
  readonly f: Operation["f"]
  readonly value: unknown
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

const paths: Readonly<Record<WorkloadName, string>> = {
  counter: "/session/count",
  cart: "/session/cart",
  ledger: "/user/ledger",
  short: "/session/count",
  hot: "/user/tally",
}

const lookAt = (workload: WorkloadName): Ask => ({
  f: "read",
  value: null,
  method: "GET",
  path: paths[workload],
})

const draw = (session: Session, random: Seeded): Ask => {
  const { workload } = session
  const path = paths[workload]
  if (random.next() < 0.25) return lookAt(workload)
  if (workload === "cart") {
    const value = `item${random.below(4)}`
    return random.next() < 0.3
      ? { f: "remove", value, method: "DELETE", path: `${path}/${value}` }
      : { f: "add", value, method: "POST", path, body: { item: value } }
  }
  if (workload !== "ledger") return { f: "increment", value: null, method: "POST", path }
  const value = session.appended++
  return { f: "append", value, method: "POST", path, body: { number: value } }
}

/** All clients of a plan, each with a connection of its own, at the plan's rates. */
export class Workloads {
  private readonly plan: Plan
  private readonly urls: ReadonlyArray<string>
  private readonly recorder: Recorder
  private readonly sessions: Array<Session> = []
  private running: ReadonlyArray<Promise<void>> = []
  private over = false

  constructor(plan: Plan, urls: ReadonlyArray<string>, recorder: Recorder) {
    this.plan = plan
    this.urls = urls
    this.recorder = recorder
  }

  start(): void {
    let process = 0
    this.running = this.plan.workloads.flatMap(({ name, clients, ratePerClient }) =>
      Array.from({ length: clients }, (_, n) => this.client(process++, name, n, 1_000 / ratePerClient)),
    )
  }

  /** Done when nothing is under way any more. */
  async end(): Promise<void> {
    this.over = true
    await Promise.all(this.running)
  }

  /** Reads every session once more, each until there is an answer, or no time any more. */
  async finalReads(): Promise<void> {
    const left = [...new Map(this.sessions.map((session) => [session.client, session])).values()]
    let process = this.running.length
    const deadline = performance.now() + FINAL_MS
    const worker = async (): Promise<void> => {
      const own = process++
      for (let session = left.pop(); session !== undefined; session = left.pop()) {
        while (!(await this.ask({ ...session, process: own }, lookAt(session.workload), true))) {
          if (performance.now() > deadline) break
          await new Promise((resolve) => setTimeout(resolve, FINAL_PAUSE_MS))
        }
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
    for (const { http } of this.sessions) http.close()
  }

  private async client(process: number, workload: WorkloadName, n: number, everyMs: number): Promise<void> {
    const random = seeded(this.plan.seed ^ Math.imul(process + 1, 0x9e3779b1))
    let due = performance.now() + random.next() * everyMs
    let session: Session | undefined
    let asked = 0
    let births = 0
    while (!this.over) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
      due = Math.max(due + everyMs, performance.now())
      if (this.over) break
      if (session === undefined || (workload === "short" && asked >= SHORT)) {
        session = this.session(process, workload, workload === "short" ? `${n}-${births++}` : String(n))
        asked = 0
      }
      // A session begins with a look, that brings its cookie: what is lost then is nothing.
      const begins = asked === 0
      const isAnswered = await this.ask(session, begins ? lookAt(workload) : draw(session, random), false)
      if (isAnswered || !begins) asked++
    }
  }

  private session(process: number, workload: WorkloadName, name: string): Session {
    const client = workload === "hot" ? "hot" : `${workload}-${name}`
    const url = this.urls[process % this.urls.length] ?? ""
    const isUser = workload === "hot" || workload === "ledger"
    const session = {
      process,
      workload,
      client,
      http: new HttpAsk(url, isUser ? client : undefined),
      appended: 0,
    }
    this.sessions.push(session)
    return session
  }

  /** @returns whether it was answered */
  private async ask(
    { process, workload, client, http }: Session,
    ask: Ask,
    isFinal: boolean,
  ): Promise<boolean> {
    const told = { process, f: ask.f, workload, client, ...(isFinal && { final: true as const }) }
    this.recorder.write({ ...told, type: "invoke", value: ask.value })
    const asked = await http.ask(ask.method, ask.path, ask.body)
    this.recorder.write({ ...told, ...asked })
    return asked.type === "ok"
  }
}
