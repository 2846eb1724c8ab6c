import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { systemReason } from "../log/SystemReason.ts"
import { InstanceError } from "./InstanceError.ts"
import { groupGone, isGroupAlive, membersOf, signalGroup } from "./ProcessGroup.ts"
import { isFromEarlierBoot, markOf } from "./ProcessMark.ts"

/** A process group that may be running. */
interface Group {
  /** Number of the group, which is also the pid it was started with. */
  readonly pgid: number
  /** The leader's {@link markOf}; null if it had ended already. */
  readonly mark: string | null
}

/** What instance.json holds while service instances may be running: more than one when one takes another's place. */
interface StoredRecord {
  readonly version: 1
  readonly groups: ReadonlyArray<Group>
}

/** How long a killed group may take to be gone, in ms. */
const KILLED_WITHIN_MS = 10_000

/**
 * Remembers the process groups of a peer's service for the next peer on the same directory. Not flushed: what a loss of
 * power takes from the file it also takes from the groups.
 */
export class InstanceRecord {
  private readonly file: string
  private groups: ReadonlyArray<Group> = []

  constructor(file: string) {
    this.file = file
  }

  /** @returns null, or why it cannot be remembered; the leash guards the group all the same */
  add(pgid: number): string | null {
    this.groups = [...this.groups, { pgid, mark: markOf(pgid) }]
    return this.write()
  }

  /** Says that nothing is left of the group. */
  remove(pgid: number): void {
    this.groups = this.groups.filter((group) => group.pgid !== pgid)
    // A record of a group that is gone does no harm: whoever reads it finds that out.
    if (this.groups.length > 0) this.write()
    else removeRecord(this.file)
  }

  private write(): string | null {
    const record: StoredRecord = { version: 1, groups: this.groups }
    try {
      writeFileSync(`${this.file}.new`, `${JSON.stringify(record)}\n`)
      renameSync(`${this.file}.new`, this.file)
      return null
    } catch (error) {
      return `cannot record the service's process group in ${this.file}: ${systemReason(error)}`
    }
  }
}

const removeRecord = (file: string): void => {
  try {
    rmSync(file, { force: true })
  } catch {
    // It names groups that are gone.
  }
}

/**
 * Proves that the instances recorded in `file` are gone, killing what is left of them; a fresh one may start after that
 * and not before (its state would be a second truth). Normally the leash has done it already.
 *
 * @returns the groups that had to be killed
 */
export const endLeftovers = Effect.fnUntraced(function* (
  file: string,
): Effect.fn.Return<ReadonlyArray<number>, InstanceError> {
  const left = readRecord(file).filter(isLeft)
  for (const { pgid } of left) signalGroup(pgid, "SIGKILL")
  for (const { pgid } of left) {
    if (yield* groupGone(pgid, KILLED_WITHIN_MS)) continue
    return yield* new InstanceError({
      kind: "leftover",
      reason: `the service instance of an earlier run (process group ${pgid}, from ${file}) still runs and does not end when killed; end it by hand`,
    })
  }
  removeRecord(file)
  return left.map(({ pgid }) => pgid)
})

/** None if there is no record, or none that can be read: it is written whole, so then the machine lost power. */
const readRecord = (file: string): ReadonlyArray<Group> => {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as Partial<StoredRecord & Group> | null
    if (value?.version !== 1) return []
    // Peers up to 0.1 had one instance at a time, and its group stood in the record itself.
    const groups: unknown = value.groups ?? [value]
    return Array.isArray(groups) ? groups.filter(isGroup) : []
  } catch {
    return []
  }
}

const isGroup = (value: unknown): value is Group => {
  const { pgid, mark } = (value ?? {}) as Partial<Group>
  if (!Number.isInteger(pgid) || pgid === undefined || pgid <= 1) return false
  return typeof mark === "string" || mark === null
}

/** Whether the recorded group still runs, and is not another one that was given its number since. */
const isLeft = ({ pgid, mark }: Group): boolean => {
  if ((mark !== null && isFromEarlierBoot(mark)) || !isGroupAlive(pgid)) return false
  const leader = markOf(pgid)
  // The system gives nobody the number of a group that exists: another process under it proves the old group gone.
  if (leader !== null) return leader === mark
  // The leader is gone and left processes behind. Ours was the leader of a session too.
  return membersOf(pgid).every((member) => member.session === pgid)
}
