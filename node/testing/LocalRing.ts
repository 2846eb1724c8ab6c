import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { until } from "./Until.ts"

/** What `up` writes to DATA/up.json and keeps current. */
export interface UpFile {
  readonly dispatchers: ReadonlyArray<{ readonly name: string; readonly pid: number; readonly url: string }>
  readonly peers: ReadonlyArray<{
    readonly name: string
    readonly pid: number
    readonly instancePid: number | null
    readonly ringPort: number
    readonly url: string
    readonly state: string
  }>
}

/** A ring of real processes, started by `ringstead up` as any user would. */
export interface LocalRing {
  readonly data: string
  /** DATA/up.json as it stands. */
  readonly file: () => Promise<UpFile>
  /** Everything `up` printed so far. */
  readonly output: () => string
  /** Sends a signal to a peer or dispatcher by name. */
  readonly signal: (name: string, signal: NodeJS.Signals) => Promise<void>
  /** Runs another command of the binary against this ring. */
  readonly run: (
    ...words: ReadonlyArray<string>
  ) => Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>
  /** SIGKILL to `up` and to every process of the ring at once, as when the machine loses power. Keeps the data. */
  readonly crash: () => Promise<void>
  /** SIGTERM to `up`; done when it has ended. Keeps the data unless told otherwise. */
  readonly stop: () => Promise<{ readonly exitCode: number | undefined }>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const root = new URL("../..", import.meta.url).pathname
const main = join(root, "node/main.ts")

/** The binary, from the checkout. Never throws for an exit code. */
export const ringstead = async (
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> => {
  const result = await execa(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    timeout: options.timeoutMs ?? 30_000,
    reject: false,
    stdin: "ignore",
  })
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
}

/**
 * Starts `up` with `args` on a data directory of its own (or the one given) and waits for its line `ready`.
 *
 * @throws Error with all that `up` printed, when it does not get ready within `deadlineMs`.
 */
export const startRing = async (
  args: ReadonlyArray<string>,
  options: { readonly data?: string; readonly deadlineMs?: number } = {},
): Promise<LocalRing> => {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "ringstead-")))
  const child = execa(process.execPath, [main, "up", "--data", data, ...args], {
    cwd: root,
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    forceKillAfterDelay: false,
  })
  let printed = ""
  child.all?.setEncoding("utf8").on("data", (text: string) => {
    printed += text
  })
  let ended: { readonly exitCode: number | undefined } | undefined
  const end = child.then((result) => {
    ended = { exitCode: result.exitCode }
    return ended
  })
  const stop = async (): Promise<{ readonly exitCode: number | undefined }> => {
    if (ended === undefined) child.kill("SIGTERM")
    return await end
  }
  const file = async (): Promise<UpFile> =>
    JSON.parse(await readFile(join(data, "up.json"), "utf8")) as UpFile
  const ring: LocalRing = {
    data,
    file,
    output: () => printed,
    stop,
    signal: async (name, signal) => {
      const { peers, dispatchers } = await file()
      const found = [...peers, ...dispatchers].find((one) => one.name === name)
      if (found === undefined) throw new Error(`up.json names no ${name}`)
      process.kill(found.pid, signal)
    },
    run: (...words) => ringstead([...words, "--data", data]),
    crash: async () => {
      const { peers, dispatchers } = await file()
      child.kill("SIGKILL")
      for (const { pid } of [...peers, ...dispatchers]) process.kill(pid, "SIGKILL")
      await end
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      if (options.data === undefined) await rm(data, { recursive: true, force: true })
    },
  }
  try {
    await until(
      "up prints ready",
      () => (/^ready$/m.test(printed) ? true : ended === undefined ? undefined : false),
      options.deadlineMs ?? 60_000,
    )
    if (ended !== undefined) throw new Error("up ended")
  } catch (error) {
    await stop()
    throw new Error(`the ring did not start; up printed:\n${printed}`, { cause: error })
  }
  return ring
}
