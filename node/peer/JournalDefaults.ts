import type { PeerOptions } from "./PeerOptions.ts"

/** How a peer keeps its sessions unless told otherwise. */
export const journalDefaults = {
  durability: "disk",
  standby: "warm",
  sessionState: "any",
  sessionEntries: 10_000,
  sessionBytes: 16 * 2 ** 20,
  sessionIdleMs: 24 * 3_600_000,
  readOnly: [],
  ignore: [],
} as const satisfies Partial<PeerOptions>
