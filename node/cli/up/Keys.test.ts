import { beforeEach, expect, test } from "vitest"
import { keyboard } from "./Keys.ts"
import { type MemberPlan, planned } from "./Member.ts"

const plan = (kind: MemberPlan["kind"], name: string): MemberPlan => ({
  kind,
  name,
  http: "127.0.0.1:1",
  args: [],
  folder: name,
})
const members = [
  plan("peer", "peer-1"),
  plan("peer", "peer-2"),
  plan("peer", "peer-3"),
  plan("dispatcher", "d1"),
].map(planned)

let down: Set<string>
let news: Array<string>
let press: (key: string) => "quit" | undefined

beforeEach(() => {
  down = new Set()
  news = []
  const say = (text: string): void => {
    news.push(text)
  }
  press = keyboard({
    data: "nowhere",
    screen: { news: say, say },
    supervisor: {
      members: () => members,
      kill: (name) => !down.has(name) && down.add(name).has(name),
      restart: (name) => down.delete(name),
    },
  })
})

test("a digit kills that peer, once, and r brings back the one killed last", () => {
  for (const key of "3113rr") press(key)
  expect(news).toEqual([
    "kill -9 peer-3",
    "kill -9 peer-1",
    "peer-1 is down already",
    "peer-3 is down already",
    "peer-1 is started again",
    "peer-3 is started again",
  ])
})

test("r brings back what went down without a key too, and says when there is nothing", () => {
  down.add("d1")
  for (const key of "rr") press(key)
  expect(news).toEqual(["d1 is started again", "nothing is down"])
})

test("a digit beyond the peers is no dispatcher", () => {
  press("4")
  expect(news).toEqual(["there is no peer 4"])
})

test("q and Ctrl-C quit, any other key does nothing", () => {
  expect(["q", "\u0003", "x", "0", "\r"].map(press)).toEqual([
    "quit",
    "quit",
    undefined,
    undefined,
    undefined,
  ])
  expect(news).toEqual([])
})
