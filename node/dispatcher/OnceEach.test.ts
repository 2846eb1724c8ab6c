import { expect, test } from "vitest"
import type { Reply as Answer } from "../../core/handoff/Reply.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import { fromHex } from "../../core/ring/RingId.ts"
import { runIngress } from "../ingress/Ingress.ts"
import { ask, CELLS, dispatch, FakeRing, named } from "../testing/Dispatching.ts"
import { opened } from "../testing/Opened.ts"
import { statuses, talk } from "../testing/RawHttp.ts"

const entryOf = (answer: string | undefined) => /Ringstead-Entry: .*/.exec(answer ?? "")?.[0]

test("with peers' ingresses in between each request is executed once, however often it is sent", async () => {
  const executed: Array<string> = []
  const journaled = new Map<string, Answer>()
  const ring = new FakeRing()
  let turn = 0
  /** Now and then it sends a request elsewhere, before or after it has executed it. */
  const peer = (name: string, other: string) =>
    opened(
      runIngress({
        listen: "127.0.0.1:0",
        self: { name },
        genesis: { cells: CELLS, hash: ["sha1"] },
        journal: {
          readOnly: () => false,
          request: ({ client, id }, done) => {
            const leader = contactOf(other)
            turn++
            if (turn % 3 === 0) return done({ type: "not-leader", leader })
            const key = `${client} ${id}`
            const known = journaled.get(key)
            if (known === undefined) executed.push(key)
            const response = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            const answer = known ?? { type: "response", response, entry: executed.length }
            journaled.set(key, answer)
            return done(turn % 4 === 0 ? { type: "not-leader", leader } : answer)
          },
        },
        leadership: () => ({ leads: false, hint: null }),
        upstream: () => null,
        answerMs: 1,
        onHang: () => undefined,
        bodyLimit: 1_000,
        emit: () => undefined,
      }),
    )
  const places = new Map<string, string>()
  const contactOf = (name: string): Contact => ({
    id: fromHex("a".repeat(40)),
    incarnation: 1,
    name,
    ring: "127.0.0.1:1",
    http: places.get(name) ?? "",
  })
  await using one = await peer("one", "two")
  await using two = await peer("two", "one")
  places.set("one", one.value.address).set("two", two.value.address)
  ring.give(named("one", one.value))
  await using dispatcher = await dispatch(ring, { mode: "replay" })
  const { address } = dispatcher.value
  const requests = Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0 ? ask("POST", `c${i % 5}`) : ask("POST", `c${i % 5}`, `Idempotency-Key: "${i} %20;~"`),
  )
  const answered = await Promise.all(requests.map((request) => talk(address, request)))
  expect(answered.flatMap(statuses)).toEqual(requests.map(() => 200))
  expect(new Set(executed).size).toBe(executed.length)
  expect(executed).toHaveLength(requests.length)
  // A client that sends a request with a key again gets the answer it had.
  const [, keyed = ""] = requests
  expect(entryOf(await talk(address, keyed))).toBe(entryOf(answered[1]))
  expect(executed).toHaveLength(requests.length)
})
