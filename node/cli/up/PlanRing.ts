import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { shellWord } from "../../../core/handoff/ShellWord.ts"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import { systemReason } from "../../log/SystemReason.ts"
import { whyNotBodyLimit } from "../../peer/BodyLimit.ts"
import { makeDirectory } from "../../storage/MakeDirectory.ts"
import { readGenesisIfAny, writeGenesis } from "../genesis/GenesisFile.ts"
import { makeGenesis } from "../genesis/MakeGenesis.ts"
import { packageRoot } from "../PackageRoot.ts"
import { writeClientSources } from "../process/ClientFlag.ts"
import { writeJournalFlags } from "../process/JournalFlags.ts"
import { misconfigured, misused, type Refusal } from "../Refusal.ts"
import type { MemberPlan } from "./Member.ts"
import { foundersOn, planDispatchers, planPeers, whyNotReused } from "./Plan.ts"
import { claimPortPairs, dispatcherPorts } from "./Ports.ts"
import type { UpOptions } from "./UpOptions.ts"
import { SHORT_PAUSES } from "./ShortPauses.ts"

/** What is about to run. */
export interface RingPlan {
  readonly genesis: Genesis
  readonly plans: ReadonlyArray<MemberPlan>
  readonly service: string
}

/**
 * Decides every process of the ring: from the genesis file in the data directory, or, if there is none yet, from a
 * fresh one. Free ports stay claimed until the scope closes.
 */
export const planRing = Effect.fnUntraced(function* (
  options: UpOptions,
): Effect.fn.Return<RingPlan, Refusal, Scope.Scope> {
  const genesisFile = join(options.data, "genesis.json")
  const genesis = (yield* readGenesisIfAny(genesisFile)) ?? (yield* newGenesis(genesisFile, options))
  const clash = whyNotReused(genesis, genesisFile, options) ?? whyNotBodyLimit(genesis, options.bodyLimit)
  if (clash !== undefined) return yield* misconfigured(clash)
  if (options.trace !== undefined) yield* makeFor("--trace", options.trace)
  const lastPort = (options.port ?? 0) + options.dispatchers - 1
  if (lastPort > 65_535) {
    return yield* misused(
      `--port ${options.port} leaves no room for ${options.dispatchers} dispatchers; take a lower one`,
    )
  }
  const service = options.service ?? sample()
  const common = {
    data: options.data,
    genesisFile,
    genesis,
    trace: options.trace,
    peerFlags: [
      `--service=${service}`,
      `--service-ready=${options.serviceReadyMs}ms`,
      `--service-timeout=${options.serviceAnswerMs}ms`,
      `--body-limit=${options.bodyLimit}`,
      `--tick=${options.tickMs}ms`,
      `--suspect-after=${options.suspectAfterMs}ms`,
      ...writeJournalFlags(options.journal),
    ],
    dispatchFlags: [
      `--client=${writeClientSources(options.client)}`,
      `--deadline=${options.deadlineMs}ms`,
      `--body-limit=${options.bodyLimit}`,
    ],
  }
  const newcomers = yield* claimPortPairs(options.peers - genesis.founders.length)
  const ports =
    options.port === undefined
      ? yield* dispatcherPorts(options.dispatchers)
      : Array.from({ length: options.dispatchers }, (_, i) => (options.port ?? 0) + i)
  return { genesis, service, plans: [...planPeers(common, newcomers), ...planDispatchers(common, ports)] }
})

const makeFor = (flag: string, path: string): Effect.Effect<void, Refusal> =>
  Effect.try({
    try: () => makeDirectory(path),
    catch: (error) => misconfigured(`${flag} ${path} cannot be made: ${systemReason(error)}; choose another`),
  })

const newGenesis = Effect.fnUntraced(function* (file: string, options: UpOptions) {
  const genesis = makeGenesis({
    cluster: "local",
    cells: options.cells ?? 128,
    replicas: options.replicas ?? 3,
    successors: undefined,
    mode: options.mode ?? "replay",
    hash: ["sha1"],
    secret: randomBytes(32).toString("hex"),
    founders: foundersOn(yield* claimPortPairs(options.peers)),
  })
  yield* writeGenesis(file, genesis, false)
  return genesis
})

/** The sample service, run by the very node that runs us; `exec`, so that its pid is not that of a shell. */
const sample = (): string =>
  `exec ${shellWord(process.execPath)} ${SHORT_PAUSES.join(" ")} ${shellWord(fileURLToPath(new URL("node/sample/shop.js", packageRoot())))}`
