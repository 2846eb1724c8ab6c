import type { LogItem } from "./Durable.ts"
import { itemAt, type Log } from "./Log.ts"
import type { SentItem } from "./ReplicaMessage.ts"
import { CHUNK_BYTES } from "./Replication.ts"

const sentItem = ({ bytes, digest }: LogItem): SentItem => (bytes === null ? { digest } : { bytes })

/** The items from index `from` on that fit in one message: always the first, and no more than a chunk in all. */
export const chunkFrom = (log: Log, from: number): ReadonlyArray<SentItem> => {
  const items: Array<SentItem> = []
  let bytes = 0
  for (let index = from; index < log.length; index++) {
    const item = itemAt(log, index)
    if (item === undefined) break
    // A digest and the frame of an item weigh something too.
    bytes += 64 + (item.bytes?.length ?? 0)
    if (items.length > 0 && bytes > CHUNK_BYTES) break
    items.push(sentItem(item))
  }
  return items
}
