import { md5, sha1 } from "@noble/hashes/legacy.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { ID_BYTES, readIdBytes } from "../codec/IdBytes.ts"
import type { HashName } from "../peer/Genesis.ts"
import { cellOfUpper } from "../ring/Cell.ts"
import { type RingId, upper32 } from "../ring/RingId.ts"
import { sha1Short } from "./Sha1Short.ts"

/**
 * Places names on the ring: called with a name, of a client or of a peer that is not placed on purpose, it gives the
 * name's ring id. `upper` and `cell` are those of that id, had without writing the id out.
 */
export interface Hasher {
  (name: string): RingId
  /** The upper 32 bits of the id, in [0, 2^32). */
  readonly upper: (name: string) => number
  /** The cell of the id when the ring is cut in `cells` equal arcs (a power of two, 1 to 2^20), in [0, cells). */
  readonly cell: (name: string, cells: number) => number
}

/** The chain that a cluster uses unless its genesis says otherwise: SHA-1 once, as in the paper. */
export const DEFAULT_CHAIN: ReadonlyArray<HashName> = ["sha1"]

/**
 * The hasher of a chain of hash functions applied in turn (the paper's suggestion against names chosen to crowd one
 * arc): the first hashes the name's UTF-8 bytes, each other one the whole digest of the one before it, and the last
 * one's digest is the ring id. A lone surrogate in a name counts as U+FFFD, as everywhere in UTF-8.
 *
 * A digest is a fraction of the ring: its first bit halves the ring, and so on. So only the first 160 bits of
 * SHA-256 are kept, and MD5's 128 bits are the upper bits of an id whose lower 32 are zero. Nothing is lost by that
 * zero tail: the order and the spacing of the digests are kept, and as there are at most 2^20 cells, each holds
 * exactly as many possible ids as any other.
 *
 * Source: the paper, section 3.1; FIPS 180-4; RFC 1321.
 *
 * @throws RangeError when the chain is empty.
 */
export const makeHasher = (chain: ReadonlyArray<HashName>): Hasher => {
  const [first, ...rest] = chain
  if (first === undefined) {
    throw new RangeError("the hash chain is empty; name at least one of sha1, md5, sha256")
  }
  const id = (name: string): RingId => {
    let digest = digests[first](utf8ToBytes(name))
    for (const hash of rest) digest = digests[hash](digest)
    const bytes = new Uint8Array(ID_BYTES)
    bytes.set(digest.subarray(0, ID_BYTES))
    return readIdBytes(bytes, 0)
  }
  const any = fromIds(id)
  return first === "sha1" && rest.length === 0 ? withShortcut(any) : any
}

const digests: Record<HashName, (input: Uint8Array) => Uint8Array> = { sha1, md5, sha256 }

const fromIds = (id: (name: string) => RingId): Hasher => withParts(id, (name) => upper32(id(name)))

/** SHA-1 once, with the short names, which are nearly all, taken out of the general way. */
const withShortcut = (any: Hasher): Hasher => {
  const bytes = new Uint8Array(ID_BYTES)
  const digest = new DataView(bytes.buffer)
  return withParts(
    (name) => (sha1Short(name, digest) ? readIdBytes(bytes, 0) : any(name)),
    (name) => (sha1Short(name, digest) ? digest.getUint32(0) : any.upper(name)),
  )
}

const withParts = (id: (name: string) => RingId, upper: (name: string) => number): Hasher =>
  Object.assign((name: string) => id(name), {
    upper,
    cell: (name: string, cells: number) => cellOfUpper(upper(name), cells),
  })
