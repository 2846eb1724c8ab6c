import type { Leader } from "../ingress/PeerHeaders.ts"

/** Whom to ask which peer leads a cell: the ring. */
export interface LeaderSource {
  /** Whether there is any peer to ask at present. */
  readonly reachable: () => boolean
  /**
   * The leader of `cell` as the ring sees it, or null when nobody answered in time. Never rejects.
   *
   * @param avoid name of a peer to ask only if there is no other: it may be the one that fell silent.
   */
  readonly find: (cell: number, avoid: string | null) => Promise<Leader | null>
}

/**
 * Which peer leads which cell, as far as this dispatcher has heard. A hint: a peer that does not lead says so, and
 * whoever finds an entry wrong corrects it. At most one entry a cell.
 */
export class Leaders {
  private readonly source: LeaderSource
  private readonly byCell: Array<Leader | undefined>
  private readonly cellsOf = new Map<string, Set<number>>()
  private readonly searches = new Map<string, Promise<Leader | null>>()
  private readonly failures = new Map<string, number>()

  constructor(cells: number, source: LeaderSource) {
    this.source = source
    this.byCell = Array.from({ length: cells }, () => undefined)
  }

  get(cell: number): Leader | undefined {
    return this.byCell[cell]
  }

  learn(cell: number, leader: Leader): void {
    const before = this.byCell[cell]
    if (before === leader) return
    if (before !== undefined) this.cellsOf.get(before.name)?.delete(cell)
    this.byCell[cell] = leader
    const cells = this.cellsOf.get(leader.name)
    if (cells === undefined) this.cellsOf.set(leader.name, new Set([cell]))
    else cells.add(cell)
  }

  /** How often `peer` was found to have failed, so far. */
  failuresOf(peer: string): number {
    return this.failures.get(peer) ?? 0
  }

  /** Drops every entry that names `peer`: it failed. */
  forget(peer: string): void {
    this.failures.set(peer, this.failuresOf(peer) + 1)
    for (const cell of this.cellsOf.get(peer) ?? []) this.byCell[cell] = undefined
    this.cellsOf.delete(peer)
  }

  /**
   * Asks the ring who leads `cell`; whoever asks the same meanwhile shares the answer. It is remembered when nothing
   * is known (what the peers of the cell said themselves is better), unless it names `avoid`, the peer that has just
   * failed.
   */
  find(cell: number, avoid: string | null): Promise<Leader | null> {
    const key = `${cell} ${avoid ?? ""}`
    const searching = this.searches.get(key)
    if (searching !== undefined) return searching
    const search = this.source.find(cell, avoid).then((leader) => {
      this.searches.delete(key)
      if (leader !== null && leader.name !== avoid && this.get(cell) === undefined) this.learn(cell, leader)
      return leader
    })
    this.searches.set(key, search)
    return search
  }
}
