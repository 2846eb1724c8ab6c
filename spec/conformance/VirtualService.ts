import type { Command } from "../../core/peer/Command.ts"
import type { Event } from "../../core/peer/Event.ts"
import type { Difference } from "../../core/handoff/Reply.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import { answerOf } from "../journal/Service.ts"
import type { Seeded } from "./Seeded.ts"

/** How the services of a ring behave; times in virtual milliseconds. */
export interface ServiceOptions {
  /** Until a started instance is ready. */
  readonly startMs: readonly [number, number]
  /** A request takes between these. */
  readonly runMs: readonly [number, number]
  /** Chance that a request takes up to so long instead. */
  readonly slow: readonly [chance: number, ms: number]
  /** Chance that an answer is one that cannot be journaled, and that the instance dies of a request. */
  readonly unjournaled: number
  readonly fatal: number
  /** Whether all of a client's state hangs on its cookies, so that without them it is a new client. */
  readonly stateInCookies: boolean
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

/** A request that only looks. */
export const LOOK = "look"

/** One running copy of the service. It has one list per client, and no other state: it is deterministic. */
interface Instance {
  readonly birth: number
  readonly sessions: Map<string, Array<string>>
  alive: boolean
  ready: boolean
}

/** The service instances of one peer's process, as node/service keeps them. */
export class VirtualService {
  readonly #random: Seeded
  readonly #options: () => ServiceOptions
  readonly #emit: (event: Event) => void
  readonly #after: (ms: number, call: () => void) => void
  readonly #instances: Array<Instance> = []
  readonly #runs = new Map<number, { readonly instance: Instance; readonly end: () => void }>()
  /** Clients that something runs for, by birth. */
  readonly #busy = new Set<string>()
  #stopped = false

  /**
   * @param options what holds at the moment
   * @param emit an event for the peer
   */
  constructor(
    random: Seeded,
    options: () => ServiceOptions,
    emit: (event: Event) => void,
    after: (ms: number, call: () => void) => void,
  ) {
    this.#random = random
    this.#options = options
    this.#emit = emit
    this.#after = after
    this.#start()
  }

  carryOut(command: Command): void {
    if (command.type === "run") this.#run(command)
    if (command.type === "replay") this.#replay(command)
    if (command.type === "retire") this.#retire(command.birth)
    if (command.type === "renew" && command.birth === this.#newest().birth) this.#start()
  }

  /** One of the instances dies of its own, as a process may; another is started if it was the newest. */
  die(): void {
    const living = this.#instances.filter(({ alive }) => alive)
    const one = living.length > 1 ? living[Math.floor(this.#random.next() * living.length)] : this.#newest()
    if (one !== undefined) this.#end(one)
  }

  /** The peer's process is gone, and its instances with it. */
  stop(): void {
    this.#stopped = true
  }

  #newest(): Instance {
    const newest = this.#instances.at(-1)
    if (newest === undefined) throw new RangeError("no instance was ever started")
    return newest
  }

  #between([low, high]: readonly [number, number]): number {
    return low + this.#random.next() * (high - low)
  }

  /** How long a request takes. */
  #duration(): number {
    const { runMs, slow } = this.#options()
    const [chance, most] = slow
    return this.#random.next() < chance ? this.#random.next() * most : this.#between(runMs)
  }

  #later(ms: number, call: () => void): void {
    this.#after(ms, () => {
      if (!this.#stopped) call()
    })
  }

  #start(): void {
    const instance: Instance = {
      birth: this.#instances.length + 1,
      sessions: new Map(),
      alive: true,
      ready: false,
    }
    this.#instances.push(instance)
    this.#later(this.#between(this.#options().startMs), () => {
      if (!instance.alive) return
      instance.ready = true
      this.#emit({ type: "instance", birth: instance.birth })
    })
  }

  #end(instance: Instance): void {
    if (!instance.alive) return
    instance.alive = false
    const isReplaced = this.#instances.some((one) => one.ready && one.birth > instance.birth)
    if (instance.ready) this.#emit({ type: "gone", birth: instance.birth })
    if (instance.ready && !isReplaced) this.#emit({ type: "instance", birth: null })
    for (const [run, one] of this.#runs) {
      if (one.instance !== instance) continue
      this.#runs.delete(run)
      one.end()
    }
    if (!isReplaced && instance === this.#newest()) this.#start()
  }

  #retire(birth: number): void {
    const instance = this.#instance(birth)
    if (instance === this.#newest()) throw new Error(`birth ${birth} was retired, and there is no later one`)
    for (const [run, one] of this.#runs) {
      if (one.instance === instance) throw new Error(`birth ${birth} was retired while ${run} ran on it`)
    }
    instance.alive = false
  }

  #instance(birth: number): Instance {
    const instance = this.#instances[birth - 1]
    if (instance === undefined) throw new Error(`there was never a birth ${birth}`)
    return instance
  }

  #run({ run, birth, client, request }: Command & { readonly type: "run" }): void {
    const instance = this.#instance(birth)
    const died = (): void =>
      this.#emit({ type: "answered", run, outcome: { type: "died", response: utf8.encode("died") } })
    if (!instance.alive || !instance.ready) return this.#later(0, died)
    this.#isFree(instance, client)
    this.#runs.set(run, { instance, end: died })
    this.#busy.add(`${birth} ${client}`)
    const { fatal, unjournaled } = this.#options()
    const isFatal = this.#random.next() < fatal
    const isUnjournaled = this.#random.next() < unjournaled
    this.#later(this.#duration(), () => {
      if (!this.#runs.delete(run)) return
      this.#busy.delete(`${birth} ${client}`)
      if (isFatal) {
        died()
        return this.#end(instance)
      }
      const response = apply(instance, client, text.decode(request))
      const outcome = isUnjournaled
        ? { type: "unjournaled" as const, response: utf8.encode("too large") }
        : { type: "answered" as const, response }
      this.#emit({ type: "answered", run, outcome })
    })
  }

  #replay({ run, birth, client, fresh, steps }: Command & { readonly type: "replay" }): void {
    const instance = this.#instance(birth)
    let applied = 0
    const end = (difference: Difference | null): void => {
      this.#emit({ type: "replayed", run, applied, difference })
    }
    if (!instance.alive || !instance.ready) return this.#later(0, () => end(null))
    this.#isFree(instance, client)
    if (fresh && this.#options().stateInCookies) instance.sessions.delete(client)
    this.#runs.set(run, { instance, end: () => end(null) })
    this.#busy.add(`${birth} ${client}`)
    const next = (): void => {
      if (!this.#runs.has(run)) return
      const step = steps[applied]
      const difference = step === undefined ? null : replayStep(instance, client, step)
      if (step !== undefined && difference === null) {
        applied++
        if (applied < steps.length) return this.#later(this.#between(this.#options().runMs) / 4, next)
      }
      this.#runs.delete(run)
      this.#busy.delete(`${birth} ${client}`)
      end(difference)
    }
    this.#later(this.#between(this.#options().runMs) / 4, next)
  }

  #isFree(instance: Instance, client: string): void {
    if (this.#busy.has(`${instance.birth} ${client}`))
      throw new Error(`two runs of ${client} overlap on birth ${instance.birth}`)
  }
}

const apply = (instance: Instance, client: string, request: string): Uint8Array => {
  const session = instance.sessions.get(client) ?? []
  instance.sessions.set(client, session)
  if (request !== LOOK) session.push(request)
  return utf8.encode(answerOf(client, session))
}

const replayStep = (instance: Instance, client: string, step: RequestEntry): Difference | null => {
  if (step.replay === "skip") return null
  const replayed = text.decode(apply(instance, client, text.decode(step.request)))
  const journaled = text.decode(step.response)
  if (step.replay === "run" || replayed === journaled) return null
  return { where: "line 1", journaled, replayed, flag: null }
}
