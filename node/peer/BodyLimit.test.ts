import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { encodeEntry } from "../../core/codec/EntryCodec.ts"
import { NO_HASH } from "../../core/replication/Durable.ts"
import { makeGenesis } from "../cli/genesis/MakeGenesis.ts"
import { foundersOn } from "../cli/up/Plan.ts"
import { defaultLimits, withRoom } from "../http/HttpLimits.ts"
import { Outbox } from "../transport/Outbox.ts"
import { defaultLimits as transportLimits } from "../transport/TransportLimits.ts"
import { MOST_BODY_BYTES, whyNotBodyLimit } from "./BodyLimit.ts"
import { journalDefaults } from "./JournalDefaults.ts"
import { runPeer } from "./PeerProcess.ts"

const genesis = makeGenesis({
  cluster: "large",
  cells: 16,
  replicas: 3,
  successors: undefined,
  mode: "replay",
  hash: ["sha1"],
  secret: "0".repeat(64),
  founders: foundersOn([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
})

test("an entry with the largest bodies, behind heads as large as they may be, fits in a frame", () => {
  const head = withRoom(defaultLimits).headBytes
  const bytes = encodeEntry({
    type: "request",
    client: "c".repeat(256),
    id: `key:${"k".repeat(200)}`,
    at: Number.MAX_SAFE_INTEGER,
    replay: "compare",
    request: new Uint8Array(head + MOST_BODY_BYTES),
    response: new Uint8Array(head + MOST_BODY_BYTES),
  })
  const outbox = new Outbox(transportLimits.queueFrames, transportLimits.queueBytes)
  const refused = outbox.push({
    type: "Append",
    cell: 2 ** 20 - 1,
    epoch: Number.MAX_SAFE_INTEGER,
    round: { boot: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER },
    prev: { length: Number.MAX_SAFE_INTEGER, head: NO_HASH },
    items: [{ bytes }],
    commit: Number.MAX_SAFE_INTEGER,
  })
  expect(refused).toBeUndefined()
})

test("a peer that journals refuses to let in more, and says how much it can", async () => {
  const options = {
    ...journalDefaults,
    genesis,
    name: "peer-1",
    data: "/dev/null/none",
    seeds: [],
    routes: new Map<string, string>(),
    service: "true",
    serviceReadyMs: 1,
    serviceAnswerMs: 1,
    bodyLimit: MOST_BODY_BYTES + 1,
    tickMs: 100,
    suspectTicks: 3,
  }
  const error = await Effect.runPromise(Effect.flip(Effect.scoped(runPeer(options, () => {}))))
  expect(error.kind).toBe("configuration")
  expect(error.reason).toContain(`--body-limit ${MOST_BODY_BYTES + 1}: `)
  expect(error.reason).toContain(`more than ${MOST_BODY_BYTES} bytes`)
})

test("one that does not, any", () => {
  expect(whyNotBodyLimit({ ...genesis, mode: "stateless" }, 2 ** 40)).toBeUndefined()
  expect(whyNotBodyLimit(genesis, MOST_BODY_BYTES)).toBeUndefined()
})
