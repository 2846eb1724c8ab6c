import { readdirSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"

/**
 * Sends `signal` to every process of group `pgid`.
 *
 * @returns false when there is no such group (any more), or none of it may be signalled.
 */
export const signalGroup = (pgid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(-pgid, signal)
  } catch {
    return false
  }
}

/**
 * Whether a process of group `pgid` still runs. Zombies do not count: they hold no port and no memory, and where
 * process 1 is no init (many containers) nobody ever collects them.
 */
export const isGroupAlive = (pgid: number): boolean => {
  try {
    process.kill(-pgid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
  const states = membersOf(pgid).map((member) => member.state)
  // None visible although the kernel has some: they ended meanwhile, or /proc hides them. Ask again, then.
  return states.length === 0 || states.some((state) => state !== "Z" && state !== "X")
}

/**
 * Waits until nothing of group `pgid` runs, for at most `withinMs` milliseconds.
 *
 * @returns whether it is proven gone.
 */
export const groupGone = Effect.fnUntraced(function* (pgid: number, withinMs: number) {
  let waited = 0
  for (let pause = 4; isGroupAlive(pgid); pause = Math.min(100, pause * 2)) {
    if (waited >= withinMs) return false
    yield* Effect.sleep(pause)
    waited += pause
  }
  return true
})

/** A line of /proc/PID/stat, as far as it is needed here (proc(5)). */
export interface ProcessStat {
  readonly pid: number
  /** R, S, D, T, ...; Z for a zombie. */
  readonly state: string
  readonly group: number
  readonly session: number
  /** When the process began, in clock ticks since the machine started. */
  readonly start: string
}

/** What Linux says of process `pid`; null when there is none, or no /proc. */
export const statOf = (pid: number): ProcessStat | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    const [state, , group, session] = fields
    const start = fields[19]
    if (state === undefined || start === undefined) return null
    return { pid, state, group: Number(group), session: Number(session), start }
  } catch {
    return null
  }
}

/** All processes of group `pgid`, zombies included; empty where there is no /proc. Reads all of /proc: for rare use. */
export const membersOf = (pgid: number): ReadonlyArray<ProcessStat> => {
  let names: ReadonlyArray<string>
  try {
    names = readdirSync("/proc")
  } catch {
    return []
  }
  return names
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== null)
    .filter((stat) => stat.group === pgid)
}
