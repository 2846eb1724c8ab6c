import { type ChildProcess, spawn } from "node:child_process"
import { Duplex, type Readable } from "node:stream"
import { signalGroup } from "./ProcessGroup.ts"

/**
 * How a service is started so that it cannot outlive its peer, however the peer dies, and without native code.
 *
 * The first process of the new group forks a *keeper* and then becomes the service, so the service has the pid that
 * was spawned and leads the group. The keeper holds nothing but its end of a socket whose other end only the peer
 * has. When the peer ends in whatever way, the kernel closes that end, the keeper reads end of file and kills its
 * whole group, itself included: `kill 0` needs no pid that could have been given to somebody else meanwhile.
 *
 * - The keeper is forked before the service starts, so there is no moment at which a service runs unguarded.
 * - It is forked twice, so that the service has no child that it does not know (a prefork server waits for all).
 * - It ignores what a service is stopped with, and so still guards one that takes its time to stop.
 * - It is a member of the group, so it ends with any SIGKILL to the group and cannot be left behind.
 *
 * Not guarded: a process that leaves the group (`setsid`), and a group frozen by SIGSTOP, which dies when it is
 * continued or when the next peer on the same data directory finds it (InstanceRecord.ts).
 */
const script = `
( trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU
  { read -r _; kill -9 0; } <&3 >/dev/null 2>&1 & )
exec 3<&-
exec sh -c "$1"`

/** How a process ended: `code` and `signal` as of `child_process`, one of them null. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running service and everything that it started. */
export interface LeashedProcess {
  /** Of the service; also the number of its process group and of its session. */
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the service itself has ended (what it started may still run); never rejects. */
  readonly exited: Promise<Exit>
  /** null until {@link exited} resolves. */
  exit(): Exit | null
  /** Kills the whole group by letting go of the leash. Safe at any time, also when the group is long gone. */
  release(): void
}

/**
 * Starts `sh -c command` in a process group of its own, on a leash.
 *
 * @param environment all of its environment
 * @throws Error (of `child_process.spawn`) when the system cannot start a process
 */
export const spawnLeashed = (command: string, environment: NodeJS.ProcessEnv): Promise<LeashedProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", script, "ringstead-keeper", command], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: environment,
    })
    child.on("error", reject)
    if (child.pid !== undefined) resolve(leashed(child, child.pid))
  })

const leashed = (child: ChildProcess, pid: number): LeashedProcess => {
  const [, stdout, stderr, leash] = child.stdio
  if (!stdout || !stderr || !(leash instanceof Duplex)) throw new Error("spawned without its pipes")
  let exit: Exit | null = null
  let released = false
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      exit = { code, signal }
      resolve(exit)
    })
  })
  leash.on("error", () => {})
  leash.once("close", () => {
    // The keeper was killed alone: an unguarded service must not go on. It has not been waited for yet, so its
    // number still is its own.
    if (!released && exit === null) signalGroup(pid, "SIGKILL")
  })
  leash.resume()
  return {
    pid,
    stdout,
    stderr,
    exited,
    exit: () => exit,
    release: () => {
      released = true
      leash.destroy()
    },
  }
}
