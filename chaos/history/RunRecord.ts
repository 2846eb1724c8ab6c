/** run.json of a run's directory: what was run, and when. Times in ns, on the clock of the history. */
export interface RunRecord {
  readonly on: "processes" | "simulator"
  /** The date, in ms since 1970. */
  readonly startedMs: number
  /** When the phases began, and when the last one ended. */
  readonly calmAt: number
  readonly faultsAt: number
  readonly settleAt: number
  readonly finalAt: number
  readonly endedAt: number
  /** The fault in the code that the harness is to find, if there is one. */
  readonly mutant: string | null
  /** The command line that repeats the run. */
  readonly command: string
  /** The promise of the journal that a simulated ring was seen to break, at which it stopped; null if none was. */
  readonly violation: string | null
  /** Why the ring was not whole at the end, one line each; nothing is amiss if it is empty. */
  readonly unsettled: ReadonlyArray<string>
}
