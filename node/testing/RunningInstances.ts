import { join } from "node:path"
import { NO_NOISE } from "../../core/handoff/Noise.ts"
import type { Difference, Outcome } from "../../core/handoff/Reply.ts"
import type { RequestEntry } from "../../core/replication/Entry.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { type Instances, type InstancesOptions, runInstances } from "../service/Instances.ts"
import { opened } from "./Opened.ts"
import { scratchDirectory } from "./ScratchDirectory.ts"

/** A peer's instances of a service, as promises. */
export interface RunningInstances extends AsyncDisposable {
  readonly instances: Instances
  readonly events: ReadonlyArray<ProcessEvent>
  /** All that was said of births so far. */
  readonly births: ReadonlyArray<number | null>
  readonly run: (birth: number, client: string, request: string | Uint8Array) => Promise<Outcome>
  readonly replay: (
    birth: number,
    client: string,
    steps: ReadonlyArray<RequestEntry>,
    fresh?: boolean,
  ) => Promise<{ readonly applied: number; readonly difference: Difference | null }>
}

/** Starts `command` in a directory of its own; nothing is left when it is disposed of. */
export const startInstances = async (
  command: string,
  more: Partial<InstancesOptions> = {},
): Promise<RunningInstances> => {
  const scratch = await scratchDirectory()
  const events: Array<ProcessEvent> = []
  const births: Array<number | null> = []
  try {
    const { value: instances, close } = await opened(
      runInstances({
        command,
        logFile: join(scratch.path, "service.log"),
        recordFile: join(scratch.path, "instance.json"),
        readyMs: 20_000,
        stopMs: 500,
        pauses: { firstMs: 10, mostMs: 40, calmMs: 60_000 },
        answerMs: 10_000,
        responseLimit: 1_048_576,
        noise: NO_NOISE,
        onBirth: (birth) => births.push(birth),
        emit: (event) => events.push(event),
        ...more,
      }),
    )
    return {
      instances,
      events,
      births,
      run: (birth, client, request) =>
        new Promise((resolve) => {
          const bytes = typeof request === "string" ? Buffer.from(request, "latin1") : request
          instances.run(birth, client, bytes, resolve)
        }),
      replay: (birth, client, steps, fresh = false) =>
        new Promise((resolve) => {
          instances.replay(
            birth,
            client,
            fresh,
            steps,
            () => false,
            (applied, difference) => resolve({ applied, difference }),
          )
        }),
      [Symbol.asyncDispose]: async () => {
        await close()
        await scratch[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}
