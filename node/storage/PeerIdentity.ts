import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import { systemReason } from "../log/SystemReason.ts"
import { makeDurably, writeAtomically } from "./AtomicFile.ts"
import { lockDirectory } from "./DirectoryLock.ts"
import { IdentityError } from "./IdentityError.ts"
import { addressesOf, checkBelongs, type IdentityOptions } from "./PeerPlace.ts"
import { parseIdentity, type StoredIdentity } from "./StoredIdentity.ts"

/** Who this process is in the ring. */
export interface PeerIdentity {
  readonly self: Contact
  /** Starts of this peer on its data directory, this one included; from 1. Durable before it is known here. */
  readonly boot: number
  /** The directory was fresh. */
  readonly firstBoot: boolean
}

/** Peers stand where SHA-1 puts their names, as in the paper, whatever chain of hashes the clients' names go through. */
const placing = makeHasher(["sha1"])

/**
 * Takes the data directory for this process until the scope closes, making it if missing, and reads or founds the
 * identity in `identity.json` there; one more boot is durable when this succeeds.
 *
 * A founder is what the genesis file says. Any other peer stands at `at`, or else at the hash of its name, and
 * listens where it is told. Its incarnation is the time at which its directory was first used, in seconds since
 * 1970: a peer that lost its disk must come back under a higher incarnation than it ever had, and having lost its
 * own memory of that it takes something that grows elsewhere. (Sound unless the clock is set back before that
 * time.) A founder that lost its disk is not recognised: it comes back under the incarnation in the genesis file.
 */
export const openIdentity = Effect.fnUntraced(function* (
  options: IdentityOptions,
): Effect.fn.Return<PeerIdentity, IdentityError, Scope> {
  const { data, genesis, name } = options
  const founder = genesis.founders.find((each) => each.name === name)
  const listens = yield* addressesOf(founder, options)
  const onDisk = <A>(work: () => Promise<A>): Effect.Effect<A, IdentityError> =>
    Effect.tryPromise({ try: work, catch: (error) => unusable(data, error) })

  yield* onDisk(() => makeDurably(data))
  yield* lockDirectory(data)
  const file = join(data, "identity.json")
  const text = yield* onDisk(() => readIfThere(file))
  const stored = text === null ? null : parseIdentity(text)
  if (stored !== null && "problem" in stored) {
    return yield* new IdentityError({
      kind: "malformed",
      reason: `${file} is no identity of a peer: ${stored.problem}; restore it, or give a fresh data directory`,
    })
  }
  const id = founder?.id ?? options.at ?? stored?.id ?? placing(name)
  const incarnation =
    stored?.incarnation ?? founder?.incarnation ?? Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const self: Contact = { id, incarnation, name, ...listens }
  if (stored !== null) yield* checkBelongs(stored, self, founder, options)
  const boot = (stored?.boot ?? 0) + 1
  const identity: StoredIdentity = { version: 1, cluster: genesis.cluster, name, id, incarnation, boot }
  yield* onDisk(() => writeAtomically(file, `${JSON.stringify(identity)}\n`))
  return { self, boot, firstBoot: stored === null }
})

const readIfThere = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
    throw error
  }
}

const unusable = (data: string, error: unknown): IdentityError => {
  const code = systemReason(error)
  const what =
    code === "EEXIST" || code === "ENOTDIR"
      ? "is not a directory; give the path of one, or of none yet"
      : `cannot be read and written (${code}); make it writable for this user, or give another`
  return new IdentityError({ kind: "unusable", reason: `data directory ${data} ${what}` })
}
