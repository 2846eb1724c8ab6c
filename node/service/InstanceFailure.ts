import { oneLine } from "../log/OneLine.ts"
import { systemReason } from "../log/SystemReason.ts"
import { InstanceError } from "./InstanceError.ts"
import type { Exit } from "./Leash.ts"

/** What the shell exits with when it does not find the command, and when it may not execute it (POSIX, 2.8.2). */
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

const remedy = "it must listen on the port in the PORT environment variable"

/** The service ended before it accepted a connection. `telling` is its own word on it, or "". */
export const endedEarly = (command: string, exit: Exit, telling: string): InstanceError => {
  const how = describe(exit, telling)
  if (exit.code === NOT_FOUND || exit.code === NOT_EXECUTABLE) {
    const what = exit.code === NOT_FOUND ? "was not found" : "cannot be executed"
    return new InstanceError({
      kind: "missing",
      reason: `service ${named(command)} ${what}: ${how}; check the command`,
    })
  }
  return new InstanceError({
    kind: "exited",
    reason: `service ${named(command)} ended before it accepted a connection: ${how}; ${remedy} and keep running`,
  })
}

/** The service ran for `readyMs` and accepted no connection. */
export const neverReady = (command: string, port: number, readyMs: number, telling: string): InstanceError =>
  new InstanceError({
    kind: "unready",
    reason: `service ${named(command)} accepted no connection on 127.0.0.1:${port} or [::1]:${port} within ${readyMs} ms${quoted(telling)}; ${remedy}, or be given more time`,
  })

/** The system refused what it takes to start the service. */
export const cannotStart = (command: string, error: unknown): InstanceError =>
  new InstanceError({
    kind: "system",
    reason: `service ${named(command)} cannot be started: ${systemReason(error)}; free what is short on this machine`,
  })

/** How a service that was running ended: `ended with signal SIGSEGV (its own word)`. */
export const endedAs = (exit: Exit, telling: string): string => `ended with ${describe(exit, telling)}`

/** The command in quotes, as messages show it. */
export const named = (command: string): string => `"${oneLine(command, 200)}"`

const describe = (exit: Exit, telling: string): string =>
  `${exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`}${quoted(telling)}`

const quoted = (telling: string): string => (telling === "" ? "" : ` (${telling})`)
