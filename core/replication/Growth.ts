import type { Turn } from "../peer/Turn.ts"
import { kept, putReplica, replicaAt, writeOut } from "./Cells.ts"
import { fade, itemAt, trim } from "./Log.ts"

/**
 * The items of expired sessions lose their bytes, here and in the store; digests stay, and with them chain and
 * indexes. A prefix of which nothing else is left is replaced by its length and head (journal.md, Growth). Leader and
 * members each do this when they know the expire entry to be committed, so they need not speak of it.
 *
 * @param indices of committed items, the expire entry's own among them once it has been heeded; others are left alone
 */
export const expireItems = (turn: Turn, cell: number, indices: ReadonlyArray<number>): void => {
  const replica = replicaAt(turn, cell)
  if (replica === null || replica.corrupt || turn.state.replication.failed) return
  const { commit, log } = replica
  const fading = indices.filter((index) => index < commit && (itemAt(log, index)?.bytes ?? null) !== null)
  if (fading.length === 0) return
  const faded = fade(log, fading)
  let start = log.start.length
  while (start < commit && itemAt(faded, start)?.bytes === null) start++
  const next = kept(turn, replica)
  writeOut(turn, { type: "fade", cell, indices: fading })
  if (start === log.start.length) return putReplica(turn, cell, { ...next, log: faded })
  const trimmed = trim(faded, start)
  writeOut(turn, { type: "trim", cell, start: trimmed.start })
  putReplica(turn, cell, { ...next, log: trimmed })
}
