/** A replicated store of somebody else's: three members on this machine, each of which flushes what it acknowledges. */
export interface Rival extends AsyncDisposable {
  /** Writes one value under the key, and is done when all that its makers call safe has happened. */
  readonly put: (key: string, value: string, done: (error?: Error) => void) => void
}

/** How many members each has. */
export const MEMBERS = 3
