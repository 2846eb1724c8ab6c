import { decodeEntry } from "../../core/codec/EntryCodec.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Ballot } from "../../core/replication/Ballot.ts"
import type { CellRecord, Proposal } from "../../core/replication/Durable.ts"
import type { Replica } from "../../core/replication/Replica.ts"
import type * as Spec from "../journal/Replica.ts"
import type { EntryFact } from "../journal/Service.ts"
import { endOf, type StoredCell } from "./VirtualDisk.ts"

/** What the claims of spec/journal look at, in the states of real peers and on their disks. */

export const memberOf = ({ name, incarnation }: Contact): Spec.Member => `${name}#${incarnation}`

const ballotText = ({ counter, id, boot }: Ballot): string => `${counter}/${id.slice(0, 6)}/${boot}`

const proposalOf = ({ members, base }: Proposal): Spec.Proposal => ({ members: members.map(memberOf), base })

/** Records are never changed, so each is read once. */
const records = new WeakMap<CellRecord, Spec.Record>()

export const recordFact = (record: CellRecord): Spec.Record => {
  const known = records.get(record)
  if (known !== undefined) return known
  const { role, epoch, view, base, ballot, accepted } = record
  const fact: Spec.Record = {
    role,
    epoch,
    view: view.map(memberOf),
    base,
    ballot: ballot === null ? null : ballotText(ballot),
    accepted:
      accepted === null
        ? null
        : { ballot: ballotText(accepted.ballot), proposal: proposalOf(accepted.proposal) },
  }
  records.set(record, fact)
  return fact
}

export const replicaFact = (replica: Replica | null): Spec.Replica | null =>
  replica === null ? null : { record: recordFact(replica.record), log: replica.log, commit: replica.commit }

/** @throws Error for a log without record, which nothing could make sense of after a restart */
export const storedFact = (cell: StoredCell): Spec.Stored => {
  if (cell.record === null) throw new Error("a log was stored without the record of its cell")
  return {
    record: recordFact(cell.record),
    log: { start: cell.start, shared: cell.items, ...endOf(cell) },
  }
}

const text = new TextDecoder()

/** @throws Error for bytes that are no entry: they were appended, so somebody wrote nonsense */
export const entryFact = (bytes: Uint8Array): EntryFact => {
  const entry = decodeEntry(bytes)
  if (entry.type === "Problem") throw new Error(`an entry cannot be read: ${entry.problem}`)
  if (entry.type === "expire") return { type: "expire", client: entry.client }
  const { client, id, replay, request, response } = entry
  return {
    type: "request",
    client,
    id,
    replay,
    request: text.decode(request),
    response: text.decode(response),
  }
}
