import { bytes, duration, oneOf, text } from "../Value.ts"
import { clientSources } from "./ClientFlag.ts"

/** Flags of `peer` that `up` passes on to every peer it starts. */
export const peerTuning = {
  "service-ready": {
    kind: "optional",
    metavar: "DURATION",
    about: "How long the service may take until it accepts connections on PORT (default 30s)",
    read: duration,
    fallback: 30_000,
  },
  "service-timeout": {
    kind: "optional",
    metavar: "DURATION",
    about:
      "How long the service may take to answer one request before it is killed and started again (default 30s)",
    read: duration,
    fallback: 30_000,
  },
  tick: {
    kind: "optional",
    metavar: "DURATION",
    about: "Heartbeat interval of the ring (default 100ms)",
    read: duration,
    fallback: 100,
  },
  "suspect-after": {
    kind: "optional",
    metavar: "DURATION",
    about: "Silence after which a peer is taken for dead (default 300ms)",
    read: duration,
    fallback: 300,
  },
} as const

/** Flags of `dispatch` that `up` passes on to every dispatcher it starts. */
export const dispatchTuning = {
  client: {
    kind: "many",
    metavar: "SOURCE",
    about:
      "Where a client's name is found: header:NAME, cookie, basic or address; the first that is there counts (default cookie)",
    read: clientSources,
  },
  deadline: {
    kind: "optional",
    metavar: "DURATION",
    about: "How long a request may take in all, retries included (default 10s)",
    read: duration,
    fallback: 10_000,
  },
} as const

/** Flags that every serving process has. */
export const processFlags = {
  "body-limit": {
    kind: "optional",
    metavar: "SIZE",
    about: "Largest request body (default 1MiB)",
    read: bytes,
    fallback: 1_048_576,
  },
} as const

/** How a serving process speaks and when it ends; `leash` is how `up` makes sure that nothing outlives it. */
export const logFlags = {
  log: {
    kind: "optional",
    metavar: "FORMAT",
    about: "What happens, as text or as JSON, one line each (default text)",
    read: oneOf(["text", "json"]),
    choices: ["text", "json"],
    fallback: "text",
  },
  leash: { kind: "switch", about: "End at once when standard input ends", hidden: true },
} as const

/** Where the genesis file is. */
export const genesisFlag = {
  kind: "required",
  metavar: "FILE",
  about: "The cluster's genesis file (ringstead genesis)",
  read: text,
} as const

/** Whole ticks in `suspectAfterMs`. */
export const suspectTicks = (suspectAfterMs: number, tickMs: number): number =>
  Math.round(suspectAfterMs / tickMs)

/** Why these two do not go together, or undefined: a peer whose one heartbeat is late is not dead. */
export const whyNotTimes = (times: {
  readonly tick: number
  readonly "suspect-after": number
}): string | undefined =>
  times["suspect-after"] >= 2 * times.tick
    ? undefined
    : `--suspect-after ${times["suspect-after"]}ms is less than two heartbeats of ${times.tick}ms; raise it, or lower --tick`
