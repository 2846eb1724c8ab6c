import type { Reader } from "./Value.ts"

/**
 * The flags of a command as plain data. Two readers share them: effect/cli for help, completions and every mistake
 * (CommandTree.ts), and a short one for the ordinary case (PlainArgs.ts), because a ring starts a dozen processes at
 * once and loading effect/cli more than doubles the start of each.
 */
export type Flag<A = unknown> = Switch | Required<A> | Optional<A, unknown> | Many<A>

/** A record of flags by their long names. */
export type Flags = Readonly<Record<string, Flag>>

interface Common {
  /** One line for the help, with the default if there is one. */
  readonly about: string
  /** One letter. */
  readonly alias?: string
  /** Not shown in help: for processes that start each other. */
  readonly hidden?: boolean
}

interface Valued<A> extends Common {
  /** What stands for the value in help. */
  readonly metavar: string
  readonly read: Reader<A>
  /** All values there are, for completions. */
  readonly choices?: ReadonlyArray<string>
}

/** Present or absent. */
export interface Switch extends Common {
  readonly kind: "switch"
}

export interface Required<A> extends Valued<A> {
  readonly kind: "required"
}

export interface Optional<A, D> extends Valued<A> {
  readonly kind: "optional"
  /** The value when the flag is absent. */
  readonly fallback: D
}

/** May be repeated; its value is the list of what was given, in order. */
export interface Many<A> extends Valued<A> {
  readonly kind: "many"
}

/** The value a flag has once read. */
export type ValueOf<F> = F extends Switch
  ? boolean
  : F extends Required<infer A>
    ? A
    : F extends Optional<infer A, infer D>
      ? A | D
      : F extends Many<infer A>
        ? ReadonlyArray<A>
        : never

export type ValuesOf<F> = { readonly [Name in keyof F]: ValueOf<F[Name]> }
