import { headAt, type Item, itemAt, itemsFrom, type Log } from "../Replica.ts"
import type { Claim } from "./Claim.ts"

/** The hashes of journal.md, from whoever can compute them. */
export interface Hashes {
  /** SHA-256 of an entry's bytes. */
  readonly digest: (bytes: Uint8Array) => string
  /** SHA-256 of the head before and the digest. */
  readonly head: (before: string, digest: string) => string
}

/** I8: the hash chain verifies, in every log that anybody holds or stores. */
export const chainVerifies = ({ digest, head }: Hashes): Claim => {
  /** What was computed once: the head behind each head and digest, and what entries digest to. */
  const heads = new Map<string, string>()
  const digested = new WeakMap<Uint8Array, string>()
  /** Of an array of items that only grows: up to which item it was verified. */
  const verified = new WeakMap<
    ReadonlyArray<Item>,
    { readonly start: number; readonly length: number; readonly last: Item }
  >()
  const verify = (log: Log, from: number): string | undefined => {
    let before = headAt(log, from)
    for (const [i, item] of itemsFrom(log, from).entries()) {
      if (item.bytes !== null) {
        const found = digested.get(item.bytes) ?? digest(item.bytes)
        digested.set(item.bytes, found)
        if (found !== item.digest) return `entry ${from + i} has another digest than its bytes`
      }
      const key = `${before}${item.digest}`
      const found = heads.get(key) ?? head(before ?? "", item.digest)
      heads.set(key, found)
      if (found !== item.head) return `the chain breaks at entry ${from + i}`
      before = item.head
    }
    return log.head === before ? undefined : `the head is not that of entry ${log.length - 1}`
  }
  /** Up to where this very array of items was found right before; else where the log begins. */
  const knownUpTo = ({ length, shared, start }: Log): number => {
    const known = verified.get(shared)
    const isSame = known?.start === start.length && shared[known.length - start.length - 1] === known.last
    return known !== undefined && isSame && known.length <= length ? known.length : start.length
  }
  return (happening) => {
    if (happening.type !== "step" && happening.type !== "stored") return undefined
    const held = happening.type === "stored" ? happening.stored : happening.after
    if (held === null) return undefined
    const before = happening.type === "step" ? happening.before?.log : undefined
    if (before === held.log) return undefined
    const { log } = held
    const grew = before !== undefined && headAt(log, before.length) === before.head
    const problem = verify(log, grew ? before.length : knownUpTo(log))
    if (problem !== undefined) return `${happening.member}: ${problem}`
    const last = itemAt(log, log.length - 1)
    if (last !== undefined) verified.set(log.shared, { start: log.start.length, length: log.length, last })
    return undefined
  }
}
