import type { Contact } from "../../core/peer/Contact.ts"
import type { InstanceState } from "../log/ProcessEvent.ts"
import type { JournalReport } from "./JournalReport.ts"

/** What a peer says of itself when asked (`Inspect`): its view of the ring and its service instance, at one moment. */
export interface PeerReport {
  readonly cluster: string
  readonly self: Contact
  /** Starts of this peer on its data directory, from 1. */
  readonly boot: number
  readonly pid: number
  /** false while it is joining; the ring fields then mean nothing. */
  readonly member: boolean
  readonly leaving: boolean
  /** Exactly L entries, placeholders (incarnation 0) included. */
  readonly successors: ReadonlyArray<Contact>
  readonly predecessor: Contact | null
  /** finger[k] is 2^k peers ahead. */
  readonly fingers: ReadonlyArray<Contact>
  /** Peers it takes for dead at present. */
  readonly suspected: ReadonlyArray<Contact>
  /** Every peer it has heard of and not forgotten, itself excluded. */
  readonly known: ReadonlyArray<Contact>
  readonly instance: { readonly state: InstanceState; readonly pid: number | null; readonly restarts: number }
  /** null in the mode `stateless`. */
  readonly journal: JournalReport | null
  /** Those of `suspected` that said that they leave. */
  readonly left: ReadonlyArray<Contact>
}
