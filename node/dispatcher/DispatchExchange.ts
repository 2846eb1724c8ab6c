import type { Reply } from "../http/Exchange.ts"
import { valueOf } from "../http/FieldLines.ts"
import { RINGSTEAD_LEADER, RINGSTEAD_PEER, RINGSTEAD_STATUS, SET_COOKIE } from "../http/FieldKind.ts"
import { type Holding, ProxyExchange, responseLines } from "../http/ProxyExchange.ts"
import type { ResponseHead } from "../http/ResponseHead.ts"
import type { Sweep } from "../http/Sweep.ts"
import type { UpstreamFailure, UpstreamRequest } from "../http/Upstream.ts"
import type { UpstreamPool } from "../http/UpstreamPool.ts"
import { LEADER_NO_MORE, type Leader, NO_INSTANCE, NOT_LEADER, readLeader } from "../ingress/PeerHeaders.ts"
import type { Leaders, LeaderSource } from "./Leaders.ts"
import type { NameCookie } from "./NameCookie.ts"
import { decide, meaningOf, pauseMs, type Setback, silenceMs } from "./RetryRule.ts"

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
  /** How long a response is held back that may still be had from another peer; undefined: as usual. */
  readonly holding: Holding | undefined
}

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
  /** A pause has been made since: whoever names the failed peer now is believed. */
  private patient = false
  /** Some attempt may have been executed, though no response came of it. */
  private uncertain = false
  private setbacks = 0
  private pauses = 0
  private silences = 0
  private skipped: Setback | undefined
  private last: Setback["kind"] | "unknown" | "silent" = "unknown"
  private probeAt = Number.POSITIVE_INFINITY
  private probing = false
  /** How often the target had failed when this attempt at it began, or last asked about it. */
  private failures = 0
  private resumeAt = Number.POSITIVE_INFINITY
  /** Whom to try after the pause; null: whom the ring names. */
  private resumeWith: Leader | null = null

  constructor(
    context: DispatchContext,
    reply: Reply,
    cell: number,
    request: UpstreamRequest,
    freshName: string | undefined,
  ) {
    super(reply, context.pool, context.holding)
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
    this.failures = this.context.leaders.failuresOf(leader.name)
    this.listen(this.context.sweep.coarse, true)
    this.send(this.addressOf(leader), this.request)
  }

  private addressOf(leader: Leader): string {
    return this.context.routes.get(leader.name) ?? leader.http
  }

  private ask(): void {
    void this.context.leaders.find(this.cell, this.failed).then((leader) => this.onAnswer(leader))
  }

  private pause(leader: Leader | null): void {
    this.resumeWith = leader
    this.resumeAt = this.context.sweep.now() + pauseMs(this.pauses++)
  }

  private resume(): void {
    const leader = this.resumeWith
    this.resumeAt = Number.POSITIVE_INFINITY
    this.setbacks = 0
    this.patient = true
    if (leader === null) this.ask()
    else this.go(leader)
  }

  private onAnswer(leader: Leader | null): void {
    if (!this.unanswered) return
    if (leader === null) {
      this.last = "unknown"
      // What may have been executed is worth waiting for: its answer may be had when the ring is back.
      if (!this.uncertain && !this.context.source.reachable()) this.answerNoPeer()
      else this.pause(null)
    } else if (leader.name === this.failed && !this.patient) {
      this.pause(null)
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
    this.skipped = this.setbackOf(head)
    if (this.skipped !== undefined) return undefined
    if (this.target !== undefined) this.context.leaders.learn(this.cell, this.target)
    const lines = responseLines(head, RINGSTEAD_LEADER)
    if (this.freshName === undefined || (head.seen & SET_COOKIE) === 0) return lines
    return lines + this.context.cookie.setLine(this.freshName)
  }

  /** What a response means for this dispatcher; undefined: it is for the client. */
  private setbackOf(head: ResponseHead): Setback | undefined {
    const ours = (head.seen & RINGSTEAD_STATUS) !== 0
    const named = (head.seen & RINGSTEAD_PEER) !== 0
    // What a peer refuses before it has read the whole head (too large, malformed) does not bear its name.
    if (named ? valueOf(head, RINGSTEAD_PEER) !== this.target?.name : !ours) return { kind: "stranger" }
    return ours ? statusOf(head) : undefined
  }

  protected onSkipped(): void {
    if (this.skipped !== undefined) this.react(this.skipped)
  }

  protected onLost({ kind }: UpstreamFailure): void {
    this.react({ kind })
  }

  private react(setback: Setback): void {
    const { target, context } = this
    if (target === undefined) return
    const { maybeExecuted, peerFailed } = meaningOf(setback)
    this.last = setback.kind
    this.setbacks++
    this.uncertain ||= maybeExecuted
    if (peerFailed) {
      this.failed = target.name
      context.leaders.forget(target.name)
      context.pool.forget(this.addressOf(target))
    }
    const { failed, setbacks } = this
    const decision = decide(setback, {
      repeatable: this.request.idempotent,
      inDoubt: this.uncertain,
      setbacks,
      tried: target,
      failed,
    })
    switch (decision.next) {
      case "try":
        context.leaders.learn(this.cell, decision.leader)
        return this.go(decision.leader)
      case "ask":
        return this.ask()
      case "pause":
        return this.pause(decision.leader)
      case "answer":
        return this.answer(decision.status, decision.code, decision.reason)
    }
  }

  protected onWait(now: number): void {
    if (now >= this.deadline) this.answerLate()
    else if (now >= this.resumeAt) this.resume()
    else if (this.silent && !this.probing && (now >= this.probeAt || this.othersFailed())) this.probe(now)
  }

  /** Whether the peer that this request waits for has failed somebody else meanwhile: then one need not wait to ask. */
  private othersFailed(): boolean {
    return this.target !== undefined && this.context.leaders.failuresOf(this.target.name) > this.failures
  }

  private listen(now: number, first: boolean): void {
    this.probeAt = now + silenceMs(this.silences, first)
  }

  /** The peer may be slow, or dead without a word: only the others can tell. */
  private probe(now: number): void {
    const silent = this.target
    if (silent === undefined) return
    this.probing = true
    this.failures = this.context.leaders.failuresOf(silent.name)
    // What others have found out takes nothing from this request's own patience.
    if (now >= this.probeAt) {
      this.silences++
      this.listen(now, false)
    }
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
    if (this.last === "stranger") {
      const where =
        this.target === undefined ? "" : ` (${this.target.name} at ${this.addressOf(this.target)})`
      this.answer(
        502,
        "wrong-peer",
        `another peer or program answers at the address of the peer in charge${where}; check that address`,
      )
    } else if (this.uncertain || (this.last === "silent" && this.sent)) {
      this.answer(
        504,
        "timeout",
        `no answer within ${deadlineMs} ms; the request may or may not have been executed; look before you send it again`,
      )
    } else if (this.last === "no-instance") {
      this.answer(503, NO_INSTANCE, `the service of the peer in charge did not run for ${deadlineMs} ms`)
    } else {
      this.answer(
        503,
        "no-leader",
        `no peer in charge could be reached within ${deadlineMs} ms; the request was not executed; try again`,
        "Retry-After: 1\r\n",
      )
    }
  }
}

/** What a peer's own answer means for this dispatcher; undefined: it is for the client. */
const statusOf = (head: ResponseHead): Setback | undefined => {
  switch (valueOf(head, RINGSTEAD_STATUS)) {
    case NOT_LEADER:
      return { kind: "misdirected", leader: leaderIn(head) }
    case LEADER_NO_MORE:
      return { kind: "displaced", leader: leaderIn(head) }
    case NO_INSTANCE:
      return { kind: "no-instance" }
    default:
      return undefined
  }
}

const leaderIn = (head: ResponseHead): Leader | null =>
  readLeader(valueOf(head, RINGSTEAD_LEADER) ?? "") ?? null
