import { once } from "node:events"
import * as http from "node:http"
import fc from "fast-check"
import { expect, test } from "vitest"
import { splitAddress } from "../http/HostPort.ts"
import { runIngress } from "../ingress/Ingress.ts"
import { CELLS, dispatch, FakeRing, named } from "../testing/Dispatching.ts"
import { opened } from "../testing/Opened.ts"

const seed = 20_260_801

/** What node's server saw of a request, and node's client of the response. */
interface Passage {
  readonly asked: readonly [string | undefined, string | undefined, ReadonlyArray<string>, string]
  readonly answered: readonly [number | undefined, string | undefined, ReadonlyArray<string>, string]
}

interface Answer {
  readonly status: number
  readonly fields: ReadonlyArray<readonly [string, string]>
  readonly pieces: ReadonlyArray<string>
  readonly framed: boolean
}

/** Fields that a proxy adds, and those that belong to one connection. */
const own = /^(connection|keep-alive|transfer-encoding|content-length|date|x-forwarded-|ringstead-)/

const passedOn = (raw: ReadonlyArray<string>): ReadonlyArray<string> => {
  const kept: Array<string> = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? ""
    if (!own.test(name)) kept.push(`${name}: ${raw[i + 1] ?? ""}`)
  }
  return kept
}

const textOf = async (message: http.IncomingMessage): Promise<string> => {
  let text = ""
  for await (const piece of message.setEncoding("latin1")) text += String(piece)
  return text
}

const latin1 = (most: number) =>
  fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: most,
  })
const fieldValue = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  })
  .map((text) => text.replaceAll("\x7f", "").replaceAll(/^[ \t]+|[ \t]+$/g, ""))
const fields = fc.array(fc.tuple(fc.constantFrom("X-A", "x-b", "Set-Cookie", "ETag", "Accept"), fieldValue), {
  maxLength: 5,
})
const exchange = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
  path: fc.webPath(),
  fields,
  body: fc.option(fc.array(latin1(50), { minLength: 1, maxLength: 4 })),
  bodyFramed: fc.boolean(),
  answer: fc.record<Answer>({
    status: fc.constantFrom(200, 201, 204, 304, 400, 404, 421, 500, 503),
    fields,
    pieces: fc.array(latin1(50), { maxLength: 4 }),
    framed: fc.boolean(),
  }),
})

test("through dispatcher and peer, node's client and node's server understand one another as without them", async () => {
  let answer: Answer = { status: 200, fields: [], pieces: [], framed: true }
  let asked: Passage["asked"] = ["", "", [], ""]
  const service = http.createServer((request, response) => {
    void textOf(request).then((body) => {
      asked = [request.method, request.url, passedOn(request.rawHeaders), body]
      const { status, fields: sent, pieces, framed } = answer
      const all = Buffer.from(pieces.join(""), "latin1")
      response.sendDate = false
      response.writeHead(status, [
        ...sent.flat(),
        ...(framed && status !== 204 ? ["Content-Length", String(all.length)] : []),
      ])
      for (const piece of pieces) response.write(Buffer.from(piece, "latin1"))
      return response.end()
    })
  })
  service.listen(0, "127.0.0.1")
  await once(service, "listening")
  const bound = service.address()
  const direct = `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`
  await using peer = await opened(
    runIngress({
      listen: "127.0.0.1:0",
      self: { name: "p" },
      genesis: { cells: CELLS, hash: ["sha1"] },
      leadership: () => ({ leads: true, hint: null }),
      upstream: () => splitAddress(direct),
      answerMs: 5_000,
      bodyLimit: 100_000,
      onHang: () => undefined,
      emit: () => undefined,
    }),
  )
  await using dispatcher = await dispatch(new FakeRing().give(named("p", peer.value)))
  const agent = new http.Agent({ keepAlive: true })

  const pass = async (
    address: string,
    one: typeof exchange extends fc.Arbitrary<infer A> ? A : never,
  ): Promise<Passage> => {
    const headers: Array<string> = ["Host", "shop", "X-Client", "alice", ...one.fields.flat()]
    const body = one.body?.map((piece) => Buffer.from(piece, "latin1"))
    if (body !== undefined) {
      if (one.bodyFramed) headers.push("Content-Length", String(Buffer.concat(body).length))
      else headers.push("Transfer-Encoding", "chunked")
    }
    const request = http.request({
      ...splitAddress(address),
      agent,
      method: one.method,
      path: one.path || "/",
      headers,
    })
    for (const piece of body ?? []) request.write(piece)
    request.end()
    const [response] = (await once(request, "response")) as [http.IncomingMessage]
    const text = await textOf(response)
    return {
      asked,
      answered: [response.statusCode, response.statusMessage, passedOn(response.rawHeaders), text],
    }
  }

  try {
    await fc.assert(
      fc.asyncProperty(exchange, async (one) => {
        answer = one.answer
        const without = await pass(direct, one)
        expect(await pass(dispatcher.value.address, one)).toEqual(without)
      }),
      { seed, numRuns: 120 },
    )
    // All that went over kept connections.
    expect(dispatcher.value.upstreams()).toBe(1)
  } finally {
    agent.destroy()
    service.closeAllConnections()
    service.close()
  }
})
