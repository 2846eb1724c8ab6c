import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { startOf } from "./ProcessStart.ts"

interface Started {
  readonly pid: number
  readonly start: string | null
}

interface Kept {
  readonly harness: Started
  readonly processes: ReadonlyArray<Started>
}

/**
 * The processes that a harness has started, in STORE/running/PID.json, so that the next one can end what a harness that was
 * killed has left behind. A process is known by its number and its start, so that no stranger is met.
 */
export class PidFile {
  private readonly path: string
  private readonly processes: Array<Started> = []

  constructor(store: string) {
    const directory = join(store, "running")
    mkdirSync(directory, { recursive: true })
    this.path = join(directory, `${process.pid}.json`)
    this.write()
  }

  add(pid: number): void {
    this.processes.push({ pid, start: startOf(pid) })
    this.write()
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }

  private write(): void {
    const kept: Kept = {
      harness: { pid: process.pid, start: startOf(process.pid) },
      processes: this.processes,
    }
    writeFileSync(`${this.path}.new`, JSON.stringify(kept))
    renameSync(`${this.path}.new`, this.path)
  }
}

/**
 * Ends what harnesses that are gone have left behind.
 *
 * @returns how many processes that were
 */
export const endLeftovers = (store: string): number => {
  const directory = join(store, "running")
  if (!existsSync(directory)) return 0
  let ended = 0
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
    const path = join(directory, file)
    const { harness, processes } = JSON.parse(readFileSync(path, "utf8")) as Kept
    if (isSame(harness)) continue
    for (const { pid } of processes.filter(isSame)) {
      process.kill(pid, "SIGKILL")
      ended++
    }
    rmSync(path)
  }
  return ended
}

const isSame = ({ pid, start }: Started): boolean => start !== null && startOf(pid) === start
