import { expect, test } from "vitest"
import { cookieName } from "../../core/handoff/Aliases.ts"
import { parseNoise } from "../../core/handoff/Noise.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import { SET_COOKIE } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { startInstances } from "../testing/RunningInstances.ts"
import { PID_SERVICE, SHOP_SERVICE, WORKERS_SERVICE } from "../testing/services/Services.ts"
import { readAnswer } from "./ReplayedAnswer.ts"

const SESSIONS = 100
const REQUESTS = 100

/** mulberry32: the same shopping each time. */
const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const ITEMS = ["tea", "honey", "bread", "pears", "cheese", ""]

const shopping = (next: () => number, cookie: string): string => {
  const item = ITEMS[Math.floor(next() * ITEMS.length)] ?? ""
  const fields = `Host: shop\r\n${cookie === "" ? "" : `Cookie: ${cookie}\r\n`}`
  const accept = next() < 0.2 ? "Accept: text/html\r\n" : ""
  const kind = next()
  if (kind < 0.3) return `GET / HTTP/1.1\r\n${fields}${accept}\r\n`
  if (kind < 0.4) return `GET /cart HTTP/1.1\r\n${fields}\r\n`
  if (kind < 0.5) return `DELETE /cart/${item} HTTP/1.1\r\n${fields}\r\n`
  const body = JSON.stringify({ item })
  return `POST /cart HTTP/1.1\r\n${fields}${accept}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

type Peer = Awaited<ReturnType<typeof startInstances>>

/** Runs requests of one client on birth 1, each made of the cookie as it is then. @returns them as entries */
const journal = async (
  peer: Peer,
  client: string,
  count: number,
  make: (cookie: string, index: number) => string,
): Promise<ReadonlyArray<RequestEntry>> => {
  const entries: Array<RequestEntry> = []
  let cookie = ""
  for (let i = 0; i < count; i++) {
    const request = Buffer.from(make(cookie, i))
    const { type, response } = await peer.run(1, client, request)
    expect(type).toBe("answered")
    const set = valuesOf(
      readAnswer(Buffer.from(response), "GET")?.head ?? expect.fail("no answer"),
      SET_COOKIE,
    )
    for (const value of set) if (cookieName(value) === "connect.sid") cookie = value.split(";")[0] ?? ""
    entries.push({ type: "request", client, id: String(i), at: 0, replay: "compare", request, response })
  }
  return entries
}

test(`${SESSIONS} sessions of ${REQUESTS} requests at the shop, replayed elsewhere, get the same answers and go on`, async () => {
  await using here = await startInstances(SHOP_SERVICE)
  await using there = await startInstances(SHOP_SERVICE)
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, (_, i) => {
      const next = random(i)
      return journal(here, `client-${i}`, REQUESTS, (cookie) => shopping(next, cookie))
    }),
  )
  const cookies = new Set(
    sessions.map((entries) => /Cookie: .*/.exec(Buffer.from(entries.at(-1)?.request ?? []).toString())?.[0]),
  )
  expect(cookies.size).toBe(SESSIONS)
  const replayed = await Promise.all(sessions.map((entries, i) => there.replay(1, `client-${i}`, entries)))
  expect(replayed.filter(({ applied, difference }) => applied !== REQUESTS || difference !== null)).toEqual(
    [],
  )

  // From now on each client is served there, with the cookie it has.
  const bodies = async (peer: Peer): Promise<ReadonlyArray<string>> =>
    await Promise.all(
      sessions.map(async (entries, i) => {
        const cookie = /Cookie: .*\r\n/.exec(Buffer.from(entries.at(-1)?.request ?? []).toString())?.[0] ?? ""
        const { response } = await peer.run(1, `client-${i}`, `GET / HTTP/1.1\r\nHost: shop\r\n${cookie}\r\n`)
        return Buffer.from(response).toString().split("\r\n\r\n")[1] ?? ""
      }),
    )
  const [one, other] = [await bodies(here), await bodies(there)]
  expect(other).toEqual(one)
  expect(one.every((body) => /"visits":(?:[1-9][0-9]+)/.test(body))).toBe(true)
})

test("a service that names its process is found out at its first answer, with the flag that lets it pass", async () => {
  await using here = await startInstances(PID_SERVICE)
  for (const path of ["/json", "/"]) {
    const entries = await journal(
      here,
      `client${path}`,
      3,
      () => `GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: c=${path}\r\n\r\n`,
    )
    await using there = await startInstances(PID_SERVICE)
    const found = await there.replay(1, "client", entries)
    const flag = path === "/json" ? "--ignore /pid" : "--ignore 'pid [0-9]+'"
    expect(found).toMatchObject({
      applied: 1,
      difference: { where: path === "/json" ? "/pid" : "line 2", flag },
    })
    const noise = parseNoise([path === "/json" ? "/pid" : "pid [0-9]+"])
    if ("problem" in noise) throw new Error(noise.problem)
    await using tolerant = await startInstances(PID_SERVICE, { noise })
    expect(await tolerant.replay(1, "client", entries)).toEqual({ applied: 3, difference: null })
  }
})

test("so is one whose workers share nothing", async () => {
  await using here = await startInstances(WORKERS_SERVICE)
  await using there = await startInstances(WORKERS_SERVICE)
  const entries = await journal(here, "client", 8, () => "GET / HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\n\r\n")
  // Its visits were counted by two: 1 1 2 2 and not 1 2 3 4. A replay sees as much unless it meets the same workers.
  const counts = entries.map(
    ({ response }) => /"visits":([0-9]+)/.exec(Buffer.from(response).toString())?.[1],
  )
  expect(counts).not.toEqual(counts.map((_, i) => String(i + 1)))
  await there.run(1, "other", "GET / HTTP/1.1\r\nHost: x\r\nCookie: other=1\r\n\r\n")
  const single: ReadonlyArray<RequestEntry> = entries.map((entry, i) => ({
    ...entry,
    response: Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"visits":${i + 1}}`),
  }))
  expect(await there.replay(1, "client", single)).toMatchObject({
    difference: { where: "/visits", flag: "--ignore /visits" },
  })
})
