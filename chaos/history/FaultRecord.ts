/** One line of faults.jsonl: what became of one fault of the plan. Times in ns, on the clock of the history. */
export interface FaultRecord {
  /** Its place in the plan's list, from 0. */
  readonly fault: number
  /** When it began to be applied: of many links some are worse before all of them are. */
  readonly begunAt: number
  /** When it was applied, whole. */
  readonly appliedAt: number
  /** When its undo was done, and for links when it began; null if it has none, or was never undone. */
  readonly undoneAt: number | null
  /** When the ring was found whole for the first time after that; null if it was not looked for, or not found. */
  readonly wholeAt: number | null
  /** Whether it was seen to do something; null if that could not be seen. */
  readonly bit: boolean | null
  /** What was seen: bytes stopped, a process gone, a latency measured. */
  readonly proof: string
  /** Which assumption of the system it breaks, by name; "" if none. */
  readonly assumption: string
  /** Why this machine cannot do it; it was not applied then, and `appliedAt` says when it would have been. */
  readonly unavailable?: string
}
