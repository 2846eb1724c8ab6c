import { Aliases } from "../../core/handoff/Aliases.ts"
import type { Noise } from "../../core/handoff/Noise.ts"
import type { Difference, Outcome } from "../../core/handoff/Reply.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import * as Effect from "effect/Effect"
import { SET_COOKIE } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { joinAddress } from "../http/HostPort.ts"
import { defaultLimits } from "../http/HttpLimits.ts"
import { Sweep, type Swept } from "../http/Sweep.ts"
import type { UpstreamRequest } from "../http/Upstream.ts"
import { UpstreamPool } from "../http/UpstreamPool.ts"
import type { Upstream } from "./Births.ts"
import { accepts } from "./Readiness.ts"
import { type Answer, compareAnswers, readAnswer } from "./ReplayedAnswer.ts"
import { type CallLimits, type Ending, ServiceCall } from "./ServiceCall.ts"
import { ownAnswer, toClient, toInstance } from "./ServiceMessage.ts"

export interface RequestsOptions extends CallLimits {
  /** Where a birth answers; null if it is gone. */
  readonly at: (birth: number) => Upstream | null
  /** Kills a birth; {@link Requests.gone} follows. */
  readonly kill: (why: string, birth: number) => void
  /** What replayed answers may differ in. */
  readonly noise: Noise
}

export type AfterRun = (outcome: Outcome) => void
export type AfterReplay = (applied: number, difference: Difference | null) => void

/** Requests at one birth at a time; more wait. Services queue by themselves; this only bounds memory. */
const MOST = 1_024
/**
 * How long a connection is kept without a request, in ms. A service that closes one just when a request is sent leaves
 * open whether it saw it. Services close after seconds, so that one used within a second is not being closed.
 */
const IDLE_MS = 1_000
const CONNECT_MS = 1_000
const TICK_MS = 25
/** The longest pause of a replay that nobody waits for, in ms. */
const MOST_REST_MS = 20

/**
 * How long such a replay pauses after a step that took so long, in ms: as long, so that the service, and the machine, have as
 * much time for others, and the busier they are the more; but not for ever.
 */
export const restAfter = (tookMs: number): number => Math.min(tookMs, MOST_REST_MS)

/** How long a dying process may take, after its connections are closed, until it has closed its port too, in ms. */
const DYING_MS = 20

/** What became of a request at an instance, before it is put into words for anybody. */
type Result =
  | { readonly type: "answered"; readonly answer: Answer }
  | { readonly type: "unfit"; readonly status: number; readonly code: string; readonly reason: string }
  | { readonly type: "hung" }
  | { readonly type: "died" }

/** A request under way. */
interface Job {
  readonly birth: number
  readonly request: UpstreamRequest
  readonly since: number
  call: ServiceCall | undefined
  /** Nothing of it was sent, and it is to be tried again at the next tick. */
  unsent: boolean
  readonly end: (result: Result) => void
}

/**
 * Runs requests on births of the service, first ones and replayed ones. Each call's callback is called exactly once, and
 * after the call has returned. Of one client only one call at a time may be under way on a birth.
 */
export class Requests implements Swept {
  private readonly options: RequestsOptions
  private readonly sweep = new Sweep(TICK_MS)
  private readonly pool: UpstreamPool
  private readonly jobs = new Set<Job>()
  /** By birth and client; only of those whose cookies differ. */
  private readonly aliases = new Map<number, Map<string, Aliases>>()
  /** Of births that something was sent to. */
  private readonly addresses = new Map<number, string>()
  private closed = false

  constructor(options: RequestsOptions) {
    this.options = options
    this.pool = new UpstreamPool({
      limits: defaultLimits,
      sweep: this.sweep,
      times: { connectMs: CONNECT_MS, idleMs: IDLE_MS, silentMs: Number.POSITIVE_INFINITY },
      most: MOST,
      waiting: Number.POSITIVE_INFINITY,
    })
  }

  /** Runs a client's request for the first time. */
  run(birth: number, client: string, request: Uint8Array, done: AfterRun): void {
    const aliases = this.aliasesOf(birth, client)
    const parsed = toInstance(bufferOf(request), aliases, false)
    if (!("head" in parsed)) {
      const response = ownAnswer("", parsed.status, parsed.code, parsed.reason)
      queueMicrotask(() => done({ type: "unjournaled", response }))
      return
    }
    const { method } = parsed
    this.execute(birth, parsed, (result) => {
      switch (result.type) {
        case "answered":
          return done({ type: "answered", response: toClient(result.answer, aliases) })
        case "unfit":
          return done({
            type: "unjournaled",
            response: ownAnswer(method, result.status, result.code, result.reason),
          })
        case "hung": {
          const reason = `the service gave no answer in ${this.options.answerMs} ms`
          return done({ type: "hung", response: ownAnswer(method, 504, "service-silent", reason) })
        }
        case "died": {
          const reason = "the service died before it had answered in full"
          return done({ type: "died", response: ownAnswer(method, 502, "service-died", reason) })
        }
      }
    })
  }

  /**
   * Shows journaled requests of a client to an instance, one after another, and compares its answers; stops at the
   * first difference, and when the instance hangs (it is killed) or dies.
   *
   * @param fresh the instance is to take the client for a new one
   * @param mayRest asked between two: if so the next comes after a pause, {@link restAfter}
   */
  replay(
    birth: number,
    client: string,
    fresh: boolean,
    steps: ReadonlyArray<RequestEntry>,
    mayRest: () => boolean,
    done: AfterReplay,
  ): void {
    if (fresh) this.aliases.get(birth)?.delete(client)
    const go = (from: number): void => {
      if (this.closed) return
      let at = from
      while (steps[at]?.replay === "skip") at++
      const step = steps[at]
      if (step === undefined) {
        queueMicrotask(() => done(at, null))
        return
      }
      const began = performance.now()
      this.replayStep(birth, client, step, (result) => {
        if (result === "gone") done(at, null)
        else if (result !== null) done(at + 1, result)
        else if (at + 1 === steps.length || !mayRest()) go(at + 1)
        else setTimeout(go, restAfter(performance.now() - began), at + 1)
      })
    }
    go(0)
  }

  /** Forgets what was learned of a client's cookies, on every birth: its session is over. */
  forget(client: string): void {
    for (const clients of this.aliases.values()) clients.delete(client)
  }

  /** The birth answers no more: what runs on it has died. */
  gone(birth: number): void {
    this.aliases.delete(birth)
    const address = this.addresses.get(birth)
    this.addresses.delete(birth)
    if (address !== undefined) this.pool.forget(address)
    for (const job of this.jobs) {
      if (job.birth !== birth) continue
      job.call?.cancel()
      this.jobs.delete(job)
      queueMicrotask(() => job.end({ type: "died" }))
    }
    if (this.jobs.size === 0) this.sweep.delete(this)
  }

  /** Requests under way. */
  inFlight(): number {
    return this.jobs.size
  }

  /** Cuts all connections. Nobody is called back any more. */
  close(): void {
    this.closed = true
    for (const job of this.jobs) job.call?.cancel()
    this.jobs.clear()
    this.sweep.delete(this)
    this.pool.close()
  }

  onTick(now: number): void {
    for (const job of this.jobs) {
      if (!job.unsent) job.call?.onTick(now)
      else if (now - job.since > this.options.answerMs) this.hang(job)
      else this.send(job)
    }
  }

  private aliasesOf(birth: number, client: string): Aliases | undefined {
    return this.aliases.get(birth)?.get(client)
  }

  private learn(birth: number, client: string, journaled: Answer, replayed: Answer): void {
    if ((journaled.head.seen & replayed.head.seen & SET_COOKIE) === 0) return
    const aliases = this.aliasesOf(birth, client) ?? new Aliases()
    aliases.learn(valuesOf(journaled.head, SET_COOKIE), valuesOf(replayed.head, SET_COOKIE))
    if (aliases.empty) return
    let clients = this.aliases.get(birth)
    if (clients === undefined) {
      clients = new Map()
      this.aliases.set(birth, clients)
    }
    clients.set(client, aliases)
  }

  /** `next` gets "gone" when the instance has not run it to its end, else the difference that showed. */
  private replayStep(
    birth: number,
    client: string,
    step: RequestEntry,
    next: (result: Difference | "gone" | null) => void,
  ): void {
    const request = toInstance(bufferOf(step.request), this.aliasesOf(birth, client), true)
    if (!("head" in request)) {
      // It was refused when it was new, and is again.
      queueMicrotask(() => next(null))
      return
    }
    this.execute(birth, request, (result) => {
      if (result.type === "hung" || result.type === "died") next("gone")
      else if (step.replay !== "compare") next(null)
      else {
        const journaled = readAnswer(bufferOf(step.response), request.method)
        if (journaled === null) next(statusDiffers("(it cannot be read)", "an answer"))
        else if (result.type === "unfit") next(statusDiffers(String(journaled.head.status), result.reason))
        else {
          this.learn(birth, client, journaled, result.answer)
          next(compareAnswers(journaled, result.answer, this.options.noise))
        }
      }
    })
  }

  private execute(birth: number, request: UpstreamRequest, end: (result: Result) => void): void {
    if (this.closed) return
    const job: Job = { birth, request, since: this.sweep.now(), call: undefined, unsent: false, end }
    this.jobs.add(job)
    if (this.jobs.size === 1) this.sweep.add(this)
    this.send(job)
  }

  private send(job: Job): void {
    const upstream = this.options.at(job.birth)
    if (upstream === null) {
      queueMicrotask(() => this.finish(job, { type: "died" }))
      return
    }
    job.unsent = false
    const address = joinAddress(upstream.host, upstream.port)
    this.addresses.set(job.birth, address)
    job.call = new ServiceCall(this.pool, address, job.request, this.options, (ending) =>
      this.onEnding(job, ending),
    )
  }

  private onEnding(job: Job, ending: Ending): void {
    switch (ending.type) {
      case "whole":
        if (!ending.byClosing) this.finish(job, { type: "answered", answer: ending })
        else this.whenAlive(job, () => this.finish(job, { type: "answered", answer: ending }))
        return
      case "unfit":
        this.finish(job, ending)
        return
      case "silent":
        this.hang(job)
        return
      case "broken":
        this.whenAlive(job, () => {
          if (ending.sent) this.finish(job, CLOSED_EARLY)
          else job.unsent = true
        })
    }
  }

  private finish(job: Job, result: Result): void {
    if (!this.jobs.delete(job)) return
    if (this.jobs.size === 0) this.sweep.delete(this)
    job.end(result)
  }

  private hang(job: Job): void {
    this.finish(job, { type: "hung" })
    this.options.kill(`it gave no answer in ${this.options.answerMs} ms`, job.birth)
  }

  /**
   * Goes on if the service lives, though it closed a connection. One that does not is gone soon, by itself or because
   * it is killed here: a process that no longer accepts connections cannot be used, whatever still keeps it.
   */
  private whenAlive(job: Job, go: () => void): void {
    setTimeout(() => {
      const upstream = this.options.at(job.birth)
      if (upstream === null || !this.jobs.has(job)) {
        this.finish(job, { type: "died" })
        return
      }
      void Effect.runPromise(accepts(upstream.host, upstream.port)).then((alive) => {
        if (!this.jobs.has(job)) return
        if (alive && this.options.at(job.birth) !== null) go()
        else {
          this.finish(job, { type: "died" })
          this.options.kill("it accepts no connection any more", job.birth)
        }
        return undefined
      })
    }, DYING_MS)
  }
}

const CLOSED_EARLY: Result = {
  type: "unfit",
  status: 502,
  code: "service-closed",
  reason: "the service closed the connection before it had answered in full",
}

const statusDiffers = (journaled: string, replayed: string): Difference => ({
  where: "status",
  journaled,
  replayed,
  flag: null,
})

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
