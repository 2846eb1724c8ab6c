import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import { NO_HASH } from "../../core/replication/Durable.ts"
import { runScript } from "../testing/ScriptProcess.ts"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { until } from "../testing/Until.ts"
import { foundJournal } from "./JournalStore.ts"
import { openedJournal } from "./testing/OpenedJournal.ts"
import { items } from "./testing/Write.arbitrary.ts"
import { saidDurable, writingScript } from "./testing/WritingScript.ts"

vi.setConfig({ testTimeout: 60_000 })

/** Length of the log that is there, which is what the script writes and nothing else; it can be written on. */
const lengthIn = async (directory: string): Promise<number> => {
  const { close, store } = await openedJournal(directory)
  const held = store.takeCells()[0]?.log.items ?? []
  let mark = { length: 0, head: NO_HASH }
  for (const item of held) {
    expect([item]).toEqual(items(mark, [300]))
    mark = { length: mark.length + 1, head: item.head }
  }
  store.write(1, [{ type: "cut", cell: 0, length: 0 }])
  await close()
  return held.length
}

test("a process that is killed while it writes leaves all that it was told is durable", async () => {
  await using scratch = await scratchDirectory()
  for (let round = 0; round < 4; round++) {
    const directory = join(scratch.path, `journal-${round}`)
    foundJournal(directory)
    await using script = runScript(writingScript(directory))
    await until("it writes", () => (saidDurable(script.printed()) > 40 * round ** 2 ? true : undefined))
    script.child.kill("SIGKILL")
    await script.ended
    expect(await lengthIn(directory)).toBeGreaterThanOrEqual(saidDurable(script.printed()))
  }
})

test("no room: said once, nothing is durable after it, and with room again all is there", async () => {
  await using scratch = await scratchDirectory()
  const directory = join(scratch.path, "journal")
  foundJournal(directory)
  const script = `trap "" XFSZ; ulimit -f 200; exec "$1" --input-type=module --eval "$2"`
  const child = spawn("bash", ["-c", script, "bash", process.execPath, writingScript(directory)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text))
  await once(child, "close")
  const lines = printed.trimEnd().split("\n")
  expect(lines.at(-1)).toMatch(/^failed journal .*\/journal cannot be written: .*; mend that \(room/)
  expect(lines.at(-1)).not.toContain(" AND ")
  expect(lines.slice(0, -1).every((line) => /^\d+$/.test(line))).toBe(true)
  const durable = saidDurable(printed)
  expect(durable).toBeGreaterThan(0)
  expect(await lengthIn(directory)).toBeGreaterThanOrEqual(durable)
})

const mayMount = ((): boolean => {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!mayMount)("a disk that is full, and then is not", async () => {
  await using scratch = await scratchDirectory()
  const disk = join(scratch.path, "disk")
  mkdirSync(disk)
  const afterwards = `
    const { rmSync } = await import("node:fs")
    rmSync(directory + "/../filler")
    const again = await openedJournal(directory)
    const length = again.store.takeCells()[0].log.items.length
    again.store.write(1, [{ type: "cut", cell: 0, length: 0 }])
    await again.close()
    say("again " + length + " " + again.durable())
  `
  const inside = `
    import { writeFileSync } from "node:fs"
    import { foundJournal } from ${JSON.stringify(new URL("JournalStore.ts", import.meta.url).href)}
    foundJournal(${JSON.stringify(join(disk, "journal"))})
    writeFileSync(${JSON.stringify(join(disk, "filler"))}, Buffer.alloc(1_000_000))
  `
  // The mount is seen by this process alone and goes with it.
  const script = `mount -t tmpfs -o size=1400k tmpfs "$1" && "$2" --input-type=module --eval "$3" && exec "$2" --input-type=module --eval "$4"`
  const journal = join(disk, "journal")
  const printed = execFileSync(
    "unshare",
    [
      "--mount",
      "bash",
      "-c",
      script,
      "bash",
      disk,
      process.execPath,
      inside,
      writingScript(journal, afterwards),
    ],
    { encoding: "utf8" },
  )
  const lines = printed.trimEnd().split("\n")
  expect(lines.at(-2)).toMatch(
    /^failed journal .*\/journal cannot be written: database or disk is full; mend that/,
  )
  const durable = saidDurable(lines.slice(0, -2).join("\n") + "\n")
  expect(durable).toBeGreaterThan(0)
  const [, length, reported] = /^again (\d+) (\d+)$/.exec(lines.at(-1) ?? "") ?? []
  expect(Number(length)).toBeGreaterThanOrEqual(durable)
  expect(reported).toBe("1")
})
