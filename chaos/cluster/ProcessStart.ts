import { readFileSync } from "node:fs"

/**
 * When a process began, in ticks since the machine started: with its number it names one process, whoever has the number
 * later; null if there is none of that number, or if the system does not say.
 */
export const startOf = (pid: number): string | null => statOf(pid)?.[19] ?? null

/** One letter of the system's: `T` for a process that was stopped by a signal; null if there is none. */
export const stateOf = (pid: number): string | null => statOf(pid)?.[0] ?? null

/** What stands in /proc/PID/stat after the name, which may have blanks and brackets in it. */
const statOf = (pid: number): ReadonlyArray<string> | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    return text.slice(text.lastIndexOf(")") + 2).split(" ")
  } catch {
    return null
  }
}
