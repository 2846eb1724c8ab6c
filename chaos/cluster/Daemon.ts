import { createWriteStream } from "node:fs"
import { execa } from "execa"
import type { PidFile } from "./PidFile.ts"

/** How a process is started, again and again. */
export interface DaemonOptions {
  readonly name: string
  readonly command: readonly [program: string, ...args: ReadonlyArray<string>]
  /** What it prints is added to this file. */
  readonly log: string
  readonly pids: PidFile
}

interface Child {
  readonly pid: number | undefined
  readonly kill: (signal: NodeJS.Signals) => boolean
  /** Its exit status; undefined if a signal ended it. */
  readonly end: Promise<number | undefined>
}

/** One process at a time, of which every line that it prints is seen; it ends when the harness does (`--leash`). */
export class Daemon {
  readonly name: string
  private readonly options: DaemonOptions
  private child: Child | undefined
  private lines: Array<string> = []
  private readonly waiting = new Set<() => void>()

  constructor(options: DaemonOptions) {
    this.name = options.name
    this.options = options
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  get runs(): boolean {
    return this.child !== undefined
  }

  /** @param environment beside the harness's own */
  start(environment: Readonly<Record<string, string>> = {}): void {
    if (this.child !== undefined) throw new Error(`${this.name} runs already`)
    const [program, ...args] = this.options.command
    const started = execa(program, args, {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      buffer: false,
      reject: false,
      forceKillAfterDelay: false,
      env: environment,
    })
    if (started.pid !== undefined) this.options.pids.add(started.pid)
    this.lines = []
    const log = createWriteStream(this.options.log, { flags: "a" })
    started.stdin.on("error", () => {})
    started.stderr.on("data", (bytes: Buffer) => log.write(bytes))
    let rest = ""
    started.stdout.setEncoding("utf8").on("data", (text: string) => {
      log.write(text)
      const parts = (rest + text).split("\n")
      rest = parts.pop() ?? ""
      this.lines.push(...parts)
      this.tell()
    })
    const child: Child = {
      pid: started.pid,
      kill: (signal) => started.kill(signal),
      end: started.then(({ exitCode }) => {
        log.end()
        if (this.child === child) this.child = undefined
        this.tell()
        return exitCode
      }),
    }
    this.child = child
  }

  /** @throws Error if it does not run */
  signal(signal: NodeJS.Signals): void {
    if (this.child === undefined) throw new Error(`${this.name} does not run`)
    this.child.kill(signal)
  }

  /** SIGKILL; done when it is gone. */
  async kill(): Promise<void> {
    const { child } = this
    if (child === undefined) return
    child.kill("SIGKILL")
    await child.end
  }

  /**
   * SIGTERM; SIGKILL if that takes too long.
   *
   * @returns its exit status; undefined if it had to be killed
   */
  async stop(withinMs: number): Promise<number | undefined> {
    const { child } = this
    if (child === undefined) return 0
    child.kill("SIGCONT")
    child.kill("SIGTERM")
    const timer = setTimeout(() => child.kill("SIGKILL"), withinMs)
    const exitCode = await child.end
    clearTimeout(timer)
    return exitCode
  }

  /**
   * Resolves with the first line since its start that `isIt` says is the one.
   *
   * @throws Error if it ends, or after `withinMs`
   */
  line(isIt: (line: string) => boolean, withinMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        this.waiting.delete(look)
        settle()
      }
      const look = (): void => {
        const found = this.lines.find(isIt)
        if (found !== undefined) end(() => resolve(found))
        else if (this.child === undefined)
          end(() => reject(new Error(`${this.name} ended; see ${this.options.log}`)))
      }
      const late = `${this.name} did not say what it was to say in ${withinMs} ms; see ${this.options.log}`
      const timer = setTimeout(() => end(() => reject(new Error(late))), withinMs)
      this.waiting.add(look)
      look()
    })
  }

  private tell(): void {
    for (const look of this.waiting) look()
  }
}
