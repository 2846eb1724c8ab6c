import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Scope } from "effect/Scope"
import type { InstanceState, ProcessEvent } from "../log/ProcessEvent.ts"
import { freePorts } from "../ports/FreePorts.ts"
import type { InstanceError } from "./InstanceError.ts"
import { cannotStart, endedAs, endedEarly, named, neverReady } from "./InstanceFailure.ts"
import { endLeftover, removeRecord, writeRecord } from "./InstanceRecord.ts"
import { untilAccepts } from "./Readiness.ts"
import { openServiceLog } from "./ServiceLog.ts"
import { type ServiceProcess, startService } from "./ServiceProcess.ts"

export interface InstanceOptions {
  /** Run by `sh -c` in the peer's directory and environment, with `PORT` set to where it must listen. */
  readonly command: string
  /** Keeps what the service writes; FILE.1 keeps what was before it. */
  readonly logFile: string
  /** Remembers the running instance for the next peer on the same data directory: `instance.json` there. */
  readonly recordFile: string
  /** How long the service may take until it accepts a connection, in ms. */
  readonly readyMs: number
  /** How long it may take to stop before it is killed, in ms; default 5000. */
  readonly stopMs?: number
  /** Size of the log at which a new one is begun, in bytes; default 8 MiB. */
  readonly logBytes?: number
  /** Default {@link PAUSES}. */
  readonly pauses?: RestartPauses
  readonly emit: (event: ProcessEvent) => void
}

/** Pauses before restarts, in ms: `firstMs`, doubled each time up to `mostMs`. */
export interface RestartPauses {
  readonly firstMs: number
  readonly mostMs: number
  /** After a run that was ready for this long the next pause is the first again. */
  readonly calmMs: number
}

export const PAUSES: RestartPauses = { firstMs: 100, mostMs: 5000, calmMs: 10_000 }

/** A peer's own copy of the service, kept running. */
export interface Instance {
  /** `restarts` counts the starts after the first; `pid` is that of the current run, null between runs. */
  state(): { readonly state: InstanceState; readonly pid: number | null; readonly restarts: number }
  /** Where the service answers; null unless it is ready. Only reads a field. */
  upstream(): Upstream | null
  /**
   * Kills the current run and all that it started, at once, as for a service that hangs; it is then started again.
   * Does nothing between runs.
   *
   * @param why for the operator: "... was killed: WHY"
   */
  kill(why: string): void
}

/** Where one run of the service listens: `127.0.0.1` or `::1`. A new object for each run, so it tells runs apart. */
export interface Upstream {
  readonly host: string
  readonly port: number
}

const STOP_MS = 5000
const LOG_BYTES = 8 * 1024 * 1024

/**
 * Starts the service, waits until it accepts connections, and keeps it running until the scope closes; nothing of
 * it is left then. A start that fails is an error the first time and a warning later. No run begins before the
 * former one, also of an earlier peer on the same data directory, is proven gone.
 */
export const runInstance = Effect.fnUntraced(function* (
  options: InstanceOptions,
): Effect.fn.Return<Instance, InstanceError, Scope> {
  const { command, emit, pauses = PAUSES, readyMs, recordFile, stopMs = STOP_MS } = options
  const warn = (reason: string): void => emit({ type: "warning", reason })

  const leftover = yield* endLeftover(recordFile)
  if (leftover !== null) warn(`killed the service instance of an earlier run (process group ${leftover})`)
  const log = yield* openServiceLog({
    file: options.logFile,
    maxBytes: options.logBytes ?? LOG_BYTES,
    onProblem: warn,
  })

  let state: InstanceState = "down"
  let current: ServiceProcess | null = null
  let upstream: Upstream | null = null
  let killedFor: string | null = null
  let restarts = 0

  const running = (): number | null =>
    state === "starting" || state === "ready" ? (current?.pid ?? null) : null
  const become = (next: InstanceState): void => {
    if (next !== "ready") upstream = null
    if (next === state) return
    state = next
    emit({ type: "instance", state, pid: running() })
  }

  /** Not to be interrupted: whoever ends runs must know of each. */
  const start = Effect.fnUntraced(function* (port: number) {
    const service = yield* Effect.tryPromise({
      try: () => startService(command, port, log, emit),
      catch: (error) => cannotStart(command, error),
    })
    current = service
    killedFor = null
    const unrecorded = writeRecord(recordFile, service.pid)
    if (unrecorded !== null) warn(unrecorded)
    const now = new Date(yield* Clock.currentTimeMillis).toISOString()
    void log.append([`--- ${now} started, pid ${service.pid}, PORT=${port}`])
    become("starting")
    return service
  }, Effect.uninterruptible)

  /** Leaves nothing of a run, however long that takes: the next one begins after it. */
  const clear = Effect.fnUntraced(function* (service: ServiceProcess) {
    become("down")
    while (!(yield* service.end())) warn(stuck(service.pid))
    current = null
    removeRecord(recordFile)
  })

  /** One run up to readiness, or to its end if it fails before. */
  const attempt = Effect.gen(function* () {
    const [port] = yield* freePorts(1).pipe(Effect.mapError((error) => cannotStart(command, error)))
    const service = yield* start(port)
    const host = yield* untilAccepts(port).pipe(
      Effect.raceFirst(Effect.promise(() => service.exited).pipe(Effect.as(null))),
      Effect.timeoutOption(readyMs),
    )
    if (Option.isSome(host) && host.value !== null && state === "starting") {
      upstream = { host: host.value, port }
      become("ready")
      return service
    }
    yield* clear(service)
    return yield* Option.isNone(host)
      ? neverReady(command, port, readyMs, service.telling())
      : endedEarly(command, yield* Effect.promise(() => service.exited), service.telling())
  }).pipe(Effect.scoped)

  /** Restarts until a run is ready. `pause` is the next one, in ms, and stays in force until a calm run. */
  const restart = Effect.fnUntraced(function* (pause: Pause) {
    for (;;) {
      yield* Effect.sleep(pause.ms)
      pause.ms = Math.min(pauses.mostMs, pause.ms * 2)
      restarts++
      const outcome = yield* Effect.result(attempt)
      if (Result.isSuccess(outcome)) return outcome.success
      warn(`${outcome.failure.reason}; trying again in ${pause.ms} ms`)
    }
  })

  const keepRunning = Effect.fnUntraced(function* (first: ServiceProcess) {
    const pause: Pause = { ms: pauses.firstMs }
    for (let service = first; ; service = yield* restart(pause)) {
      const since = yield* Clock.currentTimeMillis
      const exit = yield* Effect.promise(() => service.exited)
      if ((yield* Clock.currentTimeMillis) - since >= pauses.calmMs) pause.ms = pauses.firstMs
      yield* clear(service)
      const how = killedFor === null ? endedAs(exit, service.telling()) : `was killed: ${killedFor}`
      warn(`service ${named(command)} ${how}; starting it again in ${pause.ms} ms`)
    }
  })

  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      const last = current
      // From here on its end is no news, and there is no more upstream.
      current = null
      upstream = null
      if (last !== null) {
        if (yield* last.stop(stopMs)) removeRecord(recordFile)
        // The record stays, and with it the duty of the next peer to end what this one could not.
        else warn(stuck(last.pid))
      }
      become("stopped")
    }),
  )
  yield* Effect.forkScoped(keepRunning(yield* attempt))

  return {
    state: () => ({ state, pid: running(), restarts }),
    upstream: () => upstream,
    kill: (why) => {
      if (current === null || running() === null) return
      killedFor = why
      become("down")
      current.kill()
    },
  }
})

interface Pause {
  ms: number
}

const stuck = (pgid: number): string =>
  `the service (process group ${pgid}) does not end when killed; the kernel or another user holds it`
