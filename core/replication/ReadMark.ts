/** When a read at a leader began. */
export interface ReadMark {
  readonly epoch: number
  /** A round that began after the read. */
  readonly round: number
  /** Length of the leader's log then. */
  readonly length: number
}
