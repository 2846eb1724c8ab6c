import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { statOf } from "./ProcessGroup.ts"

/**
 * Names the process that runs under `pid` at this moment, so that it can be told later from another one that was
 * given the same number: the boot of the machine and the start of the process, on Linux; elsewhere what `ps` says
 * of its start. null when no such process runs (a zombie does not).
 */
export const markOf = (pid: number): string | null => {
  const boot = bootId()
  if (boot === null) return startByPs(pid)
  const stat = statOf(pid)
  return stat === null || stat.state === "Z" || stat.state === "X" ? null : `${boot} ${stat.start}`
}

/** Whether `mark` was made before this machine started last: then its process is gone, whoever has its number. */
export const isFromEarlierBoot = (mark: string): boolean => {
  const boot = bootId()
  return boot !== null && !mark.startsWith(boot)
}

const bootId = (): string | null => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
  } catch {
    return null
  }
}

const startByPs = (pid: number): string | null => {
  try {
    const start = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim()
    return start === "" ? null : start
  } catch {
    return null
  }
}
