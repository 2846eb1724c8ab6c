import { describe, expect, test } from "vitest"
import { makeGenesis } from "../genesis/MakeGenesis.ts"
import { foundersOn, planDispatchers, planPeers, whyNotReused } from "./Plan.ts"

const genesisOf = (peers: number) =>
  makeGenesis({
    cluster: "local",
    cells: 128,
    replicas: 3,
    successors: undefined,
    mode: "replay",
    hash: ["sha1"],
    secret: "0".repeat(64),
    founders: foundersOn(Array.from({ length: peers }, (_, i) => [20_000 + 2 * i, 20_001 + 2 * i])),
  })

const commonOf = (peers: number) => ({
  data: "data",
  genesisFile: "data/genesis.json",
  genesis: genesisOf(peers),
  peerFlags: ["--service=x"],
  dispatchFlags: ["--deadline=5s"],
})

test("founders are in the order of their numbers, on the ports the genesis names, and told nothing twice", () => {
  const plans = planPeers(commonOf(12), [])
  expect(plans.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, i) => `peer-${i + 1}`))
  expect(plans[11]).toMatchObject({
    ring: "127.0.0.1:20022",
    http: "127.0.0.1:20023",
    folder: "data/peer-12",
  })
  expect(plans[0]?.args.join(" ")).toBe(
    "peer --genesis=data/genesis.json --name=peer-1 --data=data/peer-1 --service=x --log=json --leash",
  )
})

test("newcomers follow, and are told where to listen", () => {
  const [, , third] = planPeers(commonOf(2), [[21_000, 21_001]])
  expect(third?.name).toBe("peer-3")
  expect(third?.args.join(" ")).toContain("--ring=127.0.0.1:21000 --http=127.0.0.1:21001")
})

test("dispatchers listen where they are told", () => {
  const plans = planDispatchers(commonOf(1), [8080, 8081])
  expect(plans.map(({ http, name }) => `${name} ${http}`)).toEqual(["d1 127.0.0.1:8080", "d2 127.0.0.1:8081"])
  expect(plans[1]?.args).toContain("--listen=127.0.0.1:8081")
})

const why = (wanted: Partial<Parameters<typeof whyNotReused>[2]>) =>
  whyNotReused(genesisOf(5), "data/genesis.json", {
    peers: 5,
    cells: undefined,
    replicas: undefined,
    mode: undefined,
    ...wanted,
  })

describe("a ring that exists is taken as it is, or not at all", () => {
  test("as it is, or with more peers", () => {
    expect(why({})).toBeUndefined()
    expect(why({ peers: 9, cells: 128, replicas: 3, mode: "replay" })).toBeUndefined()
  })
  test.each([
    [{ peers: 3 }, /--peers 3 is fewer than the 5 founders in data\/genesis\.json; ask for 5 or more/],
    [{ cells: 64 }, /--cells contradicts data\/genesis\.json, which says 128 for ever/],
    [{ replicas: 5 }, /--replicas contradicts data\/genesis\.json, which says 3 for ever/],
    [
      { mode: "stateless" as const },
      /--mode contradicts data\/genesis\.json, which says replay for ever; leave it out, or begin anew with another --data/,
    ],
  ])("%j", (wanted, reason) => {
    expect(why(wanted)).toMatch(reason)
  })
  test("a genesis of another making is not ours to run", () => {
    const genesis = genesisOf(2)
    const founders = genesis.founders.map((founder) => ({ ...founder, name: `x${founder.name}` }))
    expect(
      whyNotReused({ ...genesis, founders }, "g.json", {
        peers: 2,
        cells: undefined,
        replicas: undefined,
        mode: undefined,
      }),
    ).toMatch(/g\.json was not written by 'ringstead up' \(it names xpeer/)
  })
})
