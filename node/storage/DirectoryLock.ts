import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { systemReason } from "../log/SystemReason.ts"
import { IdentityError } from "./IdentityError.ts"

/** SQLite's result codes for a lock that somebody else holds, and for a file of another kind (sqlite3.h). */
const BUSY = 5
const NOT_A_DATABASE = 26

/** A process that is just ending still has its locks: how often to ask before believing it, and how long apart. */
const ATTEMPTS = 10
const APART_MS = 30

/**
 * Takes `directory`, which must exist, for this process until the scope closes: nobody else gets it meanwhile.
 *
 * The lock is the kernel's, so it ends with its process however that dies: none is ever stale, no pid has to be
 * judged, and of two that start at once exactly one gets it. Node cannot lock a file itself, but SQLite can: an
 * exclusive transaction that never writes. The file `lock` stays empty and is never removed, since a lock on a
 * removed file excludes nobody; `lock.pid` only tells others whom to ask.
 */
export const lockDirectory = (directory: string): Effect.Effect<void, IdentityError, Scope> =>
  takeSoon(directory).pipe(
    Effect.flatMap((taken) => (taken ? Effect.void : Effect.suspend(() => inUse(directory)))),
  )

const takeSoon = Effect.fnUntraced(function* (directory: string) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const lock = yield* Effect.acquireRelease(take(directory), (taken) =>
      Effect.sync(() => release(directory, taken)),
    )
    if (lock !== null) return true
    yield* Effect.sleep(APART_MS)
  }
  return false
})

const inUse = (directory: string): IdentityError => {
  const holder = holderOf(directory)
  return new IdentityError({
    kind: "inUse",
    reason: `data directory ${directory} is in use by ${holder === null ? "another process" : `process ${holder}`}; stop it, or give this peer a directory of its own`,
  })
}

/** The open lock; null if somebody else has it. */
const take = (directory: string): Effect.Effect<DatabaseSync | null, IdentityError> =>
  Effect.suspend(() => {
    const file = join(directory, "lock")
    let lock: DatabaseSync | undefined
    try {
      lock = new DatabaseSync(file, { timeout: 0 })
      lock.exec("BEGIN EXCLUSIVE")
      writeFileSync(join(directory, "lock.pid"), `${process.pid}\n`)
      return Effect.succeed(lock)
    } catch (error) {
      lock?.close()
      const code = (error as { readonly errcode?: number }).errcode
      if (code === BUSY) return Effect.succeed(null)
      return new IdentityError({
        kind: "unusable",
        reason:
          code === NOT_A_DATABASE
            ? `${file} is not a peer's lock file; give another data directory, or remove the file`
            : `data directory ${directory} cannot be locked: ${code === undefined ? systemReason(error) : (error as Error).message}; make it writable, or give another`,
      })
    }
  })

const release = (directory: string, lock: DatabaseSync | null): void => {
  if (lock === null) return
  rmSync(join(directory, "lock.pid"), { force: true })
  lock.close()
}

/** Who says it has the directory, if that process exists. */
const holderOf = (directory: string): number | null => {
  try {
    const pid = Number(readFileSync(join(directory, "lock.pid"), "utf8"))
    if (!Number.isInteger(pid) || pid < 1) return null
    process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}
