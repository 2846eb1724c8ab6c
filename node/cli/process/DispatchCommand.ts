import * as Effect from "effect/Effect"
import type { Genesis } from "../../../core/peer/Genesis.ts"
import type { DispatchOptions } from "../../dispatcher/DispatchOptions.ts"
import { defineCommand } from "../CliCommand.ts"
import type { ValuesOf } from "../Flag.ts"
import { readGenesis } from "../genesis/GenesisFile.ts"
import { address, addresses, name, route } from "../Value.ts"
import { clientsOrDefault } from "./ClientFlag.ts"
import { dispatchTuning, genesisFlag, logFlags, processFlags } from "./ProcessFlags.ts"
import { refusalOf, serve } from "./Serve.ts"

/** All flags of the command. */
export const dispatchFlags = {
  genesis: genesisFlag,
  listen: { kind: "required", metavar: "HOST:PORT", about: "Where clients connect to", read: address },
  name: {
    kind: "optional",
    metavar: "NAME",
    about: "This dispatcher's name (default dispatcher)",
    read: name,
    fallback: "dispatcher",
  },
  join: {
    kind: "many",
    metavar: "HOST:PORT[,HOST:PORT...]",
    about: "Ring ports of peers to ask (default the founders')",
    read: addresses,
  },
  route: {
    kind: "many",
    metavar: "NAME=HOST:PORT",
    about: "Send the requests for the peer NAME there instead of to the HTTP port it gives",
    read: route,
  },
  "ring-route": {
    kind: "many",
    metavar: "NAME=HOST:PORT",
    about: "Dial this ring port instead of the one the peer NAME gives",
    read: route,
  },
  ...dispatchTuning,
  ...processFlags,
  ...logFlags,
} as const

/** The options of a dispatcher process. */
export const dispatchOptionsOf = (
  values: ValuesOf<typeof dispatchFlags>,
  genesis: Genesis,
): DispatchOptions => ({
  genesis,
  name: values.name,
  listen: values.listen,
  client: clientsOrDefault(values.client),
  seeds: values.join.length === 0 ? genesis.founders.map(({ ring }) => ring) : values.join.flat(),
  routes: new Map(values.route),
  ringRoutes: new Map(values["ring-route"]),
  deadlineMs: values.deadline,
  bodyLimit: values["body-limit"],
})

export const dispatchCommand = defineCommand({
  name: "dispatch",
  about: "Run one dispatcher: any client may connect to any dispatcher",
  kind: "daemon",
  flags: dispatchFlags,
  examples: [
    {
      command: "ringstead dispatch --genesis genesis.json --listen 0.0.0.0:8080",
      description: "Browsers, named by our cookie",
    },
    {
      command: "ringstead dispatch --genesis genesis.json --listen 0.0.0.0:8080 --client header:x-user,basic",
      description: "Clients named by a header of a trusted hop, else by their user name",
    },
  ],
  run: (values) =>
    serve(values, (emit) =>
      Effect.gen(function* () {
        const genesis = yield* readGenesis(values.genesis)
        const { runDispatcher } = yield* Effect.promise(() => import("../../dispatcher/Dispatcher.ts"))
        return yield* Effect.mapError(runDispatcher(dispatchOptionsOf(values, genesis), emit), refusalOf)
      }),
    ),
})
