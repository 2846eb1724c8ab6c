import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { startOf } from "./ProcessStart.ts"

interface Started {
  readonly pid: number
  readonly start: string | null
}

interface Kept {
  readonly harness: Started
  /** Directory that goes with it; null if there is none. */
  readonly data: string | null
  readonly processes: ReadonlyArray<Started>
}

/**
 * The processes that a harness has started, and where they keep their data, in STORE/running/PID.json, so that the next one can
 * end and remove what a harness that was killed has left behind. A process is known by its number and its start, so that no
 * stranger is met.
 */
export class PidFile {
  private readonly path: string
  private readonly data: string | null
  private readonly processes: Array<Started> = []

  /** @param data directory that is removed with what a killed harness left behind; null if there is none */
  constructor(store: string, data: string | null) {
    this.data = data
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
      data: this.data,
      processes: this.processes,
    }
    writeFileSync(`${this.path}.new`, JSON.stringify(kept))
    renameSync(`${this.path}.new`, this.path)
  }
}

/**
 * Ends and removes what harnesses that are gone have left behind.
 *
 * @returns how many processes that were
 */
export const endLeftovers = (store: string): number => {
  const directory = join(store, "running")
  if (!existsSync(directory)) return 0
  let ended = 0
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
    const path = join(directory, file)
    const { data, harness, processes } = JSON.parse(readFileSync(path, "utf8")) as Kept
    if (isSame(harness)) continue
    for (const { pid } of processes.filter(isSame)) {
      process.kill(pid, "SIGKILL")
      ended++
    }
    if (data !== null) rmSync(data, { recursive: true, force: true })
    rmSync(path)
  }
  return ended
}

const isSame = ({ pid, start }: Started): boolean => start !== null && startOf(pid) === start
