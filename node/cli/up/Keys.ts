import * as Effect from "effect/Effect"
import { ExitCode } from "../ExitCode.ts"
import type { Screen } from "./Screen.ts"
import type { Supervisor } from "./Supervisor.ts"

/** Whether somebody sits at this terminal and can press keys. */
export const hasKeys = (): boolean => process.stdin.isTTY && process.stdout.isTTY

export interface KeyTargets {
  readonly supervisor: Pick<Supervisor, "kill" | "members" | "restart">
  readonly screen: Pick<Screen, "news" | "say">
  /** The ring's data directory. */
  readonly data: string
}

/** Does what is asked for by key, as {@link keyboard} says, until that is to quit. The terminal is then as it was. */
export const obeyKeys = (targets: KeyTargets): Effect.Effect<ExitCode> =>
  Effect.callback((resume) => {
    const press = keyboard(targets)
    const onData = (chunk: Buffer): void => {
      for (const key of chunk.toString("utf8")) {
        if (press(key) === "quit") resume(Effect.succeed(ExitCode.ok))
      }
    }
    process.stdin.setRawMode(true).on("data", onData).resume()
    return Effect.sync(() => process.stdin.off("data", onData).setRawMode(false).pause())
  })

/**
 * Obeys one key after the other: a digit kills that peer, `r` restarts the one killed last, or else another process
 * that is down, `s` shows the status, `q` and Ctrl-C ask to quit.
 */
export const keyboard = ({ data, screen, supervisor }: KeyTargets): ((key: string) => "quit" | undefined) => {
  let killed = ""
  const kill = (digit: string): void => {
    const peers = supervisor.members().filter(({ plan }) => plan.kind === "peer")
    const name = peers[Number(digit) - 1]?.plan.name
    if (name === undefined) return screen.news(`there is no peer ${digit}`)
    if (!supervisor.kill(name)) return screen.news(`${name} is down already`)
    killed = name
    return screen.news(`kill -9 ${name}`)
  }
  const restart = (): void => {
    const names = supervisor.members().map(({ plan }) => plan.name)
    const again = [killed, ...names].find((name) => supervisor.restart(name))
    screen.news(again === undefined ? "nothing is down" : `${again} is started again`)
  }
  return (key) => {
    if (/^[1-9]$/.test(key)) kill(key)
    else if (key === "r") restart()
    else if (key === "s") void showStatus(data, screen)
    return key === "q" || key === "\u0003" ? "quit" : undefined
  }
}

const showStatus = async (data: string, screen: Pick<Screen, "say">): Promise<void> => {
  const { statusOfRing, writeStatus } = await import("../look/Status.ts")
  const status = statusOfRing({ data, genesis: undefined, peer: [] })
  screen.say(
    await Effect.runPromise(
      Effect.match(status, { onSuccess: writeStatus, onFailure: ({ reason }) => reason }),
    ),
  )
}
