/** Something that has bytes to send. */
export interface Flushable {
  onFlush(): void
}

let waiting: Array<Flushable> = []

const flush = (): void => {
  const due = waiting
  waiting = []
  for (const one of due) one.onFlush()
}

/**
 * Has `one` send its bytes as soon as everything that this turn of the event loop received has been read.
 *
 * A write wakes its reader at once, which on a busy machine runs in place of the writer. Reading first and writing
 * then, in a row, costs a proxy a tenth less processor time, and nothing when there is one request at a time.
 */
export const flushSoon = (one: Flushable): void => {
  if (waiting.push(one) === 1) setImmediate(flush)
}
