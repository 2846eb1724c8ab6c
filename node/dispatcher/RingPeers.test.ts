import { expect, test } from "vitest"
import type { Contact } from "../../core/peer/Contact.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import { fromHex } from "../../core/ring/RingId.ts"
import { opened } from "../testing/Opened.ts"
import { until } from "../testing/Until.ts"
import { makeTransport } from "../transport/PeerTransport.ts"
import { someDisk } from "../transport/testing/SomeDisk.ts"
import type { LeaderSource } from "./Leaders.ts"
import { makeRingPeers } from "./RingPeers.ts"

const CELLS = 16
const SEED = 20_261_122

/** A peer that answers for the ring: says that `leader` owns every cell, or says nothing when that is undefined. */
interface FakePeer extends AsyncDisposable {
  readonly self: Contact
  /** Cells it was asked about. */
  readonly asked: Array<number>
  /** How often it was asked whom it knows: whoever connects does so first. */
  inspected: number
  leader: Contact | null | undefined
  /** Whom it says it knows. */
  known: ReadonlyArray<Contact>
}

const contact = (digit: string): Contact => ({
  id: fromHex(digit.repeat(40)),
  incarnation: 1,
  name: `peer-${digit}`,
  ring: "127.0.0.1:1",
  http: "127.0.0.1:1",
})

const homes = Array.from({ length: CELLS }, (_, cell) => homeOf(cell, CELLS))

const fakePeer = async (digit: string, listen = "127.0.0.1:0"): Promise<FakePeer> => {
  const asked: Array<number> = []
  const fake: Pick<FakePeer, "leader" | "known" | "inspected"> = {
    leader: contact(digit),
    known: [],
    inspected: 0,
  }
  const peer = await opened(
    makeTransport({
      cluster: "test",
      self: contact(digit),
      boot: 1,
      disk: someDisk,
      listen,
      routes: new Map(),
      onMessage: () => undefined,
      onUnreachable: () => undefined,
      onProblem: () => undefined,
      onClient: (message, reply) => {
        if (message.type === "Inspect") {
          fake.inspected++
          reply({
            type: "Inspected",
            token: message.token,
            json: JSON.stringify({ known: fake.known, successors: [] }),
          })
        } else if (message.type === "Find") {
          asked.push(homes.indexOf(message.key))
          if (fake.leader === undefined) return
          reply({ type: "Found", token: message.token, owner: fake.leader, hops: 0, path: [] })
        }
      },
    }),
  )
  return Object.assign(fake, { asked, self: peer.value.self, [Symbol.asyncDispose]: peer.close })
}

const ringPeers = (
  seeds: ReadonlyArray<string>,
  onChange: (reachable: boolean) => void = () => undefined,
  seed = SEED,
) =>
  opened(
    makeRingPeers({
      genesis: { cluster: "test", cells: CELLS },
      seeds,
      seed,
      onReachable: () => onChange(true),
      onUnreachable: () => onChange(false),
    }),
  )

/** The name of the leader found, asking until somebody answers. */
const leaderOf = (source: LeaderSource, cell: number, avoid: string | null = null): Promise<string> =>
  until("an answer", async () => (await source.find(cell, avoid))?.name)

test("asks the ring about the cell's home", async () => {
  await using a = await fakePeer("a")
  await using peers = await ringPeers([a.self.ring])
  expect(await leaderOf(peers.value, 5)).toBe("peer-a")
  expect(a.asked).toEqual([5])
})

test("says when it can reach somebody, and when no more, and goes on trying", async () => {
  const changes: Array<boolean> = []
  await using first = await fakePeer("a")
  await using peers = await ringPeers([first.self.ring], (reachable) => changes.push(reachable))
  await until("it is reached", () => (changes.length === 1 ? true : undefined))
  expect(peers.value.reachable()).toBe(true)
  await first[Symbol.asyncDispose]()
  await until("it is lost", () => (changes.length === 2 ? true : undefined))
  expect(await peers.value.find(0, null)).toBeNull()
  await using again = await fakePeer("a", first.self.ring)
  expect(await leaderOf(peers.value, 0)).toBe(again.self.name)
  expect(changes).toEqual([true, false, true])
})

test("nobody to begin with: not reachable, and no answer", async () => {
  await using peers = await ringPeers(["127.0.0.1:1"])
  expect(peers.value.reachable()).toBe(false)
  expect(await peers.value.find(0, null)).toBeNull()
})

test("who does not answer is passed over, at first after a moment and then at once", async () => {
  await using mute = await fakePeer("a")
  await using good = await fakePeer("b")
  mute.leader = undefined
  await using peers = await ringPeers([mute.self.ring, good.self.ring])
  await leaderOf(peers.value, 0)
  await until("both are connected", async () => {
    await leaderOf(peers.value, 1, "peer-b")
    return mute.asked.length > 0 ? true : undefined
  })
  const before = mute.asked.length
  for (let cell = 0; cell < 8; cell++) expect(await leaderOf(peers.value, cell)).toBe("peer-b")
  expect(mute.asked.length - before).toBeLessThanOrEqual(1)
})

test("who is to be avoided is asked only when there is nobody else", async () => {
  await using a = await fakePeer("a")
  await using b = await fakePeer("b")
  await using peers = await ringPeers([a.self.ring, b.self.ring])
  await until("both are connected", async () => {
    const names = [await leaderOf(peers.value, 0, "peer-a"), await leaderOf(peers.value, 0, "peer-b")]
    return names.join() === "peer-b,peer-a" ? true : undefined
  })
  await b[Symbol.asyncDispose]()
  expect(await leaderOf(peers.value, 0, "peer-a")).toBe("peer-a")
})

test("learns of other peers and outlives those it began with", async () => {
  await using a = await fakePeer("a")
  await using b = await fakePeer("b")
  a.known = [b.self]
  await using peers = await ringPeers([a.self.ring])
  await until("it has found the other", async () =>
    (await leaderOf(peers.value, 0, "peer-a")) === "peer-b" ? true : undefined,
  )
  await a[Symbol.asyncDispose]()
  expect(await leaderOf(peers.value, 0)).toBe("peer-b")
})

test("one peer under two names is one peer", async () => {
  await using a = await fakePeer("a")
  const port = a.self.ring.split(":")[1] ?? ""
  await using peers = await ringPeers([a.self.ring, `localhost:${port}`])
  a.leader = null
  await until("it has connected", () => (peers.value.reachable() ? true : undefined))
  await until("it was asked", async () => {
    await peers.value.find(3, null)
    return a.asked.length > 0 ? true : undefined
  })
  // A ring that has no answer is asked once through each connection.
  const before = a.asked.length
  expect(await peers.value.find(4, null)).toBeNull()
  expect(a.asked.length - before).toBe(1)
})

test("a peer of another cluster is none", async () => {
  await using a = await fakePeer("a")
  await using peers = await opened(
    makeRingPeers({
      genesis: { cluster: "other", cells: CELLS },
      seeds: [a.self.ring],
      seed: SEED,
      onReachable: () => undefined,
      onUnreachable: () => undefined,
    }),
  )
  expect(await peers.value.find(0, null)).toBeNull()
  expect(peers.value.reachable()).toBe(false)
})

test("dispatchers with different seeds spread over the peers, and the same seed draws the same", async () => {
  await using open = new AsyncDisposableStack()
  const fakes: Array<FakePeer> = []
  for (const digit of "abcdef") fakes.push(open.use(await fakePeer(digit)))
  const drawn = async (seed: number): Promise<string> => {
    for (const fake of fakes) fake.inspected = 0
    await using _ = await ringPeers(
      fakes.map(({ self }) => self.ring),
      () => undefined,
      seed,
    )
    const connected = await until("three are connected", () => {
      const found = fakes.filter(({ inspected }) => inspected > 0)
      return found.length === 3 ? found : undefined
    })
    return connected.map(({ self }) => self.name).join()
  }
  const first: Array<string> = []
  for (const seed of [1, 2, 3, 4]) first.push(await drawn(seed))
  expect(new Set(first).size).toBeGreaterThan(1)
  expect(await drawn(3)).toBe(first[2])
})
