import { headAt, itemsFrom, type Log } from "../Replica.ts"
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
  return (happening) => {
    if (happening.type !== "step" && happening.type !== "stored") return undefined
    const held = happening.type === "stored" ? happening.stored : happening.after
    if (held === null) return undefined
    const before = happening.type === "step" ? happening.before?.log : undefined
    if (before === held.log) return undefined
    const grew = before !== undefined && headAt(held.log, before.length) === before.head
    const problem = verify(held.log, grew ? before.length : held.log.start.length)
    return problem === undefined ? undefined : `${happening.member}: ${problem}`
  }
}
