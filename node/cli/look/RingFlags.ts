import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import { DEFAULT_DATA } from "../DefaultData.ts"
import type { ValuesOf } from "../Flag.ts"
import { readGenesis, readGenesisIfAny } from "../genesis/GenesisFile.ts"
import { misconfigured, type Refusal } from "../Refusal.ts"
import { readUpFile } from "../up/UpFile.ts"
import { addresses, oneOf, text } from "../Value.ts"

/** How a command is told which ring to look at. */
export const ringFlags = {
  data: {
    kind: "optional",
    metavar: "DIR",
    about: `The data directory of 'ringstead up' (default ${DEFAULT_DATA})`,
    read: text,
    fallback: undefined,
  },
  genesis: {
    kind: "optional",
    metavar: "FILE",
    about: "The cluster's genesis file (default DIR/genesis.json)",
    read: text,
    fallback: undefined,
  },
  peer: {
    kind: "many",
    metavar: "HOST:PORT[,HOST:PORT...]",
    about: "Ring ports to ask, besides the founders'",
    read: addresses,
  },
} as const

export const outputFlag = {
  kind: "optional",
  alias: "o",
  metavar: "FORMAT",
  about: "table or json (default table)",
  read: oneOf(["table", "json"]),
  choices: ["table", "json"],
  fallback: "table",
} as const

/** A ring to look at. */
export interface RingTarget {
  readonly genesis: Genesis
  /** Ring addresses where peers may answer, each once. */
  readonly addresses: ReadonlyArray<string>
}

/** The values of {@link ringFlags}. */
export type RingChoice = ValuesOf<typeof ringFlags>

/** Finds the ring that the flags mean: its genesis, and where to ask. */
export const findRing = Effect.fnUntraced(function* (
  flags: RingChoice,
): Effect.fn.Return<RingTarget, Refusal> {
  const data = flags.data ?? DEFAULT_DATA
  const genesis =
    flags.genesis === undefined
      ? yield* readGenesisIfAny(join(data, "genesis.json"))
      : yield* readGenesis(flags.genesis)
  if (genesis === undefined) {
    return yield* misconfigured(
      `there is no ring in ${data}; start one with 'ringstead up', or say which with --data DIR or --genesis FILE`,
    )
  }
  const running = flags.genesis === undefined ? (readUpFile(data)?.peers ?? []) : []
  return {
    genesis,
    addresses: [
      ...new Set([
        ...genesis.founders.map(({ ring }) => ring),
        ...running.map(({ ringPort }) => `127.0.0.1:${ringPort}`),
        ...flags.peer.flat(),
      ]),
    ],
  }
})
