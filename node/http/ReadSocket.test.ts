import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { describe, expect, test } from "vitest"
import { until } from "../testing/Until.ts"
import { acceptSocket, connectSocket, type OnBytes, readEvents } from "./ReadSocket.ts"

/** A connection between a socket of the test's and one that `accept` made of the accepted one. */
const pair = async (accept: (accepted: Socket, onBytes: OnBytes) => Socket, onBytes: OnBytes) => {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  const port = typeof bound === "object" && bound !== null ? bound.port : 0
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
  const [accepted] = (await once(server, "connection")) as [Socket]
  const socket = accept(accepted, onBytes)
  socket.resume()
  return {
    client,
    accepted,
    socket,
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}

describe.each([
  ["handed over", acceptSocket],
  ["by events", readEvents],
])("an accepted socket, %s", (_, accept) => {
  test("is read as bytes come, and not while it is paused", async () => {
    let text = ""
    let more = true
    await using both = await pair(accept, (bytes, length) => {
      text += bytes.toString("latin1", 0, length)
      return more
    })
    both.client.write("one")
    await until("the first", () => (text === "one" ? true : undefined))
    more = false
    both.client.write("two")
    await until("the second", () => (text === "onetwo" ? true : undefined))
    both.client.write("three")
    // What is written back arrives after what was written before, so by then the third had its chance.
    both.socket.write("x")
    await once(both.client, "data")
    expect(text).toBe("onetwo")
    more = true
    both.socket.resume()
    await until("the third", () => (text === "onetwothree" ? true : undefined))
  })

  test("says when the other side has ended, and can still answer", async () => {
    await using both = await pair(accept, () => true)
    both.client.end("bye")
    await once(both.socket, "end")
    both.socket.end("answer")
    expect(String((await once(both.client, "data"))[0])).toBe("answer")
  })

  test("says when it is gone", async () => {
    await using both = await pair(accept, () => true)
    both.socket.on("error", () => undefined)
    const closed = new Promise((resolve) => both.socket.once("close", resolve))
    both.client.resetAndDestroy()
    await closed
    expect(both.socket.destroyed).toBe(true)
  })
})

test("this node lets connections be handed over", async () => {
  await using both = await pair(acceptSocket, () => true)
  expect(both.socket).not.toBe(both.accepted)
  expect(both.socket.remoteAddress).toBe("127.0.0.1")
})

test("a socket that connects is read the same way", async () => {
  const server = createServer((socket) => socket.end("hello"))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  let text = ""
  const socket = connectSocket(
    "127.0.0.1",
    typeof bound === "object" && bound !== null ? bound.port : 0,
    (bytes, length) => {
      text += bytes.toString("latin1", 0, length)
      return true
    },
  )
  await once(socket, "close")
  expect(text).toBe("hello")
  server.close()
})
