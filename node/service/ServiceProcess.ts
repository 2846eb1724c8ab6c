import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { type Exit, type LeashedProcess, spawnLeashed } from "./Leash.ts"
import { groupGone, signalGroup } from "./ProcessGroup.ts"
import type { ServiceLog } from "./ServiceLog.ts"
import { followOutput } from "./ServiceOutput.ts"

/** How long the keeper has to end a group that was let go, before it is killed from here, in ms. */
const KEEPER_MS = 100

/** How long a killed group may take to be gone, in ms. */
const KILLED_MS = 10_000

/** How long what a dead group wrote may take to arrive, in ms. */
const LAST_WORDS_MS = 1000

/** One run of the service, from its start to the end of everything it started. */
export interface ServiceProcess {
  readonly pid: number
  readonly port: number
  /** Resolves when the service has ended; what it started may still run. */
  readonly exited: Promise<Exit>
  /** Kills the service and all it started, at once. */
  kill(): void
  /**
   * Asks the whole group to stop (SIGTERM) and gives it `patienceMs` to do so; then {@link end}s it. It has stopped
   * when the service has exited and nobody holds its output any more.
   */
  stop(patienceMs: number): Effect.Effect<boolean>
  /**
   * Kills what is left of the group and waits until it is proven gone, at most 10 s; its output is then in the
   * log. Safe to repeat.
   *
   * @returns whether the group is gone
   */
  end(): Effect.Effect<boolean>
  /** The line on standard error that most likely says why it failed, "" if there is none. */
  readonly telling: () => string
}

/**
 * Starts `command` with `PORT` set, its output followed into `log`.
 *
 * @throws (in the promise) the system's error when it cannot start a process
 */
export const startService = async (
  command: string,
  port: number,
  log: ServiceLog,
  emit: (event: ProcessEvent) => void,
): Promise<ServiceProcess> => {
  const child = await spawnLeashed(command, { ...process.env, PORT: String(port) })
  const output = followOutput(child, log, emit)

  const kill = (): void => {
    // Once its end has been seen the number may be another's; letting go of the leash never hits a stranger.
    if (child.exit() === null) signalGroup(child.pid, "SIGKILL")
    child.release()
  }
  const end = Effect.fnUntraced(function* () {
    kill()
    let gone = yield* groupGone(child.pid, KEEPER_MS)
    if (!gone) {
      // Its keeper was killed before, so the group is still here and the number still its own.
      signalGroup(child.pid, "SIGKILL")
      gone = yield* groupGone(child.pid, KILLED_MS)
    }
    yield* settles(Promise.all([child.exited, output.ended]), LAST_WORDS_MS)
    closeStreams(child)
    return gone
  })
  return {
    pid: child.pid,
    port,
    exited: child.exited,
    kill,
    end,
    stop: Effect.fnUntraced(function* (patienceMs: number) {
      if (child.exit() === null) signalGroup(child.pid, "SIGTERM")
      yield* settles(Promise.all([child.exited, output.ended]), patienceMs)
      return yield* end()
    }),
    telling: output.telling,
  }
}

/** Waits for `promise`, at most `withinMs`; whether it came. */
const settles = (promise: Promise<unknown>, withinMs: number): Effect.Effect<boolean> =>
  Effect.promise(() => promise).pipe(Effect.timeoutOption(withinMs), Effect.map(Option.isSome))

/** Only a process that left the group can still hold the other ends; it must not keep this one from exiting. */
const closeStreams = (child: LeashedProcess): void => {
  child.stdout.destroy()
  child.stderr.destroy()
}
