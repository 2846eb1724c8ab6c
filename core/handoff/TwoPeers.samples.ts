import { encodeEntry } from "../codec/EntryCodec.ts"
import type { JournalConfig } from "../peer/JournalConfig.ts"
import { peer } from "../peer/Peer.samples.ts"
import { chain } from "../replication/Chain.ts"
import { type LogMark, NO_HASH } from "../replication/Durable.ts"
import type { ReplicaMessage, SentItem } from "../replication/ReplicaMessage.ts"
import { bytesOf, OnePeer } from "./OnePeer.samples.ts"

/** Two peers of which one is a stand-in: it says what the test wants it to. */

/** A journaled request; `index` says when it was made too. */
export const entryOf = (client: string, id: string, index: number): Uint8Array =>
  encodeEntry({
    type: "request",
    client,
    id,
    at: 1_000_000 + index,
    replay: "compare",
    request: bytesOf(id),
    response: bytesOf(`answered ${id}`),
  })

/** A log of requests of ann, and where it stands after so many of them. */
export const logOfAnn = (
  ...ids: ReadonlyArray<string>
): { readonly items: ReadonlyArray<SentItem>; readonly at: (length: number) => LogMark } => {
  const items = ids.map((id, index) => ({ bytes: entryOf("ann", id, index) }))
  const log = chain(NO_HASH, items)
  return { items, at: (length) => ({ length, head: log[length - 1]?.head ?? NO_HASH }) }
}

/** A backup of peer 1, which leads the cell. */
export class Backup extends OnePeer {
  readonly leader = peer(1)
  readonly backup = peer(5)
  #end: LogMark = { length: 0, head: NO_HASH }

  constructor(more: Partial<JournalConfig> = {}) {
    const founders = [peer(1), peer(5)]
    super({ replicas: 2, ...more }, { cells: 1, self: peer(5), founders })
    this.start()
  }

  /** What the leader says. */
  hear(message: ReplicaMessage): void {
    this.take({ type: "message", from: this.leader, message })
  }

  /** The leader sends these items of its log, and all is committed. */
  hearOf(prev: LogMark, items: ReadonlyArray<SentItem>): void {
    const commit = prev.length + items.length
    this.hear({ type: "Append", cell: 0, epoch: 0, round: { boot: 1, n: 1 }, prev, items, commit })
  }

  /** The leader appends a request of each of these clients, made at that time. */
  hearOfRequests(atMs: number, ...clients: ReadonlyArray<string>): void {
    const { length } = this.#end
    const items = clients.map((client, i) => ({
      bytes: entryOf(client, `${client}${length + i}`, atMs - 1_000_000),
    }))
    this.hearOf(this.#end, items)
    const head = chain(this.#end.head, items).at(-1)?.head ?? NO_HASH
    this.#end = { length: length + items.length, head }
  }
}

/** The leader of the cell, with peer 9 beside it. */
export class Leader extends OnePeer {
  readonly leader = peer(5)
  readonly other = peer(9)

  constructor() {
    super({ replicas: 2 }, { cells: 1, self: peer(5), founders: [peer(5), peer(9)] })
    this.start()
    this.hearThat(0, 0)
    this.flush()
  }

  /** What the other one says. */
  hear(message: ReplicaMessage): void {
    this.take({ type: "message", from: this.other, message })
  }

  /** The other one holds so much of the log of that epoch. */
  hearThat(epoch: number, length: number): void {
    this.hear({ type: "AppendAck", cell: 0, epoch, round: null, length, warm: false })
  }

  /** A request that is answered, and committed as the last of so many entries. */
  serve(client: string, id: string, length: number): void {
    this.request(client, id)
    this.answer()
    this.flush()
    this.hearThat(0, length)
  }
}
