import type { CliCommand } from "./CliCommand.ts"

/** A command by name (its first word); its flags and its code are loaded when they are needed, and not before. */
export interface CommandEntry {
  readonly name: string
  readonly load: () => Promise<CliCommand>
}

/** Every command of the binary, in the order of the help. */
export const COMMANDS: ReadonlyArray<CommandEntry> = [
  { name: "up", load: async () => (await import("./up/UpCommand.ts")).upCommand },
  { name: "genesis", load: async () => (await import("./genesis/GenesisCommand.ts")).genesisCommand },
  { name: "peer", load: async () => (await import("./process/PeerCommand.ts")).peerCommand },
  { name: "dispatch", load: async () => (await import("./process/DispatchCommand.ts")).dispatchCommand },
  { name: "status", load: async () => (await import("./look/StatusCommand.ts")).statusCommand },
  { name: "lookup", load: async () => (await import("./look/LookupCommand.ts")).lookupCommand },
  { name: "session", load: async () => (await import("./session/SessionCommand.ts")).sessionShowCommand },
  { name: "session", load: async () => (await import("./session/SessionCommand.ts")).sessionResetCommand },
  { name: "check-ring", load: async () => (await import("./look/CheckRingCommand.ts")).checkRingCommand },
  { name: "explain", load: async () => (await import("./explain/ExplainCommand.ts")).explainCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkRingCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkJournalCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkSessionCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkScenarioCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/RunCommand.ts")).runCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/DrawCommand.ts")).drawCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/ReplayCommand.ts")).replayCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/ShrinkCommand.ts")).shrinkCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/CheckCommand.ts")).checkCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/ReportCommand.ts")).reportCommand },
  { name: "chaos", load: async () => (await import("../../chaos/cli/ListCommand.ts")).listCommand },
  { name: "prove", load: async () => (await import("../../proofs/cli/ProveCommand.ts")).proveCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkCoreCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkRefinementCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkTraceCommand },
  { name: "simulate", load: async () => (await import("../check/SimulateCommand.ts")).simulateCommand },
  { name: "check", load: async () => (await import("../check/CheckCommands.ts")).checkSystemCommand },
  { name: "bench", load: async () => (await import("./bench/BenchCommand.ts")).benchCommand },
  {
    name: "completions",
    load: async () => (await import("./CompletionsCommand.ts")).completionsCommand(allCommands),
  },
]

/** All of them, loaded. */
export const allCommands = (): Promise<ReadonlyArray<CliCommand>> =>
  Promise.all(COMMANDS.map(({ load }) => load()))
