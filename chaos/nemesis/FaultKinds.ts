import { appendFileSync, existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import type { Cluster } from "../cluster/Cluster.ts"
import { stateOf } from "../cluster/ProcessStart.ts"
import type { Mesh } from "../mesh/Mesh.ts"
import { probe } from "../mesh/Probe.ts"
import type { Link, LinkVerb, ProcessVerb } from "../plan/Plan.ts"
import type { Toxic } from "../toxiproxy/ToxiproxyApi.ts"

/** What was seen of a fault. */
export interface Bite {
  readonly bit: boolean
  readonly proof: string
}

export interface Ground {
  readonly cluster: Cluster
  readonly mesh: Mesh
}

type Args = Readonly<Record<string, number>>

interface Kind {
  /** Of the ledger of assumptions; "" for what the system promises to bear. */
  readonly assumption: string
  /** Why this machine cannot do it, or undefined. */
  readonly unavailable?: () => string | undefined
}

export interface ProcessKind extends Kind {
  readonly apply: (ground: Ground, name: string, args: Args) => Promise<Bite>
  readonly undo?: (ground: Ground, name: string) => Promise<void>
}

/** Toxics are lifted by their owner's number, and so need no undo of their own. */
export interface LinkKind extends Kind {
  readonly apply: (ground: Ground, owner: number, links: ReadonlyArray<Link>, args: Args) => Promise<Bite>
}

const STOP_MS = 15_000

const revive = async ({ cluster }: Ground, name: string): Promise<void> => {
  if (!cluster.of(name).runs) await cluster.revive(name)
}

const killed = async ({ cluster }: Ground, name: string): Promise<Bite> => {
  const { pid } = cluster.of(name)
  if (pid === undefined) return { bit: false, proof: `${name} did not run` }
  await cluster.of(name).kill()
  return { bit: stateOf(pid) === null, proof: `${name}: process ${pid} is gone` }
}

const resumed = async ({ cluster }: Ground, name: string): Promise<void> => {
  if (cluster.of(name).runs) cluster.of(name).signal("SIGCONT")
}

/** The system stops the threads of a process one after another. */
const untilState = async (pid: number, isIt: (state: string | null) => boolean): Promise<boolean> => {
  const deadline = performance.now() + 2_000
  while (!isIt(stateOf(pid))) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return true
}

/** Files below a directory whose names end so. */
const filesBelow = (directory: string, suffix: string): ReadonlyArray<string> =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(suffix))
        .map((file) => join(directory, file))
    : []

const library = (): string | undefined =>
  ["/usr/lib", "/usr/local/lib"]
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => [directory, ...readdirSync(directory).map((part) => join(directory, part))])
    .map((directory) => join(directory, "faketime", "libfaketime.so.1"))
    .find((path) => existsSync(path))

export const processKinds: Readonly<Record<ProcessVerb, ProcessKind>> = {
  kill: { assumption: "FailuresEnd", apply: killed, undo: revive },
  restart: {
    assumption: "",
    apply: async (ground, name) => {
      await revive(ground, name)
      return { bit: true, proof: `${name} is ready` }
    },
  },
  pause: {
    assumption: "TrueSuspicion",
    apply: async ({ cluster }, name) => {
      const { pid } = cluster.of(name)
      if (pid === undefined) return { bit: false, proof: `${name} did not run` }
      cluster.of(name).signal("SIGSTOP")
      return {
        bit: await untilState(pid, (state) => state === "T"),
        proof: `${name}: process ${pid} stands still`,
      }
    },
    undo: resumed,
  },
  resume: {
    assumption: "",
    apply: async (ground, name) => {
      await resumed(ground, name)
      return { bit: true, proof: `${name} goes on` }
    },
  },
  wipe: {
    assumption: "",
    apply: async (ground, name) => {
      const bite = await killed(ground, name)
      ground.cluster.wipe(name)
      return {
        bit: bite.bit && !existsSync(ground.cluster.dataOf(name)),
        proof: `${bite.proof}, and its disk is empty`,
      }
    },
    undo: revive,
  },
  tear: {
    assumption: "",
    // What was flushed ends where the log's file ends: what is added is a write that the crash came into.
    apply: async (ground, name, { bytes = 512 }) => {
      const bite = await killed(ground, name)
      const logs = filesBelow(ground.cluster.dataOf(name), "-wal")
      for (const log of logs) {
        const before = statSync(log).size
        appendFileSync(log, Buffer.alloc(bytes, 0xa5))
        if (statSync(log).size !== before + bytes) return { bit: false, proof: `${log} cannot be torn` }
      }
      return {
        bit: bite.bit && logs.length > 0,
        proof: `${bite.proof}; ${bytes} bytes of a torn write in ${logs.length} logs`,
      }
    },
    undo: revive,
  },
  skew: {
    assumption: "ClocksOnlyWait",
    unavailable: () => (library() === undefined ? "libfaketime is not installed" : undefined),
    apply: async ({ cluster }, name, { ms = 0 }) => {
      const daemon = cluster.of(name)
      await daemon.stop(STOP_MS)
      await cluster.revive(name, {
        LD_PRELOAD: library() ?? "",
        FAKETIME: `${ms < 0 ? "" : "+"}${ms / 1_000}`,
        // The monotonic clock dates the traces.
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      })
      const line = await daemon.line((text) => text.includes('"type":"ready"'), 0)
      const { at } = JSON.parse(line) as { readonly at: string }
      const ahead = Date.parse(at) - Date.now()
      return {
        bit: Math.abs(ahead - ms) < Math.max(1_000, Math.abs(ms) / 2) && ms !== 0,
        proof: `${name} says that it is ${at}, ${Math.round(ahead)} ms ahead`,
      }
    },
    undo: async (ground, name) => {
      await ground.cluster.of(name).stop(STOP_MS)
      await ground.cluster.revive(name)
    },
  },
  join: {
    assumption: "",
    apply: async ({ cluster }, name) => {
      await cluster.revive(name)
      return { bit: true, proof: `${name} is a member` }
    },
  },
  leave: {
    assumption: "",
    apply: async ({ cluster }, name) => {
      const daemon = cluster.of(name)
      if (!daemon.runs) return { bit: false, proof: `${name} did not run` }
      const status = await daemon.stop(STOP_MS)
      return { bit: status === 0, proof: `${name} left with exit status ${status}` }
    },
    undo: revive,
  },
}

/** Links that are tried, of those that a fault lies on. */
const TRIED = 4
const SILENCE_MS = 300
const PATIENCE_MS = 2_000

/** Whether a link does what it should to bytes: `took` in ms, null if they did not come through in time. */
const tried = async (
  { mesh }: Ground,
  links: ReadonlyArray<Link>,
  deadlineMs: number,
  bit: (took: number | null) => boolean,
): Promise<Bite> => {
  const pipes = links.flatMap((link) => mesh.dialled(link)).slice(0, TRIED)
  const seen = await Promise.all(
    pipes.map(async ({ name, listen }) => ({ name, took: await probe(listen, deadlineMs) })),
  )
  return {
    bit: seen.some(({ took }) => bit(took)),
    proof: seen
      .map(
        ({ name, took }) =>
          `${name}: ${took === null ? `nothing in ${deadlineMs} ms` : `${Math.round(took)} ms`}`,
      )
      .join(", "),
  }
}

const laid =
  (
    toxic: (args: Args) => Toxic,
    deadlineMs: number,
    bit: (took: number | null, args: Args) => boolean,
  ): LinkKind["apply"] =>
  async (ground, owner, links, args) => {
    await ground.mesh.lay(owner, links, toxic(args))
    return await tried(ground, links, deadlineMs, (took) => bit(took, args))
  }

const blackhole = laid(
  () => ({ type: "timeout", attributes: { timeout: 0 } }),
  SILENCE_MS,
  (took) => took === null,
)

export const linkKinds: Readonly<Record<LinkVerb, LinkKind>> = {
  cut: { assumption: "TrueSuspicion", apply: blackhole },
  cutOneWay: { assumption: "TrueSuspicion", apply: blackhole },
  hold: {
    assumption: "TrueSuspicion",
    apply: laid(
      () => ({ type: "bandwidth", attributes: { rate: 0 } }),
      SILENCE_MS,
      (took) => took === null,
    ),
  },
  slow: {
    assumption: "TrueSuspicion",
    apply: laid(
      ({ ms = 0 }) => ({ type: "latency", attributes: { latency: ms, jitter: 0 } }),
      PATIENCE_MS,
      (took, { ms = 0 }) => took === null || took >= ms,
    ),
  },
  jitter: {
    assumption: "TrueSuspicion",
    // Around as much again, so that it is never less than nothing.
    apply: laid(
      ({ ms = 0 }) => ({ type: "latency", attributes: { latency: ms, jitter: ms } }),
      PATIENCE_MS,
      (took, { ms = 0 }) => took === null || took >= ms / 4,
    ),
  },
  throttle: {
    assumption: "TrueSuspicion",
    // As fast as the rate says, and in pieces: that a piece is late is seen, even if it is small.
    apply: laid(
      ({ kbps = 1 }) => ({ type: "bandwidth", attributes: { rate: kbps } }),
      PATIENCE_MS,
      (took) => took === null || took > 0.5,
    ),
  },
  slice: {
    assumption: "",
    apply: laid(
      ({ bytes = 1 }) => ({
        type: "slicer",
        attributes: { average_size: bytes, size_variation: Math.floor(bytes / 2), delay: 200 },
      }),
      PATIENCE_MS,
      (took) => took === null || took > 0.5,
    ),
  },
  reset: {
    assumption: "",
    apply: async (ground, _owner, links) => {
      await ground.mesh.reset(links)
      return await tried(ground, links, PATIENCE_MS, (took) => took !== null)
    },
  },
  heal: {
    assumption: "",
    apply: async (ground, _owner, links) => {
      await ground.mesh.lift(null, links)
      return await tried(ground, links, PATIENCE_MS, (took) => took !== null)
    },
  },
}
