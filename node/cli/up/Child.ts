import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { systemReason } from "../../log/SystemReason.ts"
import { LineSplitter } from "../../service/LineSplitter.ts"
import { tellingLine } from "../../service/ServiceOutput.ts"
import { readEvent } from "../process/EventLine.ts"
import { type Refusal, unavailable } from "../Refusal.ts"

/** How a child process ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last thing it complained of; "" if nothing. */
  readonly complaint: string
}

/** One peer or dispatcher as a process of its own. */
export interface Child {
  readonly pid: number
  readonly ended: Effect.Effect<ChildEnd>
  readonly kill: (signal: NodeJS.Signals) => void
}

export interface ChildOptions {
  /** Program and arguments; `--log json --leash` among them. */
  readonly command: readonly [program: string, ...args: ReadonlyArray<string>]
  /** What the child writes on standard error is added to it: nothing, unless it fails. */
  readonly errorFile: string
  readonly onEvent: (event: ProcessEvent) => void
}

/** Its service may take 5 s to stop in good order; whoever takes longer than this is not going to. */
const END_WITHIN_MS = 8_000

/** Longest event line, in bytes: a service line at its longest, escaped. */
const LINE_BYTES = 65_536

/**
 * Starts a child in a session of its own, so that Ctrl-C on the terminal reaches `up` alone, with its standard input
 * as the leash: the child ends when that ends, which is how it learns that `up` is gone, however `up` went.
 *
 * Closing the scope lets go of the leash and waits; a child that does not end by itself is killed. Nothing of it runs
 * when the scope is closed.
 */
export const startChild = (options: ChildOptions): Effect.Effect<Child, Refusal, Scope.Scope> =>
  Effect.gen(function* () {
    const end = yield* Deferred.make<ChildEnd>()
    const child = yield* Effect.acquireRelease(launch(options, end), (running) => stop(running, end))
    return {
      pid: child.pid ?? 0,
      ended: Deferred.await(end),
      kill: (signal) => void child.kill(signal),
    }
  })

const launch = (
  options: ChildOptions,
  end: Deferred.Deferred<ChildEnd>,
): Effect.Effect<ChildProcess, Refusal> =>
  Effect.callback((resume) => {
    const [program, ...args] = options.command
    const errors = openSync(options.errorFile, "a")
    const begin = fstatSync(errors).size
    const child = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", errors] })
    closeSync(errors)
    let complaint = ""
    child.once("error", (error) =>
      resume(Effect.fail(unavailable(`cannot start ${program}: ${systemReason(error)}`))),
    )
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.stdin?.on("error", () => {})
    readEvents(child, (event) => {
      if (event.type === "failed") complaint = event.reason
      options.onEvent(event)
    })
    // "close" rather than "exit": by then all that it said has been read.
    child.once("close", (code, signal) =>
      Deferred.doneUnsafe(
        end,
        Effect.succeed({
          code,
          signal,
          complaint: complaint === "" ? complaintIn(options.errorFile, begin) : complaint,
        }),
      ),
    )
  })

const readEvents = (child: ChildProcess, onEvent: (event: ProcessEvent) => void): void => {
  const splitter = new LineSplitter(LINE_BYTES)
  child.stdout?.on("data", (chunk: Buffer) => {
    for (const text of splitter.push(chunk)) {
      const line = readEvent(text)
      if (line !== undefined) onEvent(line.event)
    }
  })
}

const stop = (child: ChildProcess, end: Deferred.Deferred<ChildEnd>): Effect.Effect<void> =>
  Effect.gen(function* () {
    child.stdin?.end()
    // One that was frozen would notice nothing.
    child.kill("SIGCONT")
    const gone = yield* Effect.timeoutOption(Deferred.await(end), END_WITHIN_MS)
    if (Option.isSome(gone)) return
    child.kill("SIGKILL")
    yield* Deferred.await(end)
  })

const complaintIn = (file: string, begin: number): string => {
  try {
    return tellingLine(readFileSync(file).toString("utf8", begin).trimEnd().split("\n")).replace(
      /^ringstead [a-z-]+: /,
      "",
    )
  } catch {
    return ""
  }
}
