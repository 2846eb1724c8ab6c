/** What a peer knows of its clients' sessions and of its service instance; volatile. */
export interface Handoff {
  /** Birth of the newest ready service instance, null while none is ready. */
  readonly birth: number | null
  /** One per cell that this peer replicates, null elsewhere. */
  readonly cells: ReadonlyArray<CellSessions | null>
}

/** The sessions of one cell. */
export interface CellSessions {
  /** Requests of the cell that run on an instance now, or ran and are not journaled yet. */
  readonly running: number
  /** Sessions of the cell with committed entries that the newest instance has not applied, though it could. */
  readonly behind: number
}
