import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { systemReason } from "../log/SystemReason.ts"
import { InstanceError } from "./InstanceError.ts"
import { groupGone, isGroupAlive, membersOf, signalGroup } from "./ProcessGroup.ts"
import { isFromEarlierBoot, markOf } from "./ProcessMark.ts"

/** What instance.json holds while a service instance may be running. */
interface InstanceRecord {
  readonly version: 1
  /** Process group of the service, which is also the pid it was started with. */
  readonly pgid: number
  /** The leader's {@link markOf}; null if it had ended already. */
  readonly mark: string | null
}

/** How long a killed group may take to be gone, in ms. */
const KILLED_WITHIN_MS = 10_000

/**
 * Remembers group `pgid` for the next peer on this directory. Not flushed: what a loss of power takes from the file
 * it also takes from the group.
 *
 * @returns null, or why it could not; the leash guards the group all the same
 */
export const writeRecord = (file: string, pgid: number): string | null => {
  const record: InstanceRecord = { version: 1, pgid, mark: markOf(pgid) }
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`)
    renameSync(`${file}.new`, file)
    return null
  } catch (error) {
    return `cannot record the service's process group in ${file}: ${systemReason(error)}`
  }
}

/** Says that no instance is left. */
export const removeRecord = (file: string): void => {
  try {
    rmSync(file, { force: true })
  } catch {
    // A record of a group that is gone does no harm: whoever reads it finds that out.
  }
}

/**
 * Proves that the instance recorded in `file` is gone, killing what is left of it; a fresh one may start after that
 * and not before (its state would be a second truth). Normally the leash has done it already.
 *
 * @returns the group that had to be killed, or null
 */
export const endLeftover = Effect.fnUntraced(function* (
  file: string,
): Effect.fn.Return<number | null, InstanceError> {
  const record = readRecord(file)
  const left = record !== null && isLeft(record)
  if (record !== null && left) {
    signalGroup(record.pgid, "SIGKILL")
    if (!(yield* groupGone(record.pgid, KILLED_WITHIN_MS))) {
      return yield* new InstanceError({
        kind: "leftover",
        reason: `the service instance of an earlier run (process group ${record.pgid}, from ${file}) still runs and does not end when killed; end it by hand`,
      })
    }
  }
  removeRecord(file)
  return record !== null && left ? record.pgid : null
})

/** null if there is none, or none that can be read: it is written whole, so then the machine lost power. */
const readRecord = (file: string): InstanceRecord | null => {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as Partial<InstanceRecord> | null
    const { version, pgid, mark } = value ?? {}
    if (version !== 1 || !Number.isInteger(pgid) || pgid === undefined || pgid <= 1) return null
    return typeof mark === "string" || mark === null ? { version, pgid, mark } : null
  } catch {
    return null
  }
}

/** Whether the recorded group still runs, and is not another one that was given its number since. */
const isLeft = ({ pgid, mark }: InstanceRecord): boolean => {
  if ((mark !== null && isFromEarlierBoot(mark)) || !isGroupAlive(pgid)) return false
  const leader = markOf(pgid)
  // The system gives nobody the number of a group that exists: another process under it proves the old group gone.
  if (leader !== null) return leader === mark
  // The leader is gone and left processes behind. Ours was the leader of a session too.
  return membersOf(pgid).every((member) => member.session === pgid)
}
