import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

/** Something that was opened in a scope of its own, which closes when this is disposed of (`await using`). */
export interface Opened<A> {
  readonly value: A
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Opens `effect` in a scope of its own. @throws what it fails with. */
export const opened = async <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<Opened<A>> => {
  const scope = Effect.runSync(Scope.make())
  const value = await Effect.runPromise(Scope.provide(effect, scope))
  const close = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))
  return { value, close, [Symbol.asyncDispose]: close }
}
