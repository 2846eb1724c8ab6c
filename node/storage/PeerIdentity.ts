import { randomBytes } from "node:crypto"
import { readdir, readFile, rm } from "node:fs/promises"
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
import { foundJournal } from "./JournalStore.ts"
import { addressesOf, checkBelongs, type IdentityOptions } from "./PeerPlace.ts"
import { parseIdentity, type StoredIdentity } from "./StoredIdentity.ts"

/** Who this process is in the ring. */
export interface PeerIdentity {
  readonly self: Contact
  /** Starts of this peer on its data directory, this one included; from 1. Durable before it is known here. */
  readonly boot: number
  /** The directory was fresh. */
  readonly firstBoot: boolean
  /** What other peers tell this incarnation by from one that lost its memory: 32 hexadecimal digits. */
  readonly disk: string
  /** The directory of this incarnation's journal; it is there if the peer is to keep one on disk. */
  readonly journal: string
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
 * time.) A founder that lost its disk comes back under the incarnation in the genesis file, is told so by the first
 * peer that met it before, and takes another then ({@link takeNewIncarnation}). A peer that keeps its journal in
 * memory has lost it at every start but the first, and takes a new incarnation then.
 */
export const openIdentity = Effect.fnUntraced(function* (
  options: IdentityOptions,
): Effect.fn.Return<PeerIdentity, IdentityError, Scope> {
  const { data, durability, genesis, name } = options
  const founder = genesis.founders.find((each) => each.name === name)
  const listens = yield* addressesOf(founder, options)
  yield* onDisk(data, () => makeDurably(data))
  yield* lockDirectory(data)
  const stored = yield* storedIdentity(data)
  const now = yield* secondsNow
  const id = founder?.id ?? options.at ?? stored?.id ?? placing(name)
  const isForgotten =
    stored !== null && isJournaled(options) && [durability, stored.durability].includes("memory")
  const incarnation = isForgotten
    ? Math.max(now, stored.incarnation + 1)
    : (stored?.incarnation ?? founder?.incarnation ?? now)
  const self: Contact = { id, incarnation, name, ...listens }
  if (stored !== null) yield* checkBelongs(stored, self, founder, options)
  const boot = (stored?.boot ?? 0) + 1
  const isNew = stored === null || isForgotten
  const disk = isNew ? drawDisk() : stored.disk
  const identity = {
    version: 2,
    cluster: genesis.cluster,
    name,
    id,
    incarnation,
    boot,
    disk,
    durability,
  } as const
  yield* onDisk(data, () => store(data, identity, isNew && isJournaled(options) && durability === "disk"))
  return { self, boot, firstBoot: stored === null, disk, journal: journalIn(data, disk) }
})

/**
 * Gives the peer of this directory, which this process has and no one else, a new incarnation with an empty journal,
 * durably: it lost what the old one must not forget. It is to be started again after that.
 */
export const takeNewIncarnation = Effect.fnUntraced(function* (
  options: IdentityOptions,
): Effect.fn.Return<number, IdentityError> {
  const { data, durability } = options
  const stored = yield* storedIdentity(data)
  if (stored === null) return yield* unusable(data, "no identity.json")
  const incarnation = Math.max(yield* secondsNow, stored.incarnation + 1)
  yield* onDisk(data, () =>
    store(data, { ...stored, incarnation, disk: drawDisk() }, isJournaled(options) && durability === "disk"),
  )
  return incarnation
})

const isJournaled = ({ genesis }: IdentityOptions): boolean => genesis.mode !== "stateless"

const secondsNow = Effect.map(Clock.currentTimeMillis, (ms) => Math.floor(ms / 1000))

const drawDisk = (): string => randomBytes(16).toString("hex")

const JOURNAL = "journal-"

/** Each disk of a peer has a journal of its own, so that the identity and its journal change in one step. */
const journalIn = (data: string, disk: string): string => join(data, `${JOURNAL}${disk}`)

/** Makes the identity the one of the directory; before that its journal, if it is to be made, and after that its only one. */
const store = async (data: string, identity: StoredIdentity, founds: boolean): Promise<void> => {
  const journal = journalIn(data, identity.disk)
  if (founds) foundJournal(journal)
  await writeAtomically(join(data, "identity.json"), `${JSON.stringify(identity)}\n`)
  if (!founds) return
  for (const name of await readdir(data)) {
    const path = join(data, name)
    if (name.startsWith(JOURNAL) && path !== journal) await rm(path, { recursive: true })
  }
}

const storedIdentity = Effect.fnUntraced(function* (
  data: string,
): Effect.fn.Return<StoredIdentity | null, IdentityError> {
  const file = join(data, "identity.json")
  const text = yield* onDisk(data, () => readIfThere(file))
  const stored = text === null ? null : parseIdentity(text)
  if (stored === null || !("problem" in stored)) return stored
  return yield* new IdentityError({
    kind: "malformed",
    reason: `${file} is no identity of a peer: ${stored.problem}; restore it, or give a fresh data directory`,
  })
})

const onDisk = <A>(data: string, work: () => Promise<A>): Effect.Effect<A, IdentityError> =>
  Effect.tryPromise({ try: work, catch: (error) => unusable(data, error) })

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
