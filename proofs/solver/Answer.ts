export interface Request {
  /** SMT-LIB up to its `(check-sat)`. */
  readonly text: string
  /** In ms. */
  readonly limit: number
}

/** What a solver says: with `sat` the constants of the state it found, with `unknown` why it gave up. */
export type Answer =
  | {
      readonly verdict: "unsat" | "sat"
      readonly values: ReadonlyArray<readonly [name: string, value: string]>
    }
  | { readonly verdict: "unknown"; readonly why: string }
