/** How the virtual network and the virtual peers behave; times in virtual milliseconds. */
export interface VirtualOptions {
  /** Decides every delay and every loss: the same seed gives the same run, event for event. */
  readonly seed: number
  /** A message takes between these, uniformly; independent delays reorder messages. */
  readonly latencyMs: readonly [number, number]
  /**
   * Areas that peers are spread over, and how long a message takes within one; between two it takes `latencyMs`. null: all
   * is one area, in which it takes `latencyMs`.
   */
  readonly areas: { readonly count: number; readonly insideMs: number } | null
  /** Chance that a message is lost, and that it is delivered twice, in [0, 1). */
  readonly loss: number
  readonly duplication: number
  /** Chance that a message takes up to this long instead. */
  readonly delayed: readonly [chance: number, ms: number]
  readonly successors: number
  readonly cells: number
  readonly tickMs: number
  readonly suspectTicks: number
  /** How long the process of a peer that leaves stays on to pass lookups on. */
  readonly lingerMs: number
}

export const defaults: VirtualOptions = {
  seed: 1,
  latencyMs: [0.3, 2],
  areas: null,
  loss: 0,
  duplication: 0,
  delayed: [0, 0],
  successors: 4,
  cells: 128,
  tickMs: 100,
  suspectTicks: 3,
  lingerMs: 1000,
}
