import * as Effect from "effect/Effect"
import { ExitCode } from "../ExitCode.ts"
import type { Screen } from "./Screen.ts"
import type { Supervisor } from "./Supervisor.ts"

/** Whether somebody sits at this terminal and can press keys. */
export const hasKeys = (): boolean => process.stdin.isTTY && process.stdout.isTTY

export interface KeyTargets {
  readonly supervisor: Supervisor
  readonly screen: Screen
  /** The ring's data directory. */
  readonly data: string
}

/**
 * Does what is asked for by key until that is to quit: a digit kills that peer, `r` restarts the one killed last, `s`
 * shows the status, `q` and Ctrl-C quit. The terminal is then as it was.
 */
export const obeyKeys = ({ data, screen, supervisor }: KeyTargets): Effect.Effect<ExitCode> =>
  Effect.callback((resume) => {
    const peers = supervisor.members().flatMap(({ plan }) => (plan.kind === "peer" ? [plan.name] : []))
    let killed: string | undefined
    const press = (key: string): void => {
      const chosen = /^[1-9]$/.test(key) ? peers[Number(key) - 1] : undefined
      if (chosen !== undefined && supervisor.kill(chosen)) {
        killed = chosen
        screen.news(`kill -9 ${chosen}`)
      } else if (key === "r" && killed !== undefined && supervisor.restart(killed)) {
        screen.news(`${killed} is started again`)
      } else if (key === "s") {
        void showStatus(data, screen)
      } else if (key === "q" || key === "\u0003") {
        resume(Effect.succeed(ExitCode.ok))
      }
    }
    const onData = (chunk: Buffer): void => {
      for (const key of chunk.toString("utf8")) press(key)
    }
    process.stdin.setRawMode(true).on("data", onData).resume()
    return Effect.sync(() => process.stdin.off("data", onData).setRawMode(false).pause())
  })

const showStatus = async (data: string, screen: Screen): Promise<void> => {
  const { statusOfRing, writeStatus } = await import("../look/Status.ts")
  const status = statusOfRing({ data, genesis: undefined, peer: [] })
  screen.say(
    await Effect.runPromise(
      Effect.match(status, { onSuccess: writeStatus, onFailure: ({ reason }) => reason }),
    ),
  )
}
