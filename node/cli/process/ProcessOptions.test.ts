import { describe, expect, test } from "vitest"
import { journalDefaults } from "../../peer/JournalDefaults.ts"
import { founder } from "../genesis/Founder.ts"
import { makeGenesis } from "../genesis/MakeGenesis.ts"
import { readPlainArgs } from "../PlainArgs.ts"
import { dispatchFlags, dispatchOptionsOf } from "./DispatchCommand.ts"
import { type JournalOptions, writeJournalFlags } from "./JournalFlags.ts"
import { peerFlags, peerOptionsOf } from "./PeerCommand.ts"
import { whyNotTimes } from "./ProcessFlags.ts"

const genesis = makeGenesis({
  cluster: "test",
  cells: 128,
  replicas: 1,
  successors: undefined,
  mode: "replay",
  hash: ["sha1"],
  secret: "0".repeat(64),
  founders: [founder("a=h:1,h:2"), founder("b=h:3,h:4")],
})

const peer = (...args: ReadonlyArray<string>) => {
  const values = readPlainArgs(peerFlags, ["--genesis=g", "--name=a", "--data=d", "--service=s", ...args])
  if (values === undefined) throw new Error("not read")
  return peerOptionsOf(values, genesis)
}

const dispatcher = (...args: ReadonlyArray<string>) => {
  const values = readPlainArgs(dispatchFlags, ["--genesis=g", "--listen=h:9", ...args])
  if (values === undefined) throw new Error("not read")
  return dispatchOptionsOf(values, genesis)
}

const journalFlags = [
  "--durability=memory",
  "--standby=cold",
  "--session-state=cookie",
  "--session-entries=5",
  "--session-bytes=64KiB",
  "--session-idle=2m",
  "--read-only=/assets/*",
  "--read-only=POST /search",
  "--ignore=/pid",
  "--ignore=took [0-9]+ ms",
]
const journalOptions: JournalOptions = {
  durability: "memory",
  standby: "cold",
  sessionState: "cookie",
  sessionEntries: 5,
  sessionBytes: 65_536,
  sessionIdleMs: 120_000,
  readOnly: ["/assets/*", "POST /search"],
  ignore: ["/pid", "took [0-9]+ ms"],
}

describe("a peer", () => {
  test("with nothing but the necessary", () => {
    expect(peer()).toEqual({
      genesis,
      name: "a",
      data: "d",
      service: "s",
      seeds: [],
      routes: new Map(),
      serviceReadyMs: 30_000,
      serviceAnswerMs: 30_000,
      bodyLimit: 1_048_576,
      tickMs: 100,
      suspectTicks: 3,
      ...journalDefaults,
    })
  })

  test("with everything", () => {
    expect(
      peer(
        "--at=8",
        "--ring=h:5",
        "--http=h:6",
        "--join=h:1,h:3",
        "--join=h:7",
        "--route=b=h:8",
        "--tick=20ms",
        "--suspect-after=1s",
        "--body-limit=1KiB",
        ...journalFlags,
      ),
    ).toMatchObject({
      at: `8${"0".repeat(39)}`,
      ring: "h:5",
      http: "h:6",
      seeds: ["h:1", "h:3", "h:7"],
      routes: new Map([["b", "h:8"]]),
      tickMs: 20,
      suspectTicks: 50,
      bodyLimit: 1024,
      ...journalOptions,
    })
  })

  test("is told by up what up was told of the journal", () => {
    expect(peer(...writeJournalFlags(journalOptions))).toMatchObject(journalOptions)
    expect(peer(...writeJournalFlags(journalDefaults))).toEqual(peer())
  })

  test("is not told to take a peer for dead whose one heartbeat is late", () => {
    expect(whyNotTimes({ tick: 100, "suspect-after": 200 })).toBeUndefined()
    expect(whyNotTimes({ tick: 100, "suspect-after": 199 })).toMatch(
      /^--suspect-after 199ms .* 100ms; raise it/,
    )
  })
})

describe("a dispatcher", () => {
  test("asks the founders unless told whom", () => {
    expect(dispatcher()).toMatchObject({
      name: "dispatcher",
      listen: "h:9",
      client: [{ kind: "cookie" }],
      seeds: genesis.founders.map(({ ring }) => ring),
      deadlineMs: 10_000,
    })
    expect(dispatcher("--join=h:7,h:8").seeds).toEqual(["h:7", "h:8"])
  })
})
