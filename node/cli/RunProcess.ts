import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { constants } from "node:os"
import type { CliCommand } from "./CliCommand.ts"
import { ExitCode } from "./ExitCode.ts"
import { Refusal } from "./Refusal.ts"

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Runs `program` as this process: the first SIGINT, SIGTERM or SIGHUP interrupts it and waits for its finalizers, a
 * second one ends the process at once. A failure is one line on standard error.
 */
export const runProcess = (
  command: string,
  program: Effect.Effect<ExitCode, Refusal, Scope.Scope>,
  kind: CliCommand["kind"],
): void => {
  const fiber = Effect.runFork(Effect.scoped(program))
  let asked: (typeof SIGNALS)[number] | undefined
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked !== undefined) process.exit(128 + constants.signals[signal])
      asked = signal
      Effect.runFork(Fiber.interrupt(fiber))
    })
  }
  // Whoever read our output is gone, as in `ringstead status | head -1`.
  const onReaderGone = () => (kind === "tool" ? process.exit(ExitCode.ok) : undefined)
  process.stdout.on("error", onReaderGone)
  process.stderr.on("error", onReaderGone)
  fiber.addObserver((exit) => {
    if (Exit.isFailure(exit) && asked === undefined) process.stderr.write(`${explain(command, exit.cause)}\n`)
    process.exit(codeOf(exit, kind === "daemon" ? undefined : asked))
  })
}

const codeOf = (
  exit: Exit.Exit<ExitCode, Refusal>,
  killedBy: (typeof SIGNALS)[number] | undefined,
): number => {
  if (Exit.isSuccess(exit)) return exit.value
  if (Cause.hasInterruptsOnly(exit.cause))
    return killedBy === undefined ? 0 : 128 + constants.signals[killedBy]
  const error = Cause.squash(exit.cause)
  return error instanceof Refusal ? error.code : ExitCode.internal
}

const explain = (command: string, cause: Cause.Cause<Refusal>): string => {
  const error = Cause.squash(cause)
  if (error instanceof Refusal) return `ringstead ${command}: ${error.reason}`
  if (process.env["RINGSTEAD_DEBUG"] !== undefined) return `ringstead ${command}: ${Cause.pretty(cause)}`
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n")
  return `ringstead ${command}: internal error: ${line}; set RINGSTEAD_DEBUG=1 to see where`
}
