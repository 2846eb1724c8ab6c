import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type JournalStore, openJournal } from "../JournalStore.ts"

/** A journal that is open, and what it reported. */
export interface OpenedJournal {
  readonly store: JournalStore
  readonly durable: () => number
  readonly failures: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

/**
 * Opens the journal in `directory`.
 *
 * @throws StorageError
 */
export const openedJournal = async (
  directory: string,
  durability: "disk" | "memory" = "disk",
  onDurable: (upTo: number) => void = () => {},
): Promise<OpenedJournal> => {
  const scope = await Effect.runPromise(Scope.make())
  const failures: Array<string> = []
  const warnings: Array<string> = []
  let last = 0
  const opening = openJournal({
    directory,
    durability,
    onDurable: (upTo) => {
      last = upTo
      onDurable(upTo)
    },
    onFailed: (reason) => failures.push(reason),
    warn: (reason) => warnings.push(reason),
  })
  const store = await Effect.runPromise(Scope.provide(opening, scope))
  return {
    store,
    durable: () => last,
    failures,
    warnings,
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
