import { existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Cluster } from "../cluster/Cluster.ts"
import { stateOf } from "../cluster/ProcessStart.ts"
import type { ProcessVerb } from "../plan/Plan.ts"
import type { Bite, Deed } from "./Deed.ts"
import { faketime } from "./Faketime.ts"
import { damage, FlushWatch, type Region } from "./Tear.ts"

type Args = Readonly<Record<string, number>>

/** Of a cluster, what is done to its peers. */
export type Peers = Pick<Cluster, "dataOf" | "members" | "of" | "revive" | "wipe">

/** What happens to one peer. */
interface Kind {
  readonly assumption: string
  readonly unavailable?: () => string | undefined
  /** Whether it is enough that it bit one of those that it was done to. */
  readonly onOne?: true
  readonly apply: (cluster: Peers, name: string, args: Args, power: Power) => Promise<Bite>
  readonly undo?: (cluster: Peers, name: string) => Promise<void>
}

/** What peers that meet one fault have in common: it fails for all of them at once. */
interface Power {
  isOff: boolean
}

/** A peer takes its time to hand over what it leads, and to end what runs. */
const STOP_MS = 35_000
const READY_MS = 60_000

const revive = async (cluster: Peers, name: string): Promise<void> => {
  if (!cluster.of(name).runs) await cluster.revive(name)
}

const killed = async (cluster: Peers, name: string): Promise<Bite> => {
  const { pid } = cluster.of(name)
  if (pid === undefined) return { bit: false, proof: `${name} did not run` }
  await cluster.of(name).kill()
  const state = stateOf(pid)
  return {
    bit: state === null,
    proof: `${name}: process ${pid} ${state === null ? "is gone" : `is there, ${state}`}`,
  }
}

/** The system stops the threads of a process one after another. */
const untilState = async (pid: number, isIt: (state: string | null) => boolean): Promise<boolean> => {
  const deadline = performance.now() + 2_000
  while (!isIt(stateOf(pid))) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return true
}

const isStopped = (state: string | null): boolean => state === "T"

const resumed = async (cluster: Peers, name: string): Promise<Bite> => {
  const daemon = cluster.of(name)
  const { pid } = daemon
  if (pid === undefined) return { bit: false, proof: `${name} does not run` }
  const before = stateOf(pid)
  daemon.signal("SIGCONT")
  const goesOn = await untilState(pid, (state) => !isStopped(state))
  return {
    bit: isStopped(before) && goesOn,
    proof: `${name}: process ${pid} ${isStopped(before) ? "stood still" : "did not stand still"}, and ${goesOn ? "goes on" : "does not go on"}`,
  }
}

/** How long a peer is stopped again and again until it stands in the midst of a write, in ms. */
const CATCH_MS = 4_000

/** What a peer's logs have behind their last flush, when it is stopped at a moment at which there is something. */
const caughtWriting = async (
  cluster: Peers,
  name: string,
  pid: number,
  power: Power,
): Promise<ReadonlyArray<Region>> => {
  const daemon = cluster.of(name)
  const watches = filesBelow(cluster.dataOf(name), "-wal").map(
    (log) => new FlushWatch(log.slice(0, -"-wal".length), join(dirname(log), "flushed")),
  )
  const deadline = performance.now() + (watches.length === 0 ? 0 : CATCH_MS)
  for (let stops = 1; ; stops++) {
    daemon.signal("SIGSTOP")
    await untilState(pid, isStopped)
    const found = watches.flatMap((watch) => watch.look() ?? [])
    if (found.length > 0) power.isOff = true
    if (power.isOff || performance.now() > deadline) return found
    daemon.signal("SIGCONT")
    // Now shorter, now longer, so as not to keep step with what the peer does.
    await new Promise((resolve) => setTimeout(resolve, 1 + (stops % 7)))
  }
}

/** Files below a directory whose names end so. */
const filesBelow = (directory: string, suffix: string): ReadonlyArray<string> =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(suffix))
        .map((file) => join(directory, file))
    : []

const kinds: Readonly<Record<ProcessVerb, Kind>> = {
  kill: { assumption: "FailuresEnd", apply: killed, undo: revive },
  restart: {
    assumption: "",
    apply: async (cluster, name) => {
      const before = cluster.of(name).pid
      await revive(cluster, name)
      const { pid } = cluster.of(name)
      return before === undefined
        ? { bit: pid !== undefined, proof: `${name} is ready as process ${pid}` }
        : { bit: false, proof: `${name} ran already, as process ${before}` }
    },
  },
  pause: {
    assumption: "TrueSuspicion",
    apply: async (cluster, name) => {
      const { pid } = cluster.of(name)
      if (pid === undefined) return { bit: false, proof: `${name} did not run` }
      cluster.of(name).signal("SIGSTOP")
      const bit = await untilState(pid, isStopped)
      return { bit, proof: `${name}: process ${pid} ${bit ? "stands still" : "goes on"}` }
    },
    undo: async (cluster, name) => {
      if (cluster.of(name).runs) await resumed(cluster, name)
    },
  },
  resume: { assumption: "", apply: resumed },
  wipe: {
    assumption: "",
    apply: async (cluster, name) => {
      const bite = await killed(cluster, name)
      cluster.wipe(name)
      const isGone = !existsSync(cluster.dataOf(name))
      return {
        bit: bite.bit && isGone,
        proof: `${bite.proof}, and its disk is ${isGone ? "empty" : "as it was"}`,
      }
    },
    undo: revive,
  },
  tear: {
    assumption: "",
    onOne: true,
    apply: async (cluster, name, { bytes = 512 }, power) => {
      const { pid } = cluster.of(name)
      if (pid === undefined) return { bit: false, proof: `${name} did not run` }
      const regions = await caughtWriting(cluster, name, pid, power)
      const bite = await killed(cluster, name)
      const torn = regions.map((region) => {
        const count = damage(region, bytes)
        return `${region.to - region.from} bytes were behind its last flush, ${count} of them ${bytes % 2 === 0 ? "were cut off" : "were changed"}`
      })
      return torn.length === 0
        ? { bit: false, proof: `${bite.proof}; nothing was behind its last flush, so nothing was torn` }
        : { bit: bite.bit, proof: `${bite.proof}; ${torn.join(", ")}` }
    },
    undo: revive,
  },
  skew: {
    assumption: "ClocksOnlyWait",
    unavailable: () => faketime().unavailable,
    apply: async (cluster, name, { ms = 0 }) => {
      const daemon = cluster.of(name)
      await daemon.stop(STOP_MS)
      const revived = cluster.revive(name, faketime().environment(ms))
      // Heard as soon as it is said: what it says is the time of a moment ago.
      const heard = daemon
        .line((text) => text.includes('"type":"ready"'), READY_MS)
        .then((line) => ({ at: (JSON.parse(line) as { readonly at: string }).at, now: Date.now() }))
      const [{ at, now }] = await Promise.all([heard, revived])
      const ahead = Date.parse(at) - now
      return {
        bit: ms !== 0 && Math.abs(ahead - ms) < Math.abs(ms) / 2,
        proof: `${name} says that it is ${at}, ${Math.abs(Math.round(ahead))} ms ${ahead < 0 ? "behind" : "ahead"}`,
      }
    },
    undo: async (cluster, name) => {
      await cluster.of(name).stop(STOP_MS)
      await cluster.revive(name)
    },
  },
  join: {
    assumption: "",
    apply: async (cluster, name) => {
      if (cluster.of(name).runs) return { bit: false, proof: `${name} ran already` }
      await cluster.revive(name)
      const members = await cluster.members()
      return {
        bit: members.includes(name),
        proof: `members are ${members.join(", ")}`,
      }
    },
  },
  leave: {
    assumption: "",
    apply: async (cluster, name) => {
      const daemon = cluster.of(name)
      if (!daemon.runs) return { bit: false, proof: `${name} did not run` }
      const status = await daemon.stop(STOP_MS)
      const members = await cluster.members()
      return {
        bit: status === 0 && !members.includes(name),
        proof: `${name} ended with exit status ${status}; members are ${members.join(", ")}`,
      }
    },
    undo: revive,
  },
}

export const processDeed = (
  cluster: Peers,
  verb: ProcessVerb,
  names: ReadonlyArray<string>,
  args: Args,
): Deed => {
  const { assumption, unavailable, onOne, apply, undo } = kinds[verb]
  const why = unavailable?.()
  return {
    assumption,
    ...(why !== undefined && { unavailable: why }),
    apply: async () => {
      const power = { isOff: false }
      const bites = await Promise.all(names.map((name) => apply(cluster, name, args, power)))
      const bit = onOne === true ? bites.some(isBit) : bites.every(isBit)
      return { bit, proof: bites.map(({ proof }) => proof).join("; ") }
    },
    ...(undo !== undefined && {
      undo: async () => {
        await Promise.all(names.map((name) => undo(cluster, name)))
        return undefined
      },
    }),
  }
}

const isBit = ({ bit }: Bite): boolean => bit
