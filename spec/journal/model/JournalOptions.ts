import type { Budget } from "./Cell.ts"
import type { JournalMutantName } from "./JournalMutants.ts"
import type { Rules } from "./JournalRule.ts"
import type { JournalWitness } from "./Witnesses.ts"

export interface JournalOptions {
  /** How many there can ever be; at most 8. */
  readonly peers: number
  /** Those of genesis, in the order of the ring: the first r are the view of epoch 0. */
  readonly founders: number
  /** r. */
  readonly replicas: number
  /** Different requests of one client, at most 7. */
  readonly requests: number
  readonly budget: Partial<Budget>
  /** Rules that are followed at these peers alone, where all is too much. */
  readonly only?: Readonly<Record<string, ReadonlyArray<number>>>
  readonly flush?: Rules["flush"]
  readonly mutant?: JournalMutantName
  /** What must be met. */
  readonly witnesses?: ReadonlyArray<JournalWitness>
  /** What must stay reachable. */
  readonly goals?: ReadonlyArray<JournalGoal>
}

export type JournalGoal = "a leader serves" | "every request is answered"
