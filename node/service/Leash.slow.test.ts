import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { moduleUrl, runScript } from "../testing/ScriptProcess.ts"
import { until } from "../testing/Until.ts"

/** Pids of processes with `text` in their command line, zombies (which have none) excluded. */
const processesWith = (text: string): ReadonlyArray<string> =>
  readdirSync("/proc").filter((name) => {
    if (!/^[0-9]+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(text)
    } catch {
      return false
    }
  })

test.runIf(process.platform === "linux")(
  "a parent killed at any moment of a start leaves nothing behind",
  async () => {
    const stages = new Set<number>()
    for (let round = 0; round < 30; round++) {
      // Found in the command line of whoever comes out of the start: wrapper, keeper, shell, service and worker.
      const mark = `98765.${process.pid}${String(round).padStart(2, "0")}`
      await using parent = runScript(`
        const { spawnLeashed } = await import("${moduleUrl("node/service/Leash.ts")}")
        console.log("go")
        // Killed by itself, so that it comes this many turns of the loop after the start and not some milliseconds.
        const service = spawnLeashed("sleep ${mark} & sleep ${mark}; :", process.env)
        const end = performance.now() + ${round % 10}
        while (performance.now() < end);
        process.kill(process.pid, "SIGKILL")
      `)
      await parent.ended
      expect(parent.printed()).toBe("go\n")
      stages.add(processesWith(`sleep ${mark}`).length)
      await until("nothing of it runs", () => processesWith(mark).length === 0 || undefined)
    }
    // The moments did differ.
    expect(stages.size).toBeGreaterThan(1)
  },
)
