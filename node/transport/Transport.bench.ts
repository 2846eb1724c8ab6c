import { type ChildProcess, fork } from "node:child_process"
import { connect, type Socket } from "node:net"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Scope from "effect/Scope"
import { encode } from "../../core/codec/Codec.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import type { RingMessage } from "../../core/peer/Message.ts"
import { fromHex } from "../../core/ring/RingId.ts"
import type { EchoPorts } from "./testing/EchoProcess.ts"
import { EchoRpcs } from "./testing/EchoRpcs.ts"
import { FrameParser, frameOf } from "./Frame.ts"
import { makeTransport } from "./PeerTransport.ts"
import { someDisk } from "./testing/SomeDisk.ts"

const peer = (digit: string, port: number): Contact => ({
  id: fromHex(digit.repeat(40)),
  incarnation: 1,
  name: `peer-${digit}`,
  ring: `127.0.0.1:${port}`,
  http: `127.0.0.1:${port + 1}`,
})

/** The answer to a heartbeat's question, which takes 200 bytes. */
const message: RingMessage = {
  type: "StateReply",
  op: 70_211,
  member: true,
  successors: [peer("1", 24_001), peer("2", 24_003)],
  predecessor: peer("9", 24_017),
}

/** How many bytes each side says at a time. */
const SIZE = encode(message).length

/** Asks once; the answer calls `done`. */
type Ask = (done: () => void) => void

/** One way of asking the other process, open. */
interface Way {
  readonly ask: Ask
  readonly close: () => Promise<void>
}

/** Answers come in the order of the questions, so those who wait form a queue. */
class Queue {
  private waiting: Array<() => void> = []
  private first = 0

  add(done: () => void): void {
    this.waiting.push(done)
  }

  next(): void {
    const done = this.waiting[this.first++]
    if (this.first > 1_000) {
      this.waiting = this.waiting.slice(this.first)
      this.first = 0
    }
    done?.()
  }
}

const dialled = async (port: number): Promise<Socket> => {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true })
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject))
  return socket
}

/** Frames of the same length, corked per tick, and no meaning in them. */
const raw = (out: Socket, back: Socket): Way => {
  const queue = new Queue()
  const parser = new FrameParser()
  back.on("data", (chunk: Buffer) => {
    parser.push(chunk)
    while (parser.next() === "frame") queue.next()
  })
  const frame = frameOf(new Uint8Array(SIZE))
  let corked = false
  const uncork = (): void => {
    corked = false
    out.uncork()
  }
  return {
    ask: (done) => {
      queue.add(done)
      if (!corked) {
        corked = true
        out.cork()
        process.nextTick(uncork)
      }
      out.write(frame)
    },
    close: async () => {
      out.destroy()
      back.destroy()
    },
  }
}

const openRaw = async (ports: EchoPorts): Promise<Way> => {
  const socket = await dialled(ports.raw)
  return raw(socket, socket)
}

const openPair = async (ports: EchoPorts): Promise<Way> => {
  const out = await dialled(ports.pair)
  return raw(out, await dialled(ports.pair))
}

const inScope = async (acquire: Effect.Effect<Ask, unknown, Scope.Scope>): Promise<Way> => {
  const scope = Scope.makeUnsafe()
  const ask = await Effect.runPromise(Scope.provide(acquire, scope))
  return { ask, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

const openTransport = (ports: EchoPorts): Promise<Way> =>
  inScope(
    Effect.gen(function* () {
      const queue = new Queue()
      const transport = yield* makeTransport({
        cluster: "bench",
        self: peer("a", 24_019),
        boot: 1,
        disk: someDisk,
        listen: "127.0.0.1:0",
        routes: new Map(),
        onMessage: () => queue.next(),
        onUnreachable: () => {},
        onClient: () => {},
        onProblem: (text) => process.stderr.write(`${text}\n`),
      })
      const echo = yield* transport.resolve(ports.ring)
      return (done: () => void) => {
        queue.add(done)
        transport.send(echo, message)
      }
    }),
  )

const openRpc = (ports: EchoPorts): Promise<Way> =>
  inScope(
    Effect.gen(function* () {
      const context = yield* Layer.build(
        RpcClient.layerProtocolSocket().pipe(
          Layer.provide(NodeSocket.layerNet({ host: "127.0.0.1", port: ports.rpc, noDelay: true })),
          Layer.provide(RpcSerialization.layerSchemaBinary()),
        ),
      )
      const client = yield* Effect.provide(RpcClient.make(EchoRpcs), context)
      const text = "x".repeat(SIZE)
      return (done: () => void) => {
        Effect.runCallback(client.Echo({ text }), { onExit: done })
      }
    }),
  )

/** Asks `n` times with up to `inFlight` questions under way. */
const repeat = (ask: Ask, n: number, inFlight: number): Promise<void> =>
  new Promise((resolve) => {
    let asked = 0
    let answered = 0
    const more = (): void => {
      asked++
      ask(() => {
        answered++
        if (answered === n) resolve()
        else if (asked < n) more()
      })
    }
    while (asked < Math.min(n, inFlight)) more()
  })

/** Questions asked before measuring, so that both processes run compiled code, as they do in a ring that lives. */
const WARM_UP = 20_000

/** A candidate with `inFlight` questions under way, each with a process of its own to answer. */
const candidate = (name: string, open: (ports: EchoPorts) => Promise<Way>, inFlight: number) => {
  let way: Way | undefined
  let child: ChildProcess | undefined
  return {
    name,
    prepare: async (): Promise<void> => {
      const started = fork(new URL("testing/EchoProcess.ts", import.meta.url), {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      })
      child = started
      way = await open(
        await new Promise<EchoPorts>((resolve, reject) => {
          started.once("message", (ports) => resolve(ports as EchoPorts))
          started.once("exit", (code) => reject(new Error(`the answering process ended with ${code}`)))
        }),
      )
      await repeat(way.ask, WARM_UP, 256)
    },
    run: (n: number): Promise<void> =>
      way === undefined ? Promise.reject(new Error("not prepared")) : repeat(way.ask, n, inFlight),
    release: async (): Promise<void> => {
      await way?.close()
      child?.disconnect()
    },
  }
}

/** performance.md row 4: two processes on the loopback, placed as the system likes. */
export const rows = [
  {
    row: 4,
    title: "peer-to-peer round trip, 200 B, one at a time",
    clock: "wall" as const,
    goal: { of: "transport", against: "raw sockets", atMost: 1.2 },
    candidates: [
      candidate("raw sockets", openRaw, 1),
      candidate("raw, a socket each way", openPair, 1),
      candidate("effect/rpc", openRpc, 1),
      candidate("transport", openTransport, 1),
    ],
  },
  {
    row: 4,
    title: "peer-to-peer round trip, 200 B, 256 in flight",
    clock: "wall" as const,
    goal: { of: "transport", against: "effect/rpc", atMost: 0.2 },
    candidates: [
      candidate("raw sockets", openRaw, 256),
      candidate("effect/rpc", openRpc, 256),
      candidate("transport", openTransport, 256),
    ],
  },
]
