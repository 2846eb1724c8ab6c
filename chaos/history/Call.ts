import type { Operation } from "./Operation.ts"

/** An operation from its beginning to its end. */
export interface Call {
  readonly invoke: Operation
  /** `open`: what became of it is not known, so it may take effect at any time after it began, or never. */
  readonly outcome: "ok" | "fail" | "open"
  /** What ended it; null for an `invoke` at the end of the history. */
  readonly end: Operation | null
}

/**
 * The calls of a history, in the order in which they began.
 *
 * @throws RangeError for a history in which a process does two things at once, or ends what it has not begun
 */
export const callsOf = (history: ReadonlyArray<Operation>): ReadonlyArray<Call> => {
  const running = new Map<number, Operation>()
  const ends = new Map<Operation, Operation>()
  for (const operation of history) {
    const { process, type, index, f } = operation
    const invoke = running.get(process)
    if (type === "invoke") {
      if (invoke !== undefined) {
        throw new RangeError(
          `line ${index}: process ${process} begins ${f} before line ${invoke.index}, ${invoke.f}, has ended`,
        )
      }
      running.set(process, operation)
    } else {
      if (invoke === undefined || invoke.f !== f || invoke.client !== operation.client)
        throw new RangeError(`line ${index}: process ${process} ends ${f}, which it has not begun`)
      running.delete(process)
      ends.set(invoke, operation)
    }
  }
  return history.flatMap((invoke) => (invoke.type === "invoke" ? [callOf(invoke, ends.get(invoke))] : []))
}

const callOf = (invoke: Operation, end: Operation | undefined): Call => ({
  invoke,
  outcome: end === undefined || end.type === "info" || end.type === "invoke" ? "open" : end.type,
  end: end ?? null,
})

/** By the client whose session it is; each client in the order of its first call. */
export const byClient = (calls: ReadonlyArray<Call>): ReadonlyMap<string, ReadonlyArray<Call>> =>
  Map.groupBy(calls, ({ invoke }) => invoke.client)
