import { HOLD, type Mesh, type Pipe } from "../mesh/Mesh.ts"
import { type Echo, FIRST_FRAME, type Heard, Probe, probe } from "../mesh/Probe.ts"
import type { Link, LinkVerb } from "../plan/Plan.ts"
import type { Toxic } from "../toxiproxy/ToxiproxyApi.ts"
import type { Bite, Deed } from "./Deed.ts"

type Args = Readonly<Record<string, number>>

/** Links that are tried, of those that a fault lies on. */
const TRIED = 4
const SILENCE_MS = 300
const PATIENCE_MS = 3_000
/** Between two pieces that a link is cut into, in microseconds. */
const SLICE_US = 200

/** What is laid on links, and how it is seen there. */
interface Laid {
  readonly toxic: (args: Args) => Toxic
  /** Bytes that a probe sends beside the least. */
  readonly padding?: (args: Args) => number
  /** Probes of each link at a time, and how long they are waited for. */
  readonly probes: number
  readonly withinMs: number
  /** Whether it is enough to see it on one of the links that are tried. */
  readonly onOne?: true
  /** Whether what was heard of a link can only be so with the toxic; `before` is the best of what was heard without. */
  readonly bit: (heard: ReadonlyArray<Heard>, before: Echo, args: Args) => boolean
}

const isSilent = (heard: ReadonlyArray<Heard>): boolean => heard.every((one) => one === "silent")

const first = (one: Heard): number =>
  one === "silent" ? PATIENCE_MS : one === "hung up" ? Number.NaN : one.firstMs
const soonest = (heard: ReadonlyArray<Heard>): number => Math.min(...heard.map(first))

/** All of them took so long at least, which without the toxic one did not. */
const allLater = (heard: ReadonlyArray<Heard>, before: Echo, leastMs: number): boolean =>
  soonest(heard) >= leastMs && before.firstMs < soonest(heard)

/** Bytes that take 200 ms through a narrow link, or as many as either port of a peer hears to their end. */
const narrowed = ({ kbps = 1 }: Args): number => Math.min(200 * kbps, FIRST_FRAME - 1)

const kinds: Readonly<Record<Exclude<LinkVerb, "heal" | "reset">, Laid>> = {
  cut: {
    toxic: () => ({ type: "timeout", attributes: { timeout: 0 } }),
    probes: 1,
    withinMs: SILENCE_MS,
    bit: isSilent,
  },
  cutOneWay: {
    toxic: () => ({ type: "timeout", attributes: { timeout: 0 } }),
    probes: 1,
    withinMs: SILENCE_MS,
    bit: isSilent,
  },
  hold: { toxic: () => HOLD, probes: 1, withinMs: SILENCE_MS, bit: isSilent },
  slow: {
    toxic: ({ ms = 0 }) => ({ type: "latency", attributes: { latency: ms, jitter: 0 } }),
    probes: 3,
    withinMs: PATIENCE_MS,
    bit: (heard, before, { ms = 0 }) => allLater(heard, before, ms),
  },
  jitter: {
    // Around as much again, so that it is never less than nothing.
    toxic: ({ ms = 0 }) => ({ type: "latency", attributes: { latency: ms, jitter: ms } }),
    probes: 8,
    withinMs: PATIENCE_MS,
    bit: (heard, before, { ms = 0 }) => {
      const times = heard.map(first)
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length
      return Math.max(...times) - Math.min(...times) >= ms / 4 && mean - before.firstMs >= ms / 4
    },
  },
  throttle: {
    toxic: ({ kbps = 1 }) => ({ type: "bandwidth", attributes: { rate: kbps } }),
    padding: narrowed,
    probes: 3,
    withinMs: PATIENCE_MS,
    // A kilobyte a second is a byte a millisecond.
    bit: (heard, before, args) => allLater(heard, before, (0.9 * narrowed(args)) / (args["kbps"] ?? 1)),
  },
  slice: {
    toxic: ({ bytes = 1 }) => ({
      type: "slicer",
      attributes: { average_size: bytes, size_variation: Math.floor(bytes / 2), delay: SLICE_US },
    }),
    padding: ({ bytes = 1 }) => 100 * bytes,
    probes: 3,
    withinMs: PATIENCE_MS,
    // What was asked comes late, for the port waits for all of it, or the answer comes in more pieces: by little beside the
    // noise of a busy machine, so that one link which shows it has to do.
    onOne: true,
    bit: (heard, before) => {
      const pieces = Math.min(...heard.map((one) => (typeof one === "string" ? 0 : one.pieces)))
      return pieces > before.pieces || allLater(heard, before, before.firstMs + (50 * SLICE_US) / 1_000)
    },
  },
}

const ASSUMPTIONS: Readonly<Record<LinkVerb, string>> = {
  cut: "TrueSuspicion",
  cutOneWay: "TrueSuspicion",
  hold: "TrueSuspicion",
  slow: "TrueSuspicion",
  jitter: "TrueSuspicion",
  throttle: "TrueSuspicion",
  slice: "",
  reset: "",
  heal: "",
}

/** @param owner names the fault among those that may lie on the same links */
export const linkDeed = (
  mesh: Mesh,
  verb: LinkVerb,
  owner: number,
  links: ReadonlyArray<Link>,
  args: Args,
): Deed => {
  const assumption = ASSUMPTIONS[verb]
  const pipes = links.flatMap((link) => mesh.dialled(link)).slice(0, TRIED)
  if (verb === "reset") return { assumption, apply: () => broken(pipes, () => mesh.reset(links)) }
  if (verb === "heal") return { assumption, apply: () => open(pipes, () => mesh.lift(null, links)) }
  const lift = (): Promise<void> => mesh.lift(owner)
  const lay = (): Promise<void> => mesh.lay(owner, links, kinds[verb].toxic(args))
  if (verb !== "hold")
    return {
      assumption,
      apply: () => worse(pipes, kinds[verb], args, lay),
      undo: async () => {
        await lift()
        return undefined
      },
    }
  const waiting: Array<Probe> = []
  return {
    assumption,
    apply: async () => {
      const bite = await worse(pipes, kinds[verb], args, lay)
      waiting.push(...pipes.map((pipe) => new Probe(pipe)))
      return bite
    },
    undo: () => late(waiting, lift),
  }
}

/** Whether links are worse than before, in a way that only the toxic makes them. */
export const worse = async (
  pipes: ReadonlyArray<Pipe>,
  { padding, probes, withinMs, onOne, bit }: Omit<Laid, "toxic">,
  args: Args,
  lay: () => Promise<void>,
): Promise<Bite> => {
  const hear = (pipe: Pipe, count: number, patience: number): Promise<ReadonlyArray<Heard>> =>
    Promise.all(Array.from({ length: count }, () => probe(pipe, padding?.(args) ?? 0, patience)))
  const before = await Promise.all(pipes.map((pipe) => best(() => hear(pipe, 3, PATIENCE_MS))))
  await lay()
  const appliedAt = Number(process.hrtime.bigint())
  const seen = await Promise.all(
    pipes.map(async (pipe, n) => {
      const well = before[n]
      if (well === undefined) return { bit: null, proof: `${pipe.name}: nobody answers there anyhow` }
      const heard = await hear(pipe, probes, withinMs)
      // A proxy that finds nobody to pass things on to hangs up: the peer has died since, or was killed by what came next.
      const alive = heard.filter((one) => one !== "hung up")
      return {
        bit: alive.length === 0 ? null : bit(alive, well, args),
        proof: `${pipe.name}: ${textOf([well], withinMs)}, then ${textOf(heard, withinMs)}`,
      }
    }),
  )
  const told = seen.filter((one) => one.bit !== null)
  return {
    bit: told.length > 0 && (onOne === true ? told.some(isBit) : told.every(isBit)),
    proof: seen.map(({ proof }) => proof).join("; "),
    appliedAt,
  }
}

/** Looks again where a busy machine makes everything look slow: a link that nothing lies on is fast now and then. */
const best = async (hear: () => Promise<ReadonlyArray<Heard>>): Promise<Echo | undefined> => {
  let found: Echo | undefined
  for (let tries = 0; tries < TRIES && (found === undefined || found.firstMs > FAST_MS); tries++) {
    for (const one of await hear()) {
      if (typeof one !== "string" && one.firstMs < (found?.firstMs ?? Infinity)) found = one
    }
    if (tries === 0 && found === undefined) return undefined
  }
  return found
}

const TRIES = 5
const FAST_MS = 8

const isBit = ({ bit }: { readonly bit: boolean | null }): boolean => bit === true

/** Whether what was held back arrives when it is let go: one at least, for whom others were sent to may have died meanwhile. */
const late = async (waiting: ReadonlyArray<Probe>, lift: () => Promise<void>): Promise<Bite> => {
  await lift()
  const heard = await Promise.all(
    waiting.map(async (one) => {
      await one.ended(PATIENCE_MS)
      const said = await one.heard(0)
      one.close()
      return said
    }),
  )
  const came = heard.filter((one) => typeof one !== "string")
  return {
    bit: came.length > 0,
    proof: `${came.length} of ${heard.length} probes that were held came through after it`,
  }
}

/** Whether connections that were there break; what is to be heard on others after it is told. */
const broken = async (pipes: ReadonlyArray<Pipe>, reset: () => Promise<void>): Promise<Bite> => {
  const idle = pipes.map((pipe) => new Probe(pipe, null))
  const lasted = (await Promise.all(idle.map((one) => one.ended(100)))).filter((ended) => !ended).length
  await reset()
  const ended = (await Promise.all(idle.map((one) => one.ended(SILENCE_MS)))).filter(Boolean).length
  for (const one of idle) one.close()
  const { proof } = await open(pipes, async () => {})
  return {
    bit: lasted > 0 && ended === pipes.length,
    proof: `${lasted} of ${pipes.length} idle connections stood, ${ended} broke; after it ${proof}`,
  }
}

/** Whether links let something through. */
const open = async (pipes: ReadonlyArray<Pipe>, heal: () => Promise<void>): Promise<Bite> => {
  await heal()
  const heard = await Promise.all(pipes.map((pipe) => probe(pipe, 0, PATIENCE_MS)))
  return {
    bit: heard.every((one) => typeof one !== "string"),
    proof: pipes.map(({ name }, n) => `${name}: ${textOf(heard.slice(n, n + 1), PATIENCE_MS)}`).join("; "),
  }
}

const textOf = (heard: ReadonlyArray<Heard>, withinMs: number): string => {
  const times = heard.filter((one) => typeof one !== "string").map(({ firstMs }) => firstMs)
  const pieces = heard.map((one) => (typeof one === "string" ? 0 : one.pieces))
  const [fast, slow] = [Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(1))
  if (times.length === 0) return heard.includes("silent") ? `nothing in ${withinMs} ms` : "only a hang-up"
  const lost = heard.length - times.length
  return `${fast === slow ? fast : `${fast} to ${slow}`} ms, ${Math.max(...pieces)} pieces${lost === 0 ? "" : `, ${lost} without an answer`}`
}
