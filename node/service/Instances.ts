import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import type { Noise } from "../../core/handoff/Noise.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import { type BirthOptions, type Births, runBirths } from "./Births.ts"
import type { InstanceError } from "./InstanceError.ts"
import { type AfterReplay, type AfterRun, Requests } from "./Requests.ts"

export interface InstancesOptions extends Omit<BirthOptions, "onBirth"> {
  /** How long the service may take to begin its answer to a request before it is killed, in ms. */
  readonly answerMs: number
  /** An answer of which nothing comes for so long is taken for a stream, in ms; default 5000, at most `answerMs`. */
  readonly quietMs?: number
  /** Largest body of an answer, in bytes. */
  readonly responseLimit: number
  /** What replayed answers may differ in. */
  readonly noise: Noise
  /** A birth is ready and the newest; null: the newest is gone. First called before the instances are handed out. */
  readonly onBirth: (birth: number | null) => void
}

/** A peer's births of the service and what is run on them: carries out the core's commands. */
export interface Instances extends Births {
  /**
   * Runs a request, HTTP/1.1 head and body, for a client. The outcome `unjournaled` also stands for a service that closed
   * the connection too early and lives.
   */
  run(birth: number, client: string, request: Uint8Array, done: AfterRun): void
  /** Replays entries of a client, in order; see the command `replay`, and {@link Requests.replay}. */
  replay(
    birth: number,
    client: string,
    fresh: boolean,
    steps: ReadonlyArray<RequestEntry>,
    mayRest: () => boolean,
    done: AfterReplay,
  ): void
  /** Forgets the cookie aliases of a client whose session is over. */
  forget(client: string): void
}

const QUIET_MS = 5_000

/** Starts the service and keeps it running, as {@link runBirths} does; requests under way at the scope's end are cut. */
export const runInstances = Effect.fnUntraced(function* (
  options: InstancesOptions,
): Effect.fn.Return<Instances, InstanceError, Scope> {
  const { answerMs, noise, onBirth, onGone, responseLimit, quietMs = QUIET_MS, ...births } = options
  let running: Births | undefined
  const requests = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new Requests({
          answerMs,
          quietMs: Math.min(quietMs, answerMs),
          responseLimit,
          noise,
          at: (birth) => running?.at(birth) ?? null,
          kill: (why, birth) => running?.kill(why, birth),
        }),
    ),
    (made) => Effect.sync(() => made.close()),
  )
  // Whoever hears of the first birth may run something on it at once.
  const early: Array<number | null> = []
  const made = yield* runBirths({
    ...births,
    onBirth: (birth) => (running === undefined ? early.push(birth) : onBirth(birth)),
    onGone: (birth) => {
      requests.gone(birth)
      onGone?.(birth)
    },
  })
  running = made
  for (const birth of early) onBirth(birth)
  return {
    ...made,
    run: (birth, client, request, done) => requests.run(birth, client, request, done),
    replay: (birth, client, fresh, steps, mayRest, done) =>
      requests.replay(birth, client, fresh, steps, mayRest, done),
    forget: (client) => requests.forget(client),
  }
})
