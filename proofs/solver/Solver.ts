import { type ChildProcess, fork } from "node:child_process"
import type { Answer } from "./Answer.ts"

/** Z3's own limit comes first; a process that has not answered by this much later is killed. In ms. */
const GRACE = 5_000

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

/** @throws Error when z3-solver cannot be loaded. */
const started = (): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL("./SolverProcess.ts", import.meta.url), {
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
      reject(new Error(`the solver does not start: ${line}`))
    })
  })
