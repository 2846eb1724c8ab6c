import { moduleUrl } from "../../testing/ScriptProcess.ts"

/**
 * A script that appends entries of 300 bytes to cell 0 of the journal in `directory`, several a turn, and prints the
 * length that was reported durable each time; `failed REASON` when writing fails, and the end of it then is after
 * `afterwards`, in which `directory` and `openedJournal` are at hand.
 */
export const writingScript = (directory: string, afterwards = ""): string => `
  import { writeSync } from "node:fs"
  import { openedJournal } from "${moduleUrl("node/storage/testing/OpenedJournal.ts")}"
  import { items, recordOf } from "${moduleUrl("node/storage/testing/Write.arbitrary.ts")}"
  import { NO_HASH } from "${moduleUrl("core/replication/Durable.ts")}"
  const say = (text) => writeSync(1, text + "\\n")
  const directory = ${JSON.stringify(directory)}
  const { close, store, failures } = await openedJournal(directory, "disk", (upTo) => say(String(upTo)))
  let mark = { length: 0, head: NO_HASH }
  store.write(0, [{ type: "record", record: recordOf(0, 0, mark) }])
  while (failures.length === 0) {
    for (let i = 0; i < 5; i++) {
      const [item] = items(mark, [300])
      const from = mark.length
      mark = { length: from + 1, head: item.head }
      store.write(mark.length, [{ type: "append", cell: 0, from, items: [item] }])
    }
    await new Promise(setImmediate)
  }
  store.write(mark.length + 1, [])
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  say("failed " + failures.join(" AND "))
  await close()
  ${afterwards}
`

/** The highest length that the script said was durable, in what it printed. */
export const saidDurable = (printed: string): number =>
  Number(
    printed
      .slice(0, printed.lastIndexOf("\n"))
      .split("\n")
      .findLast((line) => /^\d+$/.test(line)) ?? 0,
  )
