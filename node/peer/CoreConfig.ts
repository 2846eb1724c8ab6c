import { hash } from "node:crypto"
import type { JournalConfig } from "../../core/peer/JournalConfig.ts"
import type { PeerConfig } from "../../core/peer/PeerState.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import type { PeerIdentity } from "../storage/PeerIdentity.ts"
import type { PeerOptions } from "./PeerOptions.ts"

/**
 * Sessions that are replayed at a time while clients wait for them. A session's requests go one after another, and each
 * waits for this process and for the service's to be given the processor: a few at a time would keep neither busy, all
 * at a time would end last for everybody.
 */
const REPLAYS = 16

/** What the core is told of a peer with these options and this identity. */
export const coreConfig = (options: PeerOptions, identity: PeerIdentity): PeerConfig => ({
  self: identity.self,
  founders: options.genesis.founders,
  founding: identity.firstBoot && options.genesis.founders.some(({ id }) => id === identity.self.id),
  successors: options.genesis.successors,
  cells: options.genesis.cells,
  tickMs: options.tickMs,
  suspectTicks: options.suspectTicks,
  journal: isJournaled(options) ? journalConfig(options, identity) : null,
})

/** Whether sessions are journaled: they are unless the genesis file says otherwise. */
export const isJournaled = ({ genesis }: PeerOptions): boolean => (genesis.mode ?? "replay") === "replay"

const journalConfig = (options: PeerOptions, { boot }: PeerIdentity): JournalConfig => ({
  replicas: options.genesis.replicas,
  boot,
  standby: options.standby,
  sessionState: options.sessionState,
  sessionEntries: options.sessionEntries,
  sessionBytes: options.sessionBytes,
  idleMs: options.sessionIdleMs,
  replays: REPLAYS,
  // A seventh of the time that the core's own takes (core/replication/Chain.bench.ts).
  sha256: (bytes) => hash("sha256", bytes) as Hash,
})
