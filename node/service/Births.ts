import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Scope } from "effect/Scope"
import type { InstanceState, ProcessEvent } from "../log/ProcessEvent.ts"
import { freePorts } from "../ports/FreePorts.ts"
import type { InstanceError } from "./InstanceError.ts"
import { cannotStart, endedAs, endedEarly, named, neverReady } from "./InstanceFailure.ts"
import { endLeftovers, InstanceRecord } from "./InstanceRecord.ts"
import { untilAccepts } from "./Readiness.ts"
import { openServiceLog } from "./ServiceLog.ts"
import { type ServiceProcess, startService } from "./ServiceProcess.ts"

export interface BirthOptions {
  /** Run by `sh -c` in the peer's directory and environment, with `PORT` set to where it must listen. */
  readonly command: string
  /** Keeps what the service writes; FILE.1 keeps what was before it. */
  readonly logFile: string
  /** Remembers the running instances for the next peer on the same data directory: `instance.json` there. */
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
  /** A birth is ready and the newest; null: the newest is gone, and another is being started. */
  readonly onBirth?: (birth: number | null) => void
  /** This birth answers no more: it ended, or is being killed. */
  readonly onGone?: (birth: number) => void
}

/** Pauses before restarts, in ms: `firstMs`, doubled each time up to `mostMs`. */
export interface RestartPauses {
  readonly firstMs: number
  readonly mostMs: number
  /** After a run that was ready for this long the next pause is the first again. */
  readonly calmMs: number
}

export const PAUSES: RestartPauses = { firstMs: 100, mostMs: 5000, calmMs: 10_000 }

/**
 * A peer's own copies of the service, kept running: one, and at times later ones beside it that take over, session by
 * session. Each that becomes ready is a birth, counted from 1: a fresh process that has seen nothing.
 */
export interface Births {
  /** Of the newest. `restarts` counts the starts after the first; `pid` is null between runs. */
  state(): { readonly state: InstanceState; readonly pid: number | null; readonly restarts: number }
  /** Where the newest birth answers; null unless one is ready. Only reads a field. */
  upstream(): Upstream | null
  /** Where this birth answers; null if it is gone. */
  at(birth: number): Upstream | null
  /**
   * Starts a fresh instance beside the one of this birth; does nothing if a later one is ready or on its way.
   *
   * @param reason for the operator: "... is started: REASON"
   */
  renew(birth: number, reason: string): void
  /** Kills the instance of a birth that a later one has replaced; does nothing to the newest. */
  retire(birth: number): void
  /**
   * Kills a run and all that it started, at once, as for a service that hangs; the newest is then started again.
   *
   * @param why for the operator: "... was killed: WHY"
   * @param birth the newest run, also one that is not ready, unless given. Nothing happens if it is gone
   */
  kill(why: string, birth?: number): void
}

/** Where one run of the service listens: `127.0.0.1` or `::1`. A new object for each run, so it tells runs apart. */
export interface Upstream {
  readonly host: string
  readonly port: number
}

const STOP_MS = 5000
const LOG_BYTES = 8 * 1024 * 1024

/** One run of the service. */
interface Run {
  readonly service: ServiceProcess
  /** 0 until it is ready. */
  birth: number
  upstream: Upstream | null
  /** It ended or is being killed, and has been said to be gone. */
  over: boolean
  killedFor: string | null
  retired: boolean
}

/**
 * Starts the service, waits until it accepts connections, and keeps it running until the scope closes; nothing of
 * it is left then. A start that fails is an error the first time and a warning later. No run takes the place of one
 * that died, also under an earlier peer on the same data directory, before that is proven gone.
 */
export const runBirths = Effect.fnUntraced(function* (
  options: BirthOptions,
): Effect.fn.Return<Births, InstanceError, Scope> {
  const { command, emit, onBirth, onGone, pauses = PAUSES, readyMs, recordFile, stopMs = STOP_MS } = options
  const warn = (reason: string): void => emit({ type: "warning", reason })

  for (const group of yield* endLeftovers(recordFile)) {
    warn(`killed the service instance of an earlier run (process group ${group})`)
  }
  const log = yield* openServiceLog({
    file: options.logFile,
    maxBytes: options.logBytes ?? LOG_BYTES,
    onProblem: warn,
  })
  const record = new InstanceRecord(recordFile)
  const scope = yield* Effect.scope

  /** All that are not proven gone, and of them the newest that is ready and the one that is not yet. */
  const runs = new Set<Run>()
  let newest: Run | null = null
  let coming: Run | null = null
  /** A start is wanted or under way. */
  let busy = true
  const wanted = Latch.makeUnsafe(false)
  const pause: Pause = { ms: pauses.firstMs }
  let births = 0
  let restarts = 0
  let stopped = false
  let told: { readonly state: InstanceState; readonly pid: number | null } = { state: "down", pid: null }

  /** Tells of the newest run, if there is something new to tell. */
  const tell = (): void => {
    const run = newest ?? (coming?.over === false ? coming : null)
    const state = stopped ? "stopped" : run === null ? "down" : run === newest ? "ready" : "starting"
    const pid = stopped ? null : (run?.service.pid ?? null)
    if (state === told.state && pid === told.pid) return
    told = { state, pid }
    emit({ type: "instance", state, pid })
  }
  const want = (): void => {
    busy = true
    wanted.openUnsafe()
  }

  /** Not to be interrupted: whoever ends runs must know of each. */
  const start = Effect.fnUntraced(function* (port: number) {
    const service = yield* Effect.tryPromise({
      try: () => startService(command, port, log, emit),
      catch: (error) => cannotStart(command, error),
    })
    const run: Run = { service, birth: 0, upstream: null, over: false, killedFor: null, retired: false }
    runs.add(run)
    coming = run
    const unrecorded = record.add(service.pid)
    if (unrecorded !== null) warn(unrecorded)
    const now = new Date(yield* Clock.currentTimeMillis).toISOString()
    void log.append([`--- ${now} started, pid ${service.pid}, PORT=${port}`])
    tell()
    return run
  }, Effect.uninterruptible)

  /** From here on it answers nobody. */
  const lose = (run: Run): void => {
    if (run.over) return
    run.over = true
    run.upstream = null
    const wasNewest = run === newest
    if (wasNewest) newest = null
    tell()
    if (run.birth === 0 || stopped) return
    onGone?.(run.birth)
    if (wasNewest) onBirth?.(null)
  }

  /** Leaves nothing of a run, however long that takes: the next one begins after it. */
  const clear = Effect.fnUntraced(function* (run: Run) {
    lose(run)
    while (!(yield* run.service.end())) warn(stuck(run.service.pid))
    runs.delete(run)
    if (coming === run) coming = null
    record.remove(run.service.pid)
  })

  /** One run up to readiness, or to its end if it fails before. */
  const attempt = Effect.gen(function* () {
    const [port] = yield* freePorts(1).pipe(Effect.mapError((error) => cannotStart(command, error)))
    const run = yield* start(port)
    const { service } = run
    const host = yield* untilAccepts(port).pipe(
      Effect.raceFirst(Effect.promise(() => service.exited).pipe(Effect.as(null))),
      Effect.timeoutOption(readyMs),
    )
    if (Option.isSome(host) && host.value !== null && !run.over) {
      run.birth = ++births
      run.upstream = { host: host.value, port }
      newest = run
      coming = null
      busy = false
      tell()
      onBirth?.(run.birth)
      yield* Effect.forkIn(watch(run), scope)
      return
    }
    yield* clear(run)
    return yield* Option.isNone(host)
      ? neverReady(command, port, readyMs, service.telling())
      : endedEarly(command, yield* Effect.promise(() => service.exited), service.telling())
  }).pipe(Effect.scoped)

  /** Follows a ready run to its end. */
  const watch = Effect.fnUntraced(function* (run: Run) {
    const { service } = run
    const since = yield* Clock.currentTimeMillis
    const exit = yield* Effect.promise(() => service.exited)
    if ((yield* Clock.currentTimeMillis) - since >= pauses.calmMs) pause.ms = pauses.firstMs
    yield* clear(run)
    if (run.retired) return
    const how = run.killedFor === null ? endedAs(exit, service.telling()) : `was killed: ${run.killedFor}`
    const again = newest === null && !busy
    warn(`service ${named(command)} ${how}${again ? `; starting it again in ${pause.ms} ms` : ""}`)
    if (again) want()
  })

  /** Starts a run whenever one is wanted, again and again until it is ready. */
  const keepRunning = Effect.gen(function* () {
    for (;;) {
      yield* wanted.await
      wanted.closeUnsafe()
      // One that takes the place of a living one has nothing to wait for.
      for (let waits = newest === null; ; waits = true) {
        if (waits) {
          yield* Effect.sleep(pause.ms)
          pause.ms = Math.min(pauses.mostMs, pause.ms * 2)
        }
        restarts++
        const outcome = yield* Effect.result(attempt)
        if (Result.isSuccess(outcome)) break
        warn(`${outcome.failure.reason}; trying again in ${pause.ms} ms`)
      }
    }
  })

  const stop = Effect.fnUntraced(function* (run: Run) {
    if (yield* run.service.stop(stopMs)) record.remove(run.service.pid)
    // The record stays, and with it the duty of the next peer to end what this one could not.
    else warn(stuck(run.service.pid))
  })
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      const left = [...runs]
      newest = null
      coming = null
      for (const run of left) {
        run.over = true
        run.upstream = null
      }
      yield* Effect.forEach(left, stop, { concurrency: "unbounded", discard: true })
      stopped = true
      tell()
    }),
  )
  yield* attempt
  yield* Effect.forkScoped(keepRunning)

  const find = (birth: number): Run | undefined => [...runs].find((run) => run.birth === birth && !run.over)
  return {
    state: () => ({ ...told, restarts }),
    upstream: () => newest?.upstream ?? null,
    at: (birth) => (newest?.birth === birth ? newest : find(birth))?.upstream ?? null,
    renew: (birth, reason) => {
      if (busy || newest === null || newest.birth !== birth) return
      warn(`a fresh instance of the service is started: ${reason}`)
      want()
    },
    retire: (birth) => {
      const run = find(birth)
      if (run === undefined || run === newest) return
      run.retired = true
      lose(run)
      run.service.kill()
    },
    kill: (why, birth) => {
      const run = birth === undefined ? (newest ?? coming) : find(birth)
      if (run === null || run === undefined || run.over) return
      run.killedFor = why
      lose(run)
      run.service.kill()
    },
  }
})

interface Pause {
  ms: number
}

const stuck = (pgid: number): string =>
  `the service (process group ${pgid}) does not end when killed; the kernel or another user holds it`
