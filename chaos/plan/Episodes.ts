import type { Seeded } from "../../spec/conformance/Seeded.ts"
import { between, bridge, majoritiesRing, oneWay } from "./Partition.ts"
import type { CampaignName, Fault, Link, LinkFault, LinkVerb, ProcessFault, ProcessVerb } from "./Plan.ts"

/** Faults that belong together; their times begin at 0. Between episodes the ring becomes whole. */
export interface Episode {
  readonly faults: ReadonlyArray<Fault>
  readonly lastsMs: number
}

/** What an episode is drawn from. */
export interface Scene {
  readonly random: Seeded
  /** The founders; a majority of them stays, whatever happens. */
  readonly peers: ReadonlyArray<string>
  readonly dispatchers: ReadonlyArray<string>
  /** What the next peer that joins is called. */
  readonly newcomer: string
  /** How long it may last, and what is left of the phase. */
  readonly longestMs: number
  readonly leftMs: number
}

type Draw = (scene: Scene) => Episode

/** One of the episodes that a campaign has. */
export const drawEpisode = (campaign: CampaignName, scene: Scene): Episode =>
  pick(scene.random, episodes[campaign])(scene)

const pick = <A>(random: Seeded, from: ReadonlyArray<A>): A => {
  const found = from[random.below(from.length)]
  if (found === undefined) throw new RangeError("there is nothing to pick from")
  return found
}

const shuffled = <A>(random: Seeded, from: ReadonlyArray<A>): ReadonlyArray<A> => {
  const all = [...from]
  for (let n = all.length - 1; n > 0; n--) {
    const other = random.below(n + 1)
    const held = all[n] as A
    all[n] = all[other] as A
    all[other] = held
  }
  return all
}

/** A while: at least so long, at most as long as the episode may be. */
const lasting = ({ random, longestMs }: Scene, leastMs = 800): number => {
  const least = Math.min(leastMs, longestMs)
  return Math.floor(least + random.next() * (longestMs - least))
}

const process = (verb: ProcessVerb, targets: ReadonlyArray<string>, rest: Partial<ProcessFault>) =>
  ({ at: 0, verb, targets, ...rest }) satisfies ProcessFault

const links = (verb: LinkVerb, targets: ReadonlyArray<Link>, rest: Partial<LinkFault>) =>
  ({ at: 0, verb, targets, ...rest }) satisfies LinkFault

const alone = (fault: Fault): Episode => ({ faults: [fault], lastsMs: fault.forMs ?? 0 })

/** One peer meets it, for a while. */
const onePeer =
  (verb: ProcessVerb, shape: string, args?: (random: Seeded) => Record<string, number>): Draw =>
  (scene) => {
    const forMs = lasting(scene)
    const drawn = args?.(scene.random)
    const target = pick(scene.random, scene.peers)
    return alone(process(verb, [target], { forMs, shape, ...(drawn === undefined ? {} : { args: drawn }) }))
  }

/** Two die in short order, with their disks: a cell may stand still until one is back, and loses nothing. */
const twoCrashes: Draw = (scene) => {
  const [first = "p0", second = "p1"] = shuffled(scene.random, scene.peers)
  const forMs = lasting(scene, 1_000)
  const at = scene.random.below(Math.max(1, Math.floor(forMs / 2)))
  const shape = "two in short order"
  return {
    faults: [
      process("kill", [first], { forMs, shape }),
      process("kill", [second], { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** All at once, as when the power fails. */
const blackout: Draw = (scene) =>
  alone(process("kill", scene.peers, { forMs: Math.min(lasting(scene), 3_000), shape: "blackout" }))

const minority = ({ random, peers }: Scene, size: number): readonly [Array<string>, Array<string>] => {
  const order = shuffled(random, peers)
  return [order.slice(0, size), order.slice(size)]
}

/** Cut off from their peers, and now and then from the dispatchers too. */
const split =
  (shape: string, size: (peers: number) => number): Draw =>
  (scene) => {
    const [side, others] = minority(scene, size(scene.peers.length))
    const isDark = scene.random.next() < 0.3
    const far = isDark ? oneWay(scene.dispatchers, side) : []
    return alone(links("cut", [...between(side, others), ...far], { forMs: lasting(scene), shape }))
  }

const isolated = split("one isolated", () => 1)
const minorityCut = split("majority and minority", (peers) => Math.max(1, Math.ceil(peers / 2) - 1))
const halves = split("halves", (peers) => Math.floor(peers / 2))

const bridged: Draw = (scene) =>
  alone(links("cut", bridge(shuffled(scene.random, scene.peers)), { forMs: lasting(scene), shape: "bridge" }))

const circle: Draw = (scene) => {
  const targets = majoritiesRing(shuffled(scene.random, scene.peers))
  // Of three peers each sees a majority only if it sees both others: one link is cut then.
  const fallback = between(scene.peers.slice(0, 1), scene.peers.slice(1, 2))
  return alone(
    links("cut", targets.length === 0 ? fallback : targets, {
      forMs: lasting(scene),
      shape: "ring of majorities",
    }),
  )
}

const oneWayCut: Draw = (scene) => {
  const [side, others] = minority(scene, 1)
  const targets = scene.random.next() < 0.5 ? oneWay(side, others) : oneWay(others, side)
  return alone(links("cutOneWay", targets, { forMs: lasting(scene), shape: "one way" }))
}

const flapping: Draw = (scene) => {
  const [side, others] = minority(scene, 1)
  const faults: Array<Fault> = []
  let at = 0
  while (faults.length < 6) {
    const forMs = 200 + scene.random.below(500)
    if (at + forMs > scene.longestMs) break
    faults.push(links("cut", between(side, others), { at, forMs, shape: "flapping" }))
    at += forMs + 200 + scene.random.below(500)
  }
  return { faults, lastsMs: at }
}

const held: Draw = (scene) => {
  const [side, others] = minority(scene, 1)
  return alone(links("hold", between(side, others), { forMs: lasting(scene), shape: "held, nothing lost" }))
}

const resets: Draw = (scene) => {
  const [side, others] = minority(scene, 1)
  const fault = links("reset", between(side, others), { shape: "connections reset" })
  return { faults: [fault], lastsMs: 1_000 }
}

const everyLink = (peers: ReadonlyArray<string>): ReadonlyArray<Link> =>
  peers.flatMap((a) =>
    oneWay(
      [a],
      peers.filter((b) => b !== a),
    ),
  )

/** Links of one peer, of all, or from the dispatchers are worse than they should be. */
const worse =
  (verb: LinkVerb, shape: string, args: (random: Seeded) => Record<string, number>): Draw =>
  (scene) => {
    const [side, others] = minority(scene, 1)
    const targets = pick(scene.random, [
      between(side, others),
      everyLink(scene.peers),
      oneWay(scene.dispatchers, side),
    ])
    return alone(links(verb, targets, { forMs: lasting(scene), shape, args: args(scene.random) }))
  }

const slowed = worse("slow", "slow links", (random) => ({ ms: 10 + random.below(190) }))
const jittery = worse("jitter", "jitter", (random) => ({ ms: 5 + random.below(95) }))
const throttled = worse("throttle", "narrow links", (random) => ({ kbps: 4 + random.below(60) }))
const sliced = worse("slice", "sliced", (random) => ({ bytes: 1 + random.below(64) }))

/** Dispatchers lose their connections while peers are slow to agree: what is asked again is not done yet. */
const askedAgain: Draw = (scene) => {
  const { dispatchers, peers, random } = scene
  const forMs = lasting(scene, 2_000)
  const shape = "asked again while it is slow"
  const faults: Array<Fault> = [
    links("slow", everyLink(peers), { forMs, shape, args: { ms: 40 + random.below(120) } }),
  ]
  for (let at = 600; at < forMs - 300; at += 700 + random.below(500)) {
    faults.push(links("reset", oneWay(dispatchers, peers), { at, shape }))
  }
  return { faults, lastsMs: forMs }
}

const crashed = onePeer("kill", "a crash")
const paused = onePeer("pause", "a pause")
const torn = onePeer("tear", "a torn write", (random) => ({ bytes: 1 + random.below(4_096) }))
const wiped = onePeer("wipe", "a lost disk")
/** A second, a minute, an hour: ahead or behind. */
const skewed = onePeer("skew", "a wrong clock", (random) => ({
  ms: (random.next() < 0.5 ? -1 : 1) * pick(random, [1_000, 60_000, 3_600_000]),
}))
const leaves = onePeer("leave", "leaves and returns")

const joins: Draw = (scene) => {
  const forMs = lasting(scene)
  const targets = [scene.newcomer]
  const faults: ReadonlyArray<Fault> = [
    process("join", targets, { shape: "comes and goes" }),
    process("leave", targets, { at: forMs - 500, forMs: 500, shape: "comes and goes" }),
  ]
  return { faults: scene.random.next() < 0.5 ? faults.slice(0, 1) : faults, lastsMs: forMs }
}

/** A crash while links are bad: whoever takes over has to do it over them. */
const crashOnBadLinks: Draw = (scene) => {
  const forMs = lasting(scene, 1_000)
  const [side, others] = minority(scene, 1)
  const at = scene.random.below(Math.max(1, Math.floor(forMs / 2)))
  const shape = "a crash on bad links"
  return {
    faults: [
      links("slow", between(side, others), { forMs, shape, args: { ms: 10 + scene.random.below(90) } }),
      process("kill", [pick(scene.random, scene.peers)], { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** A pause within a partition. */
const pauseInPartition: Draw = (scene) => {
  const forMs = lasting(scene, 1_000)
  const [side, others] = minority(scene, 1)
  const at = scene.random.below(Math.max(1, Math.floor(forMs / 2)))
  const shape = "a pause in a partition"
  return {
    faults: [
      links("cut", between(side, others), { forMs, shape }),
      process("pause", [pick(scene.random, others)], { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** A follower lags behind a leader's others, and then the leader dies: the log that goes on is to be the longest. */
const crashWithLaggard: Draw = (scene) => {
  const [leader = "p0", laggard = "p1"] = shuffled(scene.random, scene.peers)
  const forMs = lasting(scene, 3_000)
  // Long enough that much is missing, and not so long that it is taken for dead.
  const at = Math.min(300 + scene.random.below(400), Math.floor(forMs / 2))
  const shape = "a crash while a follower lags"
  return {
    faults: [
      links("hold", between([leader], [laggard]), { forMs, shape }),
      process("kill", [leader], { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** Whoever stood still while others took its place comes back cut off from them, but not from those that ask it. */
const zombie: Draw = (scene) => {
  const [one = "p0", ...others] = shuffled(scene.random, scene.peers)
  const forMs = lasting(scene, 3_500)
  const stands = Math.floor(forMs * 0.6)
  const at = Math.max(0, stands - 300)
  const shape = "a zombie"
  return {
    faults: [
      process("pause", [one], { forMs: stands, shape }),
      links("cut", between([one], others), { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** Whoever took over dies as soon as the one before is back, which knows of none of it. */
const chase: Draw = (scene) => {
  const [one = "p0", other = "p1"] = shuffled(scene.random, scene.peers)
  const forMs = lasting(scene, 4_000)
  const stands = Math.floor(forMs / 2)
  const at = Math.max(0, stands - 100 + scene.random.below(300))
  const shape = "a crash behind a pause"
  return {
    faults: [
      process("pause", [one], { forMs: stands, shape }),
      process("kill", [other], { at, forMs: forMs - at, shape }),
    ],
    lastsMs: forMs,
  }
}

/** About as long as it takes to be taken for dead: it comes back while others are about to replace it. */
const hiccup: Draw = (scene) => {
  const forMs = Math.min(800 + scene.random.below(1_200), scene.longestMs)
  const target = pick(scene.random, scene.peers)
  return alone(process("pause", [target], { forMs, shape: "a short pause" }))
}

/** The power fails for two, or for all: nothing is left of what was not flushed. */
const powerLoss: Draw = (scene) => {
  const order = shuffled(scene.random, scene.peers)
  const targets = scene.random.next() < 0.5 ? order.slice(0, 2) : order
  const args = { bytes: 4_096 + scene.random.below(16_384) }
  return alone(
    process("tear", targets, { forMs: Math.min(lasting(scene), 3_000), shape: "a loss of power", args }),
  )
}

/** Every peer once, one after another, as fast as the phase allows. */
const round: Draw = ({ random, peers, leftMs }) => {
  const verb = random.next() < 0.5 ? "leave" : "kill"
  const each = Math.min(6_000, Math.floor(leftMs / peers.length))
  // A round that is begun is ended.
  if (each < 200) return { faults: [], lastsMs: leftMs }
  const faults = shuffled(random, peers).map((peer, n) =>
    process(verb, [peer], { at: n * each, forMs: Math.floor(each / 2), shape: "a rolling restart" }),
  )
  return { faults, lastsMs: peers.length * each }
}

/** By this a run is known in which the two halves are to become one ring again in time. */
export const HALVES = "halves of the ring"

/** Two halves, each with dispatchers of its own as far as there are any, for a minute if there is time. */
const splitBrain: Draw = (scene) => {
  const [side, others] = minority(scene, Math.floor(scene.peers.length / 2))
  const far = scene.dispatchers.flatMap((dispatcher, n) => oneWay([dispatcher], n % 2 === 0 ? side : others))
  const forMs = Math.min(60_000, scene.leftMs)
  return alone(links("cut", [...between(side, others), ...far], { forMs, shape: HALVES }))
}

const crashes = [crashed, crashed, crashed, twoCrashes, paused, paused, torn, wiped, blackout]
const partitions = [isolated, minorityCut, halves, bridged, circle, oneWayCut, flapping, held]
const slowness = [slowed, jittery, throttled, sliced, askedAgain]

const episodes: Readonly<Record<CampaignName, ReadonlyArray<Draw>>> = {
  crash: crashes,
  partition: partitions,
  slow: slowness,
  mixed: [
    ...crashes,
    ...partitions,
    ...slowness,
    resets,
    skewed,
    leaves,
    joins,
    crashOnBadLinks,
    crashOnBadLinks,
    pauseInPartition,
    pauseInPartition,
  ],
  takeover: [crashWithLaggard, crashWithLaggard, zombie, zombie, chase, hiccup, hiccup, powerLoss],
  churn: [joins, joins, leaves, leaves, crashed],
  "rolling-restart": [round],
  "split-brain": [splitBrain],
}
