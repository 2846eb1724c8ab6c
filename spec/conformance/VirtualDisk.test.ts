import fc from "fast-check"
import { expect, test } from "vitest"
import { chain } from "../../core/replication/Chain.ts"
import { type CellRecord, NO_HASH, type Write } from "../../core/replication/Durable.ts"
import * as Log from "../../core/replication/Log.ts"
import { VirtualDisk } from "./VirtualDisk.ts"

const record: CellRecord = {
  cell: 3,
  role: "member",
  epoch: 1,
  view: [],
  base: { length: 0, head: NO_HASH },
  ballot: null,
  accepted: null,
  next: null,
}

type Act = "append" | "cut" | "replace" | "fade" | "trim"

/** The write that does it to `log`, and the log afterwards by core's own functions; `n` chooses where. */
const happen = (log: Log.Log, act: Act, n: number): readonly [Write, Log.Log] => {
  const at = log.start.length + (n % (log.length - log.start.length + 1))
  const sent = [{ bytes: Uint8Array.of(n) }, { bytes: Uint8Array.of(n, n) }]
  switch (act) {
    case "append": {
      const items = chain(log.head, sent)
      return [{ type: "append", cell: 3, from: log.length, items }, Log.append(log, items)]
    }
    case "cut":
      return [{ type: "cut", cell: 3, length: at }, Log.cut(log, at)]
    case "replace": {
      const other = Log.append(Log.emptyLog, chain(NO_HASH, sent))
      return [{ type: "replace", cell: 3, log: Log.durableOf(other) }, other]
    }
    case "fade": {
      const indices = at < log.length ? [at] : []
      return [{ type: "fade", cell: 3, indices }, Log.fade(log, indices)]
    }
    case "trim": {
      const trimmed = Log.trim(log, at)
      return [{ type: "trim", cell: 3, start: trimmed.start }, trimmed]
    }
  }
}

const acts = fc.array(
  fc.tuple(fc.constantFrom<Act>("append", "append", "cut", "replace", "fade", "trim"), fc.nat(255)),
)

test("a disk has what core has in memory, whatever is written", () => {
  fc.assert(
    fc.property(acts, (list) => {
      const disk = new VirtualDisk()
      disk.write({ number: 1, writes: [{ type: "record", record }] })
      let log = Log.emptyLog
      for (const [i, [act, n]] of list.entries()) {
        const [write, after] = happen(log, act, n)
        disk.write({ number: i + 2, writes: [write] })
        log = after
      }
      disk.flush(list.length + 1)
      expect(disk.recovered()).toEqual([{ record, log: Log.durableOf(log) }])
    }),
  )
})

test("a crash keeps the first of the outstanding commands, each of them whole", () => {
  fc.assert(
    fc.property(fc.nat(4), (kept) => {
      const disk = new VirtualDisk()
      disk.write({ number: 1, writes: [{ type: "record", record }] })
      disk.flush(1)
      for (let number = 2; number <= 5; number++) {
        const items = chain(NO_HASH, [{ bytes: Uint8Array.of(1) }, { bytes: Uint8Array.of(2) }])
        disk.write({ number, writes: [{ type: "append", cell: 3, from: 2 * (number - 2), items }] })
      }
      disk.crash(() => kept)
      expect(disk.recovered()[0]?.log.items).toHaveLength(2 * kept)
      disk.flush(9)
      expect(disk.recovered()[0]?.log.items).toHaveLength(2 * kept)
    }),
  )
})

test("a disk that failed takes nothing more", () => {
  const disk = new VirtualDisk()
  disk.write({ number: 1, writes: [{ type: "record", record }] })
  disk.failed = true
  disk.flush(1)
  expect(disk.recovered()).toEqual([])
})

test.each<readonly [string, Write, RegExp]>([
  ["an append with a gap", { type: "append", cell: 3, from: 1, items: [] }, /an append from 1/],
  ["a cut beyond the end", { type: "cut", cell: 3, length: 1 }, /a cut to 1/],
  ["a trim beyond the end", { type: "trim", cell: 3, start: { length: 2, head: NO_HASH } }, /a trim to 2/],
  ["a fade of nothing", { type: "fade", cell: 3, indices: [0] }, /a fade of 0/],
])("no disk could do it: %s", (_, write, problem) => {
  const disk = new VirtualDisk()
  disk.write({ number: 1, writes: [write] })
  expect(() => disk.flush(1)).toThrow(problem)
})
