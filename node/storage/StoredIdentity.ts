import { isName } from "../../core/peer/Genesis.ts"
import type { Durability } from "./JournalStore.ts"
import { isRingId, type RingId } from "../../core/ring/RingId.ts"

/** What identity.json holds: all that a peer must not forget between starts. */
export interface StoredIdentity {
  /** Format of the file; this is version 2. */
  readonly version: 2
  readonly cluster: string
  readonly name: string
  readonly id: RingId
  /** From 1 to 2^32 - 1. */
  readonly incarnation: number
  /** Starts so far, from 1. */
  readonly boot: number
  /** 32 hexadecimal digits, drawn together with the incarnation: whoever has both has this directory's memory. */
  readonly disk: string
  /** Whether what this incarnation said it holds is here, or only was in its memory. */
  readonly durability: Durability
}

/** Reads the file's text; a line that says what is wrong with it otherwise. */
export const parseIdentity = (text: string): StoredIdentity | { readonly problem: string } => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: "it is not JSON" }
  }
  if (typeof value !== "object" || value === null) return { problem: "it is not an object" }
  const { version, cluster, name, id, incarnation, boot, disk, durability } = value as Record<
    keyof StoredIdentity,
    unknown
  >
  if (version !== 2) return { problem: `version must be 2, not ${JSON.stringify(version)}` }
  if (!isName(cluster)) return { problem: "cluster is not a name" }
  if (!isName(name)) return { problem: "name is not a name" }
  if (!isRingId(id)) return { problem: "id must be 40 lower-case hexadecimal digits" }
  if (!isCount(incarnation, 2 ** 32 - 1)) return { problem: "incarnation must be from 1 to 4294967295" }
  if (!isCount(boot, Number.MAX_SAFE_INTEGER)) return { problem: "boot must be a whole number from 1" }
  if (typeof disk !== "string" || !/^[0-9a-f]{32}$/.test(disk)) {
    return { problem: "disk must be 32 lower-case hexadecimal digits" }
  }
  if (durability !== "disk" && durability !== "memory")
    return { problem: "durability must be disk or memory" }
  return { version, cluster, name, id, incarnation, boot, disk, durability }
}

const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
