import * as Effect from "effect/Effect"
import { afterEach, expect, test } from "vitest"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { ClientMessage } from "../../../core/peer/Message.ts"
import type { SessionAnswer } from "../../peer/SessionReport.ts"
import { closeAll, peerOf, station } from "../../transport/testing/Testbed.ts"
import { genesisAt } from "../look/testing/Journals.ts"
import { askLeader } from "./AskLeader.ts"

afterEach(closeAll)

const served: SessionAnswer = { type: "reset" }

/** A peer that takes `owner` for the leader and answers for sessions as it is told. */
const peerThat = (digit: string, owner: () => Contact | null, answer: () => SessionAnswer) =>
  station(digit, {
    onClient: (message: ClientMessage, reply: (message: ClientMessage) => void) => {
      if (message.type === "Find") {
        reply({ type: "Found", token: message.token, owner: owner(), hops: 1, path: [] })
      } else if (message.type === "Session") {
        reply({ type: "SessionShown", token: message.token, json: JSON.stringify(answer()) })
      }
    },
  })

const askAt = (addresses: ReadonlyArray<string>) =>
  Effect.runPromise(askLeader({ genesis: genesisAt([1]), addresses }, "alice", "show"))

test("whoever does not lead names the one that does", async () => {
  const leader = await peerThat(
    "b",
    () => null,
    () => served,
  )
  const host = await peerThat(
    "a",
    () => host.self,
    () => ({ type: "not-leader", leader: leader.self }),
  )
  expect(await askAt([host.self.ring])).toEqual({ answer: served, path: ["peer-a", "peer-b"] })
})

test("two that name each other are asked once each", async () => {
  const one = await peerThat(
    "a",
    () => one.self,
    () => ({ type: "not-leader", leader: other.self }),
  )
  const other = await peerThat(
    "b",
    () => null,
    () => ({ type: "not-leader", leader: one.self }),
  )
  expect(await askAt([one.self.ring])).toMatchObject({
    answer: {
      type: "refused",
      reason: expect.stringMatching(/^nobody leads cell \d+ .*asked peer-a, peer-b/),
    },
  })
})

test("a ring that does not say who leads, a leader that is gone, and no ring at all", async () => {
  const host = await peerThat(
    "a",
    () => null,
    () => served,
  )
  expect(await askAt([host.self.ring])).toMatchObject({
    answer: { type: "refused", reason: expect.stringContaining("did not say who leads") },
    path: [],
  })
  const gone = await peerThat(
    "b",
    () => null,
    () => served,
  )
  await gone.close()
  const other = await peerThat(
    "c",
    () => peerOf("b", gone.self.ring),
    () => served,
  )
  expect(await askAt([other.self.ring])).toMatchObject({ answer: { type: "refused" }, path: ["peer-b"] })
  expect(await askAt([gone.self.ring])).toMatchObject({
    answer: { type: "refused", reason: "nobody answers; see 'ringstead status'" },
  })
})
