import * as Effect from "effect/Effect"
import { type CommandGroup, defineCommand } from "../CliCommand.ts"
import { outputFlag, ringFlags } from "../look/RingFlags.ts"
import type { Reader } from "../Value.ts"

const SESSION: CommandGroup = { name: "session", about: "Look at one client's session, or reset it" }

/** The name of a client, as the ring keys it. */
const client: Reader<string> = (written) => {
  const bytes = new TextEncoder().encode(written).length
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (bytes < 1 || bytes > 256 || /[\u0000-\u001f\u007f]/.test(written)) {
    throw new RangeError("a client's name of 1 to 256 bytes without control characters")
  }
  return written
}

const argument = { name: "client", about: "The client's name", read: client } as const

export const sessionShowCommand = defineCommand({
  group: SESSION,
  name: "show",
  about: "Show a client's journaled requests; exit 0 if it is served, 1 if it is fenced, 2 without an answer",
  kind: "tool",
  flags: { ...ringFlags, output: outputFlag },
  argument,
  examples: [
    { command: "ringstead session show alice", description: "Where alice is served, and what is journaled" },
  ],
  run: Effect.fnUntraced(function* (values, name) {
    const { showSession } = yield* Effect.promise(() => import("./Session.ts"))
    return yield* showSession(values, name, values.output)
  }),
})

export const sessionResetCommand = defineCommand({
  group: SESSION,
  name: "reset",
  about: "Forget a client's session, so that a fenced client is served again from nothing",
  kind: "tool",
  flags: {
    ...ringFlags,
    output: outputFlag,
    yes: { kind: "switch", about: "Do not ask; needed where nobody can be asked" },
  },
  argument,
  examples: [{ command: "ringstead session reset alice", description: "What is lost is said first" }],
  run: Effect.fnUntraced(function* (values, name) {
    const { resetSession } = yield* Effect.promise(() => import("./Session.ts"))
    return yield* resetSession(values, name, { isSure: values.yes, output: values.output })
  }),
})
