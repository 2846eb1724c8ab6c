import { busiest } from "../testing/Load.ts"
import { movedAwayFrom, ringIsClean } from "../testing/LoadOnRing.ts"
import type { LocalRing } from "../testing/LocalRing.ts"
import { type LonePeer, startPeer } from "../testing/LonePeer.ts"
import { SHOP_SERVICE } from "../testing/services/Services.ts"
import type { SessionLoad } from "../testing/SessionLoad.ts"
import { until } from "../testing/Until.ts"

/** What goes wrong on a ring under load. */
export interface Scenario {
  readonly name: string
  /** One line. */
  readonly about: string
  /** The longest that a client may wait between two good answers, in ms; a promise of the README. */
  readonly gapMs: number
  /** Seconds after which `up` starts a dead peer again; null for never. In fifths of the run. */
  readonly restartAfter: number | null
  /** Whether clients name their requests themselves and go to the next dispatcher, as when one of them is lost. */
  readonly persistent: boolean
  /** In this order; each at so many fifths of the run. */
  readonly acts: ReadonlyArray<readonly [fifth: number, act: Act]>
}

/** Does something, and says what was done. */
export type Act = (stage: Stage) => Promise<string>

/** Where acts happen, and what earlier ones left for later ones. */
export interface Stage {
  readonly ring: LocalRing
  readonly load: SessionLoad
  readonly clients: number
  /** Whom the acts hit, in their order. */
  readonly victims: Array<string>
  /** Peers that were started by an act; they end with the run. */
  readonly started: Array<LonePeer>
}

/** The peer that serves most clients now, and was not hit yet. */
const busiestOther = ({ load, victims }: Stage): string =>
  busiest(load.outcomes.slice(-200).filter(({ peer }) => !victims.includes(peer)))

const signalBusiest =
  (signal: NodeJS.Signals, done: string): Act =>
  async (stage) => {
    const victim = busiestOther(stage)
    await stage.ring.signal(victim, signal)
    stage.victims.push(victim)
    return `${victim} ${done}`
  }

const wake: Act = async ({ clients, load, ring, victims }) => {
  const [victim = ""] = victims
  await movedAwayFrom(load, clients, victim)
  await ring.signal(victim, "SIGCONT")
  return `${victim} goes on, and takes itself for what it was`
}

const comesBack: Act = async ({ ring, started, victims }) => {
  const [victim = ""] = victims
  await until(`${victim} has left`, async () =>
    (await ring.file()).peers.find(({ name }) => name === victim)?.state === "left" ? true : undefined,
  )
  started.push(await startPeer(ring, victim, [`--service=${SHOP_SERVICE}`]))
  return `${victim} joins`
}

const killDispatcher: Act = async ({ ring, victims }) => {
  const [lost] = (await ring.file()).dispatchers
  if (lost === undefined) throw new Error("the ring has no dispatcher")
  await ring.signal(lost.name, "SIGKILL")
  victims.push(lost.name)
  return `${lost.name} is killed`
}

const kill = signalBusiest("SIGKILL", "is killed")

/** Not before all is as it was: at most one of three may be missing at a time. */
const killAnother: Act = async (stage) => {
  await ringIsClean(stage.ring)
  return await kill(stage)
}

/** What is promised of warm backups, and of cold ones, which have a session's requests to replay first. */
export const WARM_GAP_MS = 700
export const COLD_GAP_MS = 1_500

export const SCENARIOS: ReadonlyArray<Scenario> = [
  {
    name: "kill",
    about: "the busiest peer is killed (kill -9), and comes back",
    gapMs: WARM_GAP_MS,
    restartAfter: 2,
    persistent: false,
    acts: [[1, kill]],
  },
  {
    name: "two-kills",
    about: "the busiest peer is killed, comes back, and then another one is",
    gapMs: WARM_GAP_MS,
    restartAfter: 0.5,
    persistent: false,
    acts: [
      [1, kill],
      [3, killAnother],
    ],
  },
  {
    name: "freeze",
    about: "the busiest peer stands still (kill -STOP), and comes back as a zombie",
    // The silence has to be noticed first: three heartbeats, where a death is heard of at once.
    gapMs: 1_500,
    restartAfter: null,
    persistent: false,
    acts: [
      [1, signalBusiest("SIGSTOP", "stands still")],
      [3, wake],
    ],
  },
  {
    name: "leave-join",
    about: "the busiest peer leaves in good order, and joins again",
    gapMs: 300,
    restartAfter: null,
    persistent: false,
    acts: [
      [1, signalBusiest("SIGTERM", "leaves")],
      [3, comesBack],
    ],
  },
  {
    name: "dispatcher",
    about: "a dispatcher is killed; clients send again to the other",
    gapMs: 1_500,
    restartAfter: null,
    persistent: true,
    acts: [[1, killDispatcher]],
  },
]
