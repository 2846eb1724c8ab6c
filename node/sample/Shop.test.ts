import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePorts } from "../ports/FreePorts.ts"
import { untilAccepts } from "../service/Readiness.ts"

/** A running shop, as `PORT=... node shop.js` starts it. */
const openShop = async () => {
  const [port] = await Effect.runPromise(Effect.scoped(freePorts(1)))
  const child = spawn(process.execPath, [new URL("shop.js", import.meta.url).pathname], {
    env: { ...process.env, PORT: String(port), NODE_ENV: "test" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text
  })
  await Effect.runPromise(untilAccepts(port))
  return {
    url: `http://localhost:${port}`,
    printed: () => printed,
    close: async () => {
      child.kill("SIGKILL")
      await once(child, "close")
    },
  }
}

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
}, 30_000)
afterAll(() => shop.close())

/** A client that keeps its cookie. */
const client = () => {
  let cookie = ""
  return async (path: string, init: RequestInit = {}) => {
    const headers = { cookie, ...(init.headers as Record<string, string> | undefined) }
    const response = await fetch(shop.url + path, { redirect: "manual", ...init, headers })
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

const put = (item: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ item }),
})

const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" }

test("it says where it listens, once", () => {
  expect(shop.printed()).toBe(`shop listens on ${shop.url}\n`)
})

test("each client's visits are counted", async () => {
  const one = client()
  const other = client()
  const visits = async (ask: typeof one): Promise<unknown> => JSON.parse((await ask("/")).text)
  expect(await visits(one)).toEqual({ visits: 1, cart: [] })
  expect(await visits(one)).toEqual({ visits: 2, cart: [] })
  expect(await visits(other)).toEqual({ visits: 1, cart: [] })
  expect(await visits(one)).toEqual({ visits: 3, cart: [] })
})

test("the cart holds what was put in and not removed", async () => {
  const ask = client()
  expect(await ask("/cart")).toMatchObject({ status: 200, text: '{"cart":[]}' })
  expect((await ask("/cart", put("tea"))).status).toBe(201)
  await ask("/cart", put(" honey "))
  const form = { "content-type": "application/x-www-form-urlencoded" }
  const added = await ask("/cart", { method: "POST", headers: form, body: "item=tea" })
  expect(JSON.parse(added.text)).toEqual({
    cart: [
      { item: "tea", count: 2 },
      { item: "honey", count: 1 },
    ],
  })
  expect(await ask("/cart/tea", { method: "DELETE" })).toMatchObject({
    status: 200,
    text: '{"cart":[{"item":"honey","count":1}]}',
  })
  expect(await ask("/cart/tea", { method: "DELETE" })).toMatchObject({
    status: 404,
    text: '{"error":"no tea in the cart"}',
  })
  expect((await client()("/cart")).text).toBe('{"cart":[]}')
})

test("a browser gets a page, and comes back to it from a form", async () => {
  const ask = client()
  const added = await ask("/cart", {
    method: "POST",
    headers: { ...browser, "content-type": "application/x-www-form-urlencoded" },
    body: `item=${encodeURIComponent("<b>&\"'tea")}`,
  })
  expect([added.status, added.headers.get("location")]).toEqual([303, "/"])
  const first = await ask("/", { headers: browser })
  expect(first.headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(first.text).toContain("<b>first</b>")
  expect(first.text).toContain("&lt;b&gt;&amp;&quot;&#39;tea")
  expect(first.text).not.toContain("<b>&")
  expect((await ask("/", { headers: browser })).text).toContain("This is visit <b>2</b>")
})

/** What a client is answered to requests of every kind. */
const tell = async (): Promise<ReadonlyArray<string>> => {
  const ask = client()
  const answers = [
    await ask("/"),
    await ask("/cart", put("tea")),
    await ask("/", { headers: browser }),
    await ask("/cart/tea", { method: "DELETE" }),
    await ask("/cart", put("")),
    await ask("/nowhere"),
  ]
  return answers.map(({ status, text }) => `${status} ${text}`)
}

test("the same requests in another shop get the same answers", async () => {
  const here = await tell()
  const first = shop
  shop = await openShop()
  try {
    expect(await tell()).toEqual(here)
  } finally {
    await shop.close()
    shop = first
  }
})

test.each<[string, RequestInit]>([
  ["no item", put(undefined)],
  ["an empty one", put("  ")],
  ["no text", put({})],
  ["too long a one", put("x".repeat(61))],
  ["no body", { method: "POST" }],
  ["no JSON", { ...put(""), body: "{" }],
])("%s is refused", async (_, init) => {
  const { status, text } = await client()("/cart", init)
  expect(status).toBe(400)
  expect(JSON.parse(text)).toHaveProperty("error")
})

test("health makes no session", async () => {
  const { status, headers, text } = await client()("/health")
  expect([status, headers.get("set-cookie"), text]).toEqual([200, null, '{"ok":true}'])
})
