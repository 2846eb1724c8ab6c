import * as Effect from "effect/Effect"
import { defineCommand } from "../CliCommand.ts"
import { DEFAULT_DATA } from "../DefaultData.ts"
import { cells, modeFlag, replicas } from "../genesis/GenesisFlags.ts"
import { clientsOrDefault } from "../process/ClientFlag.ts"
import { journalOptionsOf, journalTuning } from "../process/JournalFlags.ts"
import { dispatchTuning, peerTuning, processFlags, whyNotTimes } from "../process/ProcessFlags.ts"
import { misused } from "../Refusal.ts"
import { count, durationOrNever, text } from "../Value.ts"

const flags = {
  peers: {
    kind: "optional",
    metavar: "N",
    about: "Peers, each with its own copy of the service (default 5)",
    read: count(1, 512),
    fallback: 5,
  },
  dispatchers: {
    kind: "optional",
    metavar: "N",
    about: "Dispatchers, any of which serves any client (default 2)",
    read: count(1, 64),
    fallback: 2,
  },
  port: {
    kind: "optional",
    metavar: "PORT",
    about: "Port of the first dispatcher; the others follow (default 20080 if free)",
    read: count(1, 65_535),
    fallback: undefined,
  },
  data: {
    kind: "optional",
    metavar: "DIR",
    about: `Keeps the ring between runs (default ${DEFAULT_DATA})`,
    read: text,
    fallback: undefined,
  },
  service: {
    kind: "optional",
    metavar: "COMMAND",
    about: "The service, run by sh; it must listen on the port in PORT (default a sample shop)",
    read: text,
    fallback: undefined,
  },
  "restart-after": {
    kind: "optional",
    metavar: "DURATION|never",
    about: "When a process that died is started again (default 5s)",
    read: durationOrNever,
    fallback: 5_000,
  },
  cells: {
    kind: "optional",
    metavar: "Q",
    about: "Cells of a new ring, a power of two (default 128)",
    read: cells,
    fallback: undefined,
  },
  replicas: {
    kind: "optional",
    metavar: "R",
    about: "Replicas in a new ring: 1, 3, 5, 7 or 9 (default 3)",
    read: replicas,
    fallback: undefined,
  },
  mode: modeFlag,
  trace: {
    kind: "optional",
    metavar: "DIR",
    about: "Every peer adds all that happens in the protocol to DIR/NAME.jsonl, for 'ringstead check trace'",
    read: text,
    fallback: undefined,
  },
  verbose: { kind: "switch", about: "Show what the services write" },
  ...dispatchTuning,
  ...peerTuning,
  ...journalTuning,
  ...processFlags,
} as const

export const upCommand = defineCommand({
  name: "up",
  about: "Start a whole ring on this machine: peers and dispatchers as processes of their own",
  kind: "daemon",
  flags,
  examples: [
    { command: "ringstead up", description: "Five peers and two dispatchers around a sample shop" },
    {
      command: "ringstead up --peers 3 --service 'python3 -m http.server $PORT'",
      description: "Any program that listens on PORT",
    },
    {
      command: "ringstead up --client header:x-user,cookie --data ring-data --restart-after never",
      description: "Clients named by a header, else by our cookie; what dies stays dead",
    },
  ],
  run: Effect.fnUntraced(function* (values) {
    const clash = whyNotTimes(values)
    if (clash !== undefined) return yield* misused(clash)
    const { up } = yield* Effect.promise(() => import("./Up.ts"))
    return yield* up({
      peers: values.peers,
      dispatchers: values.dispatchers,
      port: values.port,
      data: values.data ?? DEFAULT_DATA,
      isDefaultData: values.data === undefined,
      service: values.service,
      client: clientsOrDefault(values.client),
      mode: values.mode,
      restartAfterMs: values["restart-after"],
      cells: values.cells,
      replicas: values.replicas,
      verbose: values.verbose,
      trace: values.trace,
      serviceReadyMs: values["service-ready"],
      serviceAnswerMs: values["service-timeout"],
      tickMs: values.tick,
      suspectAfterMs: values["suspect-after"],
      deadlineMs: values.deadline,
      bodyLimit: values["body-limit"],
      journal: journalOptionsOf(values),
    })
  }),
})
