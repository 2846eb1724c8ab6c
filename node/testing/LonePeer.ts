import { join } from "node:path"
import { execa } from "execa"
import { readEvent } from "../cli/process/EventLine.ts"
import { SHORT_PAUSES } from "../cli/up/ShortPauses.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { LineSplitter } from "../service/LineSplitter.ts"
import { CHECKOUT } from "./BuiltBinary.ts"
import type { LocalRing } from "./LocalRing.ts"
import { until } from "./Until.ts"

/** A peer of a ring that `up` does not look after: a newcomer, or one that comes back on its own data. */
export interface LonePeer extends AsyncDisposable {
  readonly pid: number
  /** All that it has said. */
  readonly said: () => ReadonlyArray<ProcessEvent>
  /** Done when it has ended, with its exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>
}

/** Starts the peer `name` of `ring`, and waits for its line `ready`; `flags` go beside those that say who it is. */
export const startPeer = async (
  ring: LocalRing,
  name: string,
  flags: ReadonlyArray<string>,
): Promise<LonePeer> => {
  const [program, script] = CHECKOUT
  const own = [
    `--genesis=${join(ring.data, "genesis.json")}`,
    `--name=${name}`,
    `--data=${join(ring.data, name)}`,
  ]
  const child = execa(program, [...SHORT_PAUSES, script, "peer", ...own, "--log=json", "--leash", ...flags], {
    stdin: "pipe",
    buffer: false,
    reject: false,
  })
  const said: Array<ProcessEvent> = []
  const splitter = new LineSplitter(65_536)
  child.stdout.on("data", (chunk: Buffer) => {
    for (const text of splitter.push(chunk)) {
      const line = readEvent(text)
      if (line !== undefined) said.push(line.event)
    }
  })
  let over = false
  const ended = child.then(({ exitCode }) => {
    over = true
    return exitCode
  })
  const stop = async (): Promise<void> => {
    // The end of its leash, for one that can notice; it may be a zombie of a test.
    child.kill("SIGCONT")
    child.stdin.end()
    await ended
  }
  try {
    await until(`${name} is ready`, () =>
      said.some(({ type }) => type === "ready") ? true : over ? false : undefined,
    )
    if (over) throw new Error(`${name} ended: ${JSON.stringify(said.at(-1))}`)
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid ?? 0, said: () => said, ended, [Symbol.asyncDispose]: stop }
}
