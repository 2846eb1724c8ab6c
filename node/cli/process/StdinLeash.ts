import * as Effect from "effect/Effect"

/**
 * Waits until standard input ends. Whoever started this process holds the other end and never writes; when it dies,
 * however it dies, the kernel closes it.
 */
export const stdinEnds: Effect.Effect<void> = Effect.callback((resume) => {
  const end = () => resume(Effect.void)
  process.stdin.once("end", end).once("close", end).once("error", end).resume()
  return Effect.sync(() => process.stdin.off("end", end).off("close", end).off("error", end).pause())
})
