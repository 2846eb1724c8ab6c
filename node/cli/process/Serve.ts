import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { ExitCode } from "../ExitCode.ts"
import { misconfigured, type Refusal, unavailable } from "../Refusal.ts"
import { writeEvent } from "./EventLine.ts"
import { stdinEnds } from "./StdinLeash.ts"

/** A peer or a dispatcher that cannot run, as the end of its command. */
export const refusalOf = (error: {
  readonly kind: "configuration" | "environment"
  readonly reason: string
}): Refusal => (error.kind === "configuration" ? misconfigured(error.reason) : unavailable(error.reason))

export interface ServeOptions {
  /** Who speaks. */
  readonly name: string
  readonly log: "text" | "json"
  /** Whether the end of standard input is the end of this process. */
  readonly leash: boolean
}

/**
 * Runs a peer or a dispatcher until it is done, fails, or is interrupted, and prints what it says on standard output;
 * with its scope it stops in good order. From the end of its leash on `isOver` is true: the whole ring ends with it.
 */
export const serve = (
  options: ServeOptions,
  run: (
    emit: (event: ProcessEvent) => void,
    isOver: () => boolean,
  ) => Effect.Effect<unknown, Refusal, Scope.Scope>,
): Effect.Effect<ExitCode, Refusal> => {
  const emit = (event: ProcessEvent): void => {
    const line = writeEvent(options.log, { at: new Date().toISOString(), who: options.name, event })
    process.stdout.write(`${line}\n`)
  }
  let over = false
  const leashEnds = Effect.tap(stdinEnds, () =>
    Effect.sync(() => {
      over = true
    }),
  )
  const serving = Effect.scoped(run(emit, () => over)).pipe(
    // In text the reason goes to standard error, once.
    Effect.tapError(({ reason }) =>
      Effect.sync(() => (options.log === "json" ? emit({ type: "failed", reason }) : undefined)),
    ),
  )
  return Effect.as(options.leash ? Effect.raceFirst(serving, leashEnds) : serving, ExitCode.ok)
}
