import { decodeEntry } from "../../../core/codec/EntryCodec.ts"
import { chain } from "../../../core/replication/Chain.ts"
import { type Hash, type LogItem, type LogMark, NO_HASH } from "../../../core/replication/Durable.ts"
import type { ReplicaMessage } from "../../../core/replication/ReplicaMessage.ts"
import { shownIn } from "../../journal/Service.ts"
import { encoded, type Log } from "../../journal/model/Words.ts"

/**
 * Logs of core as the model writes them, a letter an entry. A head hash stands for one log, so what was once met by its
 * head is known ever after, in this thread.
 */
const texts = new Map<Hash, Log>([[NO_HASH, ""]])
const digests = new Map<Log, Hash>()

/** The log that ends with that head. @throws RangeError for one of which no peer ever had the entries */
export const textAt = (head: Hash): Log => {
  const text = texts.get(head)
  if (text === undefined) throw new RangeError(`nobody knows the log that ends with ${head}`)
  return text
}

/** The log of these items behind `start`, which is known from now on, and so is every part of it. */
export const textOf = (start: LogMark, items: ReadonlyArray<LogItem>): Log => {
  const last = items.at(-1)
  if (last === undefined) return textAt(start.head)
  const known = texts.get(last.head)
  if (known !== undefined) return known
  let text = textAt(start.head)
  for (const item of items) {
    text = texts.get(item.head) ?? text + letterOf(item)
    texts.set(item.head, text)
  }
  return text
}

type Carrier = Extract<ReplicaMessage, { readonly type: "Append" | "Pulled" }>

const ends = new WeakMap<Carrier, Log>()

/** The sender's log up to the last item that the message brings. */
export const textUpTo = (message: Carrier): Log => {
  const known = ends.get(message)
  if (known !== undefined) return known
  const text = textOf(message.prev, chain(message.prev.head, message.items))
  ends.set(message, text)
  return text
}

/**
 * The letter says which request it was and how many requests the answer shows. It does not say in which epoch it was
 * made, as the model's own do: with the clock standing still, the bytes do not say so either.
 */
const letterOf = ({ bytes, digest }: LogItem): Log => {
  const entry = bytes === null ? null : decodeEntry(bytes)
  if (entry?.type !== "request") throw new RangeError("the map reads entries of requests, and no others")
  const response = shownIn(new TextDecoder().decode(entry.response)).length
  const letter = encoded({ request: Number(entry.id.slice(1)), response, epoch: 0 })
  const other = digests.get(letter)
  if (other !== undefined && other !== digest)
    throw new RangeError("two entries differ in something that the map does not see")
  digests.set(letter, digest)
  return letter
}
