import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

/** Another process that runs a script of the test. */
export interface ScriptProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** What it has printed so far. */
  readonly printed: () => string
  readonly ended: Promise<unknown>
}

/**
 * Runs `source`, an ES module that may import the repository's modules by URL, in a process of its own. It is killed,
 * if it still runs, and waited for when it is disposed of.
 */
export const runScript = (source: string, options: { readonly uid?: number } = {}): ScriptProcess => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  })
  let text = ""
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece
  })
  const ended = once(child, "close")
  return {
    child,
    printed: () => text,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL")
      await ended
    },
  }
}

/** The URL by which a script imports a module of the repository, named from its root. */
export const moduleUrl = (path: string): string => new URL(`../../${path}`, import.meta.url).href
