import { type ChildProcess, fork } from "node:child_process"
import type { Answer } from "./Answer.ts"

/** Z3's own limit comes first; a process that has not answered by this much later is killed. In ms. */
const GRACE = 5_000

/** In a checkout, or beside the binary once it is published. */
const PROGRAM = import.meta.url.endsWith(".ts") ? "./SolverProcess.ts" : "./SolverProcess.js"

/** One Z3 in a process of its own, which is started when it is needed. */
export class Solver {
  #process: ChildProcess | undefined

  /** The answer within about `limit` ms: at worst `unknown`. One question at a time. */
  async ask(text: string, limit: number): Promise<Answer> {
    const child = (this.#process ??= await started())
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        clearTimeout(timer)
        child.removeAllListeners("message").removeAllListeners("exit")
        resolve(answer)
      }
      const timer = setTimeout(() => {
        this.close()
        settle({ verdict: "unknown", why: `no answer within ${(limit + GRACE) / 1000} s` })
      }, limit + GRACE)
      child.once("message", (answer) => settle(answer as Answer))
      child.once("exit", (code, signal) => {
        this.#process = undefined
        settle({ verdict: "unknown", why: `the solver's process ended (${signal ?? code})` })
      })
      child.send({ text, limit })
    })
  }

  close(): void {
    this.#process?.kill("SIGKILL")
    this.#process = undefined
  }
}

/** @throws Error when it cannot be started, z3-solver not being there, say. */
const started = (): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL(PROGRAM, import.meta.url), {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    })
    let complaint = ""
    child.stderr?.on("data", (data: Buffer) => (complaint += data.toString()))
    child.once("message", () => {
      child.removeAllListeners("exit")
      resolve(child)
    })
    child.once("exit", () => {
      const line = complaint.split("\n").find((text) => text.includes("Error")) ?? "it ended at once"
      reject(
        new Error(
          line.includes("z3-solver")
            ? "z3-solver is not installed here: 'npm ci' in a checkout, else 'npm install z3-solver' beside this package; or --emit DIR writes the questions for another solver"
            : `the solver does not start: ${line}`,
        ),
      )
    })
  })
