/**
 * Waits until `check` gives something other than undefined, asking again every 25 ms.
 *
 * @throws Error naming `what` when it has not come about after `deadlineMs`.
 */
export const until = async <A>(
  what: string,
  check: () => A | undefined | Promise<A | undefined>,
  deadlineMs = 15_000,
): Promise<A> => {
  const end = performance.now() + deadlineMs
  for (;;) {
    const value = await check()
    if (value !== undefined) return value
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
