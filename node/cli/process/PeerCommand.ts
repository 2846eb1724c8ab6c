import * as Effect from "effect/Effect"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import type { PeerOptions } from "../../peer/PeerOptions.ts"
import { defineCommand } from "../CliCommand.ts"
import type { ValuesOf } from "../Flag.ts"
import { readGenesis } from "../genesis/GenesisFile.ts"
import { misused } from "../Refusal.ts"
import { address, addresses, name, place, route, text } from "../Value.ts"
import { journalOptionsOf, journalTuning } from "./JournalFlags.ts"
import { genesisFlag, logFlags, peerTuning, processFlags, suspectTicks, whyNotTimes } from "./ProcessFlags.ts"
import { refusalOf, serve } from "./Serve.ts"

/** All flags of the command. */
export const peerFlags = {
  genesis: genesisFlag,
  name: { kind: "required", metavar: "NAME", about: "This peer's name", read: name },
  data: {
    kind: "required",
    metavar: "DIR",
    about: "This peer's own directory: who it is, its service's log; made if missing",
    read: text,
  },
  service: {
    kind: "required",
    metavar: "COMMAND",
    about: "The service, run by sh; it must listen on the port in PORT",
    read: text,
  },
  join: {
    kind: "many",
    metavar: "HOST:PORT[,HOST:PORT...]",
    about: "Ring ports to join the ring through, besides the founders'",
    read: addresses,
  },
  at: {
    kind: "optional",
    metavar: "PLACE",
    about:
      "Where on the ring, for a peer that is no founder: hexadecimal digits, 8 is half-way round (default the hash of its name)",
    read: place,
    fallback: undefined,
  },
  ring: {
    kind: "optional",
    metavar: "HOST:PORT",
    about: "Ring port of a peer that is no founder",
    read: address,
    fallback: undefined,
  },
  http: {
    kind: "optional",
    metavar: "HOST:PORT",
    about: "HTTP port of a peer that is no founder",
    read: address,
    fallback: undefined,
  },
  route: {
    kind: "many",
    metavar: "NAME=HOST:PORT",
    about: "Dial this ring port instead of the one the peer NAME gives",
    read: route,
  },
  trace: {
    kind: "optional",
    metavar: "FILE",
    about: "Adds all that happens in the protocol to FILE, a line of JSON each, for 'ringstead check trace'",
    read: text,
    fallback: undefined,
  },
  ...peerTuning,
  ...journalTuning,
  ...processFlags,
  ...logFlags,
} as const

/** The options of a peer process. */
export const peerOptionsOf = (values: ValuesOf<typeof peerFlags>, genesis: Genesis): PeerOptions => ({
  genesis,
  name: values.name,
  data: values.data,
  ...(values.at !== undefined && { at: values.at }),
  ...(values.ring !== undefined && { ring: values.ring }),
  ...(values.http !== undefined && { http: values.http }),
  seeds: values.join.flat(),
  routes: new Map(values.route),
  ...(values.trace !== undefined && { trace: values.trace }),
  service: values.service,
  serviceReadyMs: values["service-ready"],
  serviceAnswerMs: values["service-timeout"],
  bodyLimit: values["body-limit"],
  tickMs: values.tick,
  suspectTicks: suspectTicks(values["suspect-after"], values.tick),
  ...journalOptionsOf(values),
})

export const peerCommand = defineCommand({
  name: "peer",
  about: "Run one peer with its own copy of the service",
  kind: "daemon",
  flags: peerFlags,
  examples: [
    {
      command:
        "ringstead peer --genesis genesis.json --name a --data /var/lib/ringstead --service 'node app.js'",
      description: "A founder: the genesis file says where it listens",
    },
    {
      command:
        "ringstead peer --genesis genesis.json --name d --data /var/lib/ringstead --service 'node app.js' " +
        "--ring 10.0.0.4:7000 --http 10.0.0.4:8000",
      description: "A newcomer",
    },
  ],
  run: (values) =>
    serve(values, (emit, isOver) =>
      Effect.gen(function* () {
        const clash = whyNotTimes(values)
        if (clash !== undefined) return yield* misused(clash)
        const genesis = yield* readGenesis(values.genesis)
        const { runPeer } = yield* Effect.promise(() => import("../../peer/PeerProcess.ts"))
        return yield* Effect.mapError(runPeer(peerOptionsOf(values, genesis), emit, isOver), refusalOf)
      }),
    ),
})
