import { readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { writeAtomically } from "../../storage/AtomicFile.ts"

/**
 * Where a process of a local ring stands: `starting`, not serving yet or not for the moment; `ready`; `down`, died
 * and waits to be started again; `left`, went on its own accord and stays away.
 */
export type MemberState = "starting" | "ready" | "down" | "left"

/** DATA/up.json: what a running `up` consists of, for tools and tests. */
export interface UpFile {
  readonly dispatchers: ReadonlyArray<{
    readonly name: string
    /** null while it is not running. */
    readonly pid: number | null
    readonly url: string
    readonly state: MemberState
  }>
  readonly peers: ReadonlyArray<{
    readonly name: string
    /** null while it is not running. */
    readonly pid: number | null
    /** Of its service; null while that is not running. */
    readonly instancePid: number | null
    readonly ringPort: number
    /** Its HTTP ingress. */
    readonly url: string
    readonly state: MemberState
  }>
}

const pathIn = (data: string): string => join(data, "up.json")

/** What the last `up` on `data` wrote, or undefined: it ended in order, or there never was one. */
export const readUpFile = (data: string): UpFile | undefined => {
  try {
    return JSON.parse(readFileSync(pathIn(data), "utf8")) as UpFile
  } catch {
    return undefined
  }
}

/** Keeps DATA/up.json in step with `current`, one write at a time and none that is outdated before it begins. */
export class UpFileWriter {
  readonly #path: string
  readonly #current: () => UpFile
  readonly #onProblem: (error: unknown) => void
  #writing: Promise<void> | undefined
  #stale = false

  constructor(data: string, current: () => UpFile, onProblem: (error: unknown) => void) {
    this.#path = pathIn(data)
    this.#current = current
    this.#onProblem = onProblem
  }

  /** Something changed. Resolves when the file says so; never rejects. */
  changed(): Promise<void> {
    this.#stale = true
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
    return this.#writing
  }

  /** No `up` runs here any more. */
  async remove(): Promise<void> {
    await this.#writing
    await rm(this.#path, { force: true })
  }

  async #write(): Promise<void> {
    while (this.#stale) {
      this.#stale = false
      try {
        // oxlint-disable-next-line no-await-in-loop -- one write after the other is the point
        await writeAtomically(this.#path, `${JSON.stringify(this.#current(), null, 2)}\n`)
      } catch (error) {
        this.#onProblem(error)
      }
    }
  }
}
