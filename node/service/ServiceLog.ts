import { mkdir, open, type FileHandle, rename } from "node:fs/promises"
import { dirname } from "node:path"
import * as Effect from "effect/Effect"
import { systemReason } from "../log/SystemReason.ts"
import { InstanceError } from "./InstanceError.ts"

/** The file that keeps what the service writes. */
export interface ServiceLog {
  readonly file: string
  /**
   * Adds `lines`. Resolves when they are written, so whoever waits for it before reading on holds no more than one
   * piece in memory; never rejects: a log that cannot be written is told once through `onProblem`, and the service
   * goes on without.
   */
  append(lines: ReadonlyArray<string>): Promise<void>
}

export interface ServiceLogOptions {
  readonly file: string
  /** Size in bytes at which FILE becomes FILE.1 (the former one is dropped) and a new one begins. */
  readonly maxBytes: number
  readonly onProblem: (reason: string) => void
}

/** Opens the log for appending, its directory made if missing; written out and closed with the scope. */
export const openServiceLog = Effect.fnUntraced(function* (options: ServiceLogOptions) {
  const log = new RotatingLog(options)
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => log.open(),
      catch: (error) =>
        new InstanceError({
          kind: "system",
          reason: `cannot write the service's log ${options.file}: ${systemReason(error)}; make its directory writable`,
        }),
    }).pipe(Effect.as<ServiceLog>(log)),
    () => Effect.promise(() => log.close()),
  )
})

class RotatingLog implements ServiceLog {
  readonly file: string
  readonly #options: ServiceLogOptions
  #handle: FileHandle | null = null
  #size = 0
  #failing = false
  #last: Promise<void> = Promise.resolve()

  constructor(options: ServiceLogOptions) {
    this.#options = options
    this.file = options.file
  }

  async open(): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true })
    this.#handle = await open(this.file, "a")
    this.#size = (await this.#handle.stat()).size
  }

  append(lines: ReadonlyArray<string>): Promise<void> {
    if (lines.length === 0) return this.#last
    // One write at a time: both streams of the service end here.
    this.#last = this.#last.then(() => this.#write(lines))
    return this.#last
  }

  async close(): Promise<void> {
    await this.#last
    const handle = this.#handle
    this.#handle = null
    await handle?.close().catch(() => {})
  }

  async #write(lines: ReadonlyArray<string>): Promise<void> {
    const bytes = Buffer.from(`${lines.join("\n")}\n`)
    try {
      if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) await this.#rotate()
      await this.#handle?.appendFile(bytes)
      this.#size += bytes.length
      this.#failing = false
    } catch (error) {
      if (!this.#failing) {
        this.#options.onProblem(`cannot write the service's log ${this.file}: ${systemReason(error)}`)
      }
      this.#failing = true
    }
  }

  async #rotate(): Promise<void> {
    await this.#handle?.close()
    this.#handle = null
    await rename(this.file, `${this.file}.1`)
    this.#handle = await open(this.file, "a")
    this.#size = 0
  }
}
