import type { Command } from "../../core/peer/Command.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { Event } from "../../core/peer/Event.ts"
import type { JournalConfig } from "../../core/peer/JournalConfig.ts"
import type { PeerState } from "../../core/peer/PeerState.ts"
import type { DurableCell } from "../../core/replication/Durable.ts"

/**
 * What the peers of a ring have beside the network: a disk, a service, clients. Without it they are told of no journal.
 */
export interface Machines {
  /** What a process that starts is told of its journal, and what its disk has. */
  readonly boot: (self: Contact) => {
    readonly journal: JournalConfig
    readonly durable: ReadonlyArray<DurableCell>
  }
  /** The process is gone, and nothing it began goes on. */
  readonly ended: (self: Contact) => void
  /** Carries out what is neither for the network nor for the clock. */
  readonly carryOut: (self: Contact, command: Command) => void
  /** Called after every step, before its commands are carried out. */
  readonly stepped: (
    before: PeerState,
    event: Event,
    after: PeerState,
    commands: ReadonlyArray<Command>,
  ) => void
}
