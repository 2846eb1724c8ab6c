import { parseNoise } from "../../../core/handoff/Noise.ts"
import { parseReadOnlyRoute } from "../../ingress/ReadOnlyRoutes.ts"
import { journalDefaults } from "../../peer/JournalDefaults.ts"
import type { PeerOptions } from "../../peer/PeerOptions.ts"
import type { ValuesOf } from "../Flag.ts"
import { bytes, count, duration, oneOf, type Reader } from "../Value.ts"

/** What of a peer's options concerns its journal. */
export type JournalOptions = Pick<PeerOptions, keyof typeof journalDefaults>

/** A route whose requests change nothing. */
const readOnlyRoute: Reader<string> = (written) => {
  const route = parseReadOnlyRoute(written)
  if ("problem" in route) throw new RangeError(`a route; ${withoutQuote(route.problem)}`)
  return written
}

/** What may differ between an answer and its replay. */
const noise: Reader<string> = (written) => {
  const read = parseNoise([written])
  if ("problem" in read) {
    throw new RangeError(`a JSON pointer or a regular expression; ${withoutQuote(read.problem)}`)
  }
  return written
}

/** Whoever catches it names the flag and quotes the value. */
const withoutQuote = (problem: string): string => problem.replace(/^.*?"(?:[^"\\]|\\.)*"[^:]*: /, "")

/** Flags of `peer` for the journal of sessions, which `up` passes on too; the mode stateless has no use for them. */
export const journalTuning = {
  durability: {
    kind: "optional",
    metavar: "WHERE",
    about: "What an acknowledged request rests on: disk, flushed by a majority, or memory (default disk)",
    read: oneOf(["disk", "memory"]),
    choices: ["disk", "memory"],
    fallback: journalDefaults.durability,
  },
  standby: {
    kind: "optional",
    metavar: "HOW",
    about: "When backups replay sessions: warm, as they come, or cold, after a takeover (default warm)",
    read: oneOf(["warm", "cold"]),
    choices: ["warm", "cold"],
    fallback: journalDefaults.standby,
  },
  "session-state": {
    kind: "optional",
    metavar: "WHERE",
    about:
      "Where the service keeps a client's state: any, or cookie, all of it under the cookie (default any)",
    read: oneOf(["any", "cookie"]),
    choices: ["any", "cookie"],
    fallback: journalDefaults.sessionState,
  },
  "session-entries": {
    kind: "optional",
    metavar: "N",
    about: "Most journaled requests of a client (default 10000)",
    read: count(1, 1_000_000),
    fallback: journalDefaults.sessionEntries,
  },
  "session-bytes": {
    kind: "optional",
    metavar: "SIZE",
    about: "Most bytes of a client's requests and responses together (default 16MiB)",
    read: bytes,
    fallback: journalDefaults.sessionBytes,
  },
  "session-idle": {
    kind: "optional",
    metavar: "DURATION",
    about: "A client that is silent for so long is forgotten (default 24h)",
    read: duration,
    fallback: journalDefaults.sessionIdleMs,
  },
  "read-only": {
    kind: "many",
    metavar: "ROUTE",
    about:
      "A route that changes nothing and is not journaled, such as /assets/* or 'POST /search'; repeat it for several",
    read: readOnlyRoute,
  },
  ignore: {
    kind: "many",
    metavar: "NOISE",
    about:
      "Where answers may differ at replay: a JSON pointer such as /pid, or a regular expression; repeat it for several",
    read: noise,
  },
} as const

/** The options of a peer that {@link journalTuning} decides. */
export const journalOptionsOf = (values: ValuesOf<typeof journalTuning>): JournalOptions => ({
  durability: values.durability,
  standby: values.standby,
  sessionState: values["session-state"],
  sessionEntries: values["session-entries"],
  sessionBytes: values["session-bytes"],
  sessionIdleMs: values["session-idle"],
  readOnly: values["read-only"],
  ignore: values.ignore,
})

/** `options` as flags that say the same. */
export const writeJournalFlags = (options: JournalOptions): ReadonlyArray<string> => [
  `--durability=${options.durability}`,
  `--standby=${options.standby}`,
  `--session-state=${options.sessionState}`,
  `--session-entries=${options.sessionEntries}`,
  `--session-bytes=${options.sessionBytes}`,
  `--session-idle=${options.sessionIdleMs}ms`,
  ...options.readOnly.map((route) => `--read-only=${route}`),
  ...options.ignore.map((place) => `--ignore=${place}`),
]
