import { makeHasher } from "../../../core/hashing/Hasher.ts"
import type { RingId } from "../../../core/ring/RingId.ts"

/** Where a peer goes that is not placed on purpose: the SHA-1 of its name, whatever chain clients' names go through. */
export const idOfName: (name: string) => RingId = makeHasher(["sha1"])
