import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** Where `program` is on the PATH; an Error that says how to get it otherwise. */
export const findProgram = (program: string, remedy: string): string => {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(directory, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  throw new Error(`reference missing: ${program}; ${remedy}`)
}

/** Processes that all end with this object. */
export class Processes implements AsyncDisposable {
  readonly children: Array<ChildProcess> = []

  start(program: string, args: ReadonlyArray<string>, cwd: string): void {
    this.children.push(spawn(program, args, { cwd, stdio: "ignore" }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.children.filter((child) => child.exitCode === null && child.signalCode === null)
    const ends = left.map((child) => new Promise((resolve) => child.once("exit", resolve)))
    for (const child of left) child.kill("SIGKILL")
    await Promise.all(ends)
  }
}
