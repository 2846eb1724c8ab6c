import { expect, test } from "vitest"
import { fromHex } from "../../../core/ring/RingId.ts"
import type { EntryReport, SessionReport } from "../../peer/SessionReport.ts"
import { whatIsLost } from "./Session.ts"
import { writeSession } from "./WriteSession.ts"

const entry = (index: number, more: Partial<EntryReport> = {}): EntryReport => ({
  index,
  id: `o-${index}`,
  at: Date.UTC(2026, 0, 2, 3, 4, index),
  method: "POST",
  target: "/cart",
  status: 200,
  requestBytes: 120,
  responseBytes: 2_048,
  replay: "compare",
  isCommitted: true,
  ...more,
})

const session: SessionReport = {
  client: "alice o'hara",
  key: fromHex("522b276a356bdf39013dfabea2cd43e141ecc9e8"),
  cell: 41,
  epoch: 2,
  peer: "peer-2",
  serves: true,
  view: ["peer-2", "peer-3", "peer-4"],
  count: 3,
  bytes: 6_504,
  committed: 2,
  applied: 2,
  at: Date.UTC(2026, 0, 2, 3, 4, 9),
  waiting: 0,
  activity: null,
  fenced: null,
  diverged: null,
  entries: [entry(4), entry(6, { status: 504, replay: "skip" }), entry(9, { isCommitted: false })],
}

test("a session", () => {
  expect(writeSession(session, 128)).toMatchInlineSnapshot(`
    "client  alice o'hara
    key     522b276a356bdf39013dfabea2cd43e141ecc9e8
    cell    41 of 128, epoch 2, view peer-2 peer-3 peer-4
    leader  peer-2
    entries 3 (6.4 KiB), 2 committed, 2 applied by the service
    used    2026-01-02T03:04:09.000Z
    state   served
    ENTRY  TIME                      METHOD  PATH   STATUS  REQUEST  RESPONSE  ID
        4  2026-01-02T03:04:04.000Z  POST    /cart     200    120 B     2 KiB  o-4
        6  2026-01-02T03:04:06.000Z  POST    /cart     504    120 B     2 KiB  o-6  skipped at replay: never answered
        9  2026-01-02T03:04:09.000Z  POST    /cart     200    120 B     2 KiB  o-9  not committed yet"
  `)
})

test("a fenced one: where it differs, the flag that would declare it noise, and the way out", () => {
  const difference = { where: "/pid", journaled: "17", replayed: "18", flag: "--ignore /pid" }
  expect(writeSession({ ...session, fenced: { entry: 4, difference } }, 128)).toContain(
    "state   fenced: entry 4, /pid was 17, replayed 18; if this is noise, start all peers with --ignore /pid; " +
      String.raw`ringstead session reset 'alice o'\''hara' serves it again, from nothing`,
  )
  expect(writeSession({ ...session, diverged: { entry: 4, difference } }, 128)).toContain(
    "state   served; a replay differed: entry 4, /pid was 17",
  )
})

test("one whose requests are under way", () => {
  expect(writeSession({ ...session, activity: "run", waiting: 2 }, 128)).toContain("now     run, 2 waiting\n")
})

test("nothing at all, and a leader that does not serve", () => {
  const text = writeSession({ ...session, serves: false, count: 0, entries: [], at: null }, 128)
  expect(text).toContain("leader  peer-2, which does not serve at present")
  expect(text).toContain("state   nothing is journaled of it")
  expect(text).not.toContain("ENTRY")
})

test("of many the last fifty, and how many there are besides", () => {
  const entries = Array.from({ length: 80 }, (_, i) => entry(i))
  const lines = writeSession({ ...session, count: 1_000, entries }, 128).split("\n")
  expect(lines.at(-1)).toBe("and 950 before these")
  expect(lines.at(-2)).toMatch(/^ +79 /)
})

test("what a reset loses", () => {
  expect(whatIsLost(session)).toBe(
    `the session of "alice o'hara", 3 journaled requests (6.4 KiB), is lost for good`,
  )
  expect(whatIsLost({ ...session, count: 0 })).toBe(`nothing is journaled of "alice o'hara"`)
})
