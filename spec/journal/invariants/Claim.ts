import type { Happening } from "../Happening.ts"
import type { History } from "../History.ts"

/**
 * A promise of the journal for one cell, held against everything that happens there: undefined while it is kept, else
 * one line that says how it is broken. `history` knows of the happening already, unless it contradicts what was
 * before. A claim may remember, so each cell has its own.
 */
export type Claim = (happening: Happening, history: History) => string | undefined
