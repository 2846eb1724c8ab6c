import type { Reply } from "../http/Exchange.ts"
import { valueOf } from "../http/FieldLines.ts"
import { RINGSTEAD_LEADER, RINGSTEAD_STATUS, SET_COOKIE } from "../http/FieldKind.ts"
import { ProxyExchange, responseLines } from "../http/ProxyExchange.ts"
import type { ResponseHead } from "../http/ResponseHead.ts"
import type { Sweep } from "../http/Sweep.ts"
import type { UpstreamFailure, UpstreamRequest } from "../http/Upstream.ts"
import type { UpstreamPool } from "../http/UpstreamPool.ts"
import { type Leader, NO_INSTANCE, NOT_LEADER, readLeader } from "../ingress/PeerHeaders.ts"
import type { Leaders, LeaderSource } from "./Leaders.ts"
import type { NameCookie } from "./NameCookie.ts"
import { decide, type Setback } from "./RetryRule.ts"

/** What all exchanges of a dispatcher share. */
export interface DispatchContext {
  readonly leaders: Leaders
  readonly source: LeaderSource
  readonly pool: UpstreamPool
  readonly sweep: Sweep
  /** Dial these instead of what peers say of themselves: peer name -> `host:port`. */
  readonly routes: ReadonlyMap<string, string>
  readonly deadlineMs: number
  readonly cookie: NameCookie
}

/** How long a peer may be silent before the ring is asked, again and again, whether it still leads; in ms. */
const PROBE_MS = 300

/** Pause before the ring is asked again when it has not noticed yet that a peer failed, in ms (and a tick). */
const PAUSE_MS = 25

/** One request on its way to the peer that leads its client's cell, wherever that moves meanwhile. */
export class DispatchExchange extends ProxyExchange {
  private readonly context: DispatchContext
  private readonly cell: number
  private readonly request: UpstreamRequest
  /** The name drawn for a client without one; it is told it when the service begins a session with it. */
  private readonly freshName: string | undefined
  private readonly deadline: number
  private target: Leader | undefined
  /** The peer that failed last; the ring may not have noticed yet. */
  private failed: string | null = null
  /** The ring has named the failed peer again, and after a pause it will be believed. */
  private patient = false
  private misdirections = 0
  private skipped: Setback | undefined
  private last: Setback["kind"] | "unknown" | "silent" = "unknown"
  private probeAt = Number.POSITIVE_INFINITY
  private probing = false
  private askAt = Number.POSITIVE_INFINITY

  constructor(
    context: DispatchContext,
    reply: Reply,
    cell: number,
    request: UpstreamRequest,
    freshName: string | undefined,
  ) {
    super(reply, context.pool)
    this.context = context
    this.cell = cell
    this.request = request
    this.freshName = freshName
    this.deadline = context.sweep.coarse + context.deadlineMs
  }

  begin(): this {
    const leader = this.context.leaders.get(this.cell)
    if (leader === undefined) this.ask()
    else this.go(leader)
    return this
  }

  private go(leader: Leader): void {
    this.target = leader
    this.patient = false
    this.last = "silent"
    this.probeAt = this.context.sweep.coarse + PROBE_MS
    this.send(this.addressOf(leader), this.request)
  }

  private addressOf(leader: Leader): string {
    return this.context.routes.get(leader.name) ?? leader.http
  }

  private ask(): void {
    this.askAt = Number.POSITIVE_INFINITY
    void this.context.leaders.find(this.cell, this.failed).then((leader) => this.onAnswer(leader))
  }

  private pause(): void {
    this.askAt = this.context.sweep.now() + PAUSE_MS
  }

  private onAnswer(leader: Leader | null): void {
    if (!this.unanswered) return
    if (leader === null) {
      this.last = "unknown"
      if (!this.context.source.reachable()) this.answerNoPeer()
      else this.pause()
    } else if (leader.name === this.failed && !this.patient) {
      this.patient = true
      this.pause()
    } else {
      this.go(leader)
    }
  }

  private answerNoPeer(): void {
    this.answer(
      503,
      "no-peer",
      "no peer of the ring can be reached; start peers, or check the ring addresses this dispatcher was given",
      "Retry-After: 1\r\n",
    )
  }

  protected translate(head: ResponseHead): string | undefined {
    this.skipped = (head.seen & RINGSTEAD_STATUS) === 0 ? undefined : setbackOf(head)
    if (this.skipped !== undefined) return undefined
    if (this.target !== undefined) this.context.leaders.learn(this.cell, this.target)
    const lines = responseLines(head, RINGSTEAD_LEADER)
    if (this.freshName === undefined || (head.seen & SET_COOKIE) === 0) return lines
    return lines + this.context.cookie.setLine(this.freshName)
  }

  protected onSkipped(): void {
    if (this.skipped !== undefined) this.react(this.skipped)
  }

  protected onLost({ kind }: UpstreamFailure): void {
    this.react({ kind })
  }

  private react(setback: Setback): void {
    const { target } = this
    this.last = setback.kind
    this.misdirections = setback.kind === "misdirected" ? this.misdirections + 1 : 0
    if (target !== undefined && isFailure(setback)) {
      this.failed = target.name
      this.context.leaders.forget(target.name)
      this.context.pool.forget(this.addressOf(target))
    }
    const decision = decide(setback, this.request.idempotent, this.misdirections)
    switch (decision.next) {
      case "try":
        this.context.leaders.learn(this.cell, decision.leader)
        return this.go(decision.leader)
      case "ask":
        return this.ask()
      case "pause":
        return this.pause()
      case "answer":
        return this.answer(decision.status, decision.code, decision.reason)
    }
  }

  protected onWait(now: number): void {
    if (now >= this.deadline) this.answerLate()
    else if (now >= this.askAt) this.ask()
    else if (this.silent && now >= this.probeAt && !this.probing) this.probe(now)
  }

  /** The peer may be slow, or dead without a word: only the others can tell. */
  private probe(now: number): void {
    const silent = this.target
    if (silent === undefined) return
    this.probing = true
    this.probeAt = now + PROBE_MS
    void this.context.leaders.find(this.cell, silent.name).then((leader) => this.onProbed(silent, leader))
  }

  private onProbed(silent: Leader, leader: Leader | null): void {
    this.probing = false
    if (leader === null || leader.name === silent.name || this.target !== silent || !this.silent) return
    const { sent } = this
    this.giveUp()
    this.react({ kind: "moved", leader, sent })
  }

  private answerLate(): void {
    const { deadlineMs } = this.context
    if (this.last === "no-instance") {
      this.answer(503, NO_INSTANCE, `the service of the peer in charge did not run for ${deadlineMs} ms`)
    } else if (this.last === "silent") {
      this.answer(504, "timeout", `no answer within ${deadlineMs} ms; the service may still be working on it`)
    } else {
      this.answer(504, "no-leader", `no peer in charge could be reached within ${deadlineMs} ms; try again`)
    }
  }
}

/** Whether a setback means that the peer, not only this request of it, is in trouble. */
const isFailure = ({ kind }: Setback): boolean => kind === "unsent" || kind === "lost" || kind === "moved"

/** What an answer of the peer's, in place of the service, means for this dispatcher; undefined: it is for the client. */
const setbackOf = (head: ResponseHead): Setback | undefined => {
  switch (valueOf(head, RINGSTEAD_STATUS)) {
    case NOT_LEADER:
      return { kind: "misdirected", leader: readLeader(valueOf(head, RINGSTEAD_LEADER) ?? "") ?? null }
    case NO_INSTANCE:
      return { kind: "no-instance" }
    default:
      return undefined
  }
}
