import { type Seeded, seeded } from "../../spec/conformance/Seeded.ts"
import { drawEpisode, type Episode } from "./Episodes.ts"
import { CAMPAIGNS, type CampaignName, type Fault, type Plan, type Workload } from "./Plan.ts"

/** How large a campaign is; all else is drawn from the seed. */
export interface Sizes {
  /** Three at least. */
  readonly peers: number
  readonly dispatchers: number
  readonly mode: Plan["mode"]
  readonly cells: number
  readonly calmMs: number
  readonly faultsMs: number
  readonly settleMs: number
  /** By how much more is asked than usual. */
  readonly load: number
}

export const usualSizes: Sizes = {
  peers: 5,
  dispatchers: 2,
  mode: "replay",
  cells: 64,
  calmMs: 5_000,
  faultsMs: 60_000,
  settleMs: 30_000,
  load: 1,
}

/** The plan of a campaign: the same seed and sizes give the same plan, byte for byte. */
export const drawPlan = (campaign: CampaignName, seed: number, sizes: Sizes = usualSizes): Plan => {
  const random = seeded((seed ^ (CAMPAIGNS.indexOf(campaign) * 0x9e3779b1)) >>> 0)
  const { load, ...phases } = sizes
  return {
    version: 1,
    campaign,
    seed,
    ...phases,
    workloads: drawWorkloads(random, load),
    faults: drawFaults(campaign, random, sizes),
  }
}

const drawWorkloads = (random: Seeded, load: number): ReadonlyArray<Workload> => {
  const few = (least: number, most: number): number =>
    Math.max(1, Math.round((least + random.below(most - least + 1)) * load))
  return [
    { name: "counter", clients: few(4, 8), ratePerClient: 4 },
    { name: "cart", clients: few(3, 6), ratePerClient: 4 },
    { name: "ledger", clients: few(3, 6), ratePerClient: 4 },
    { name: "short", clients: few(2, 4), ratePerClient: 4 },
    { name: "hot", clients: few(3, 5), ratePerClient: 4 },
  ]
}

/** Episodes one after another, with time between them in which the ring may become whole. */
const drawFaults = (campaign: CampaignName, random: Seeded, sizes: Sizes): ReadonlyArray<Fault> => {
  const faults: Array<Fault> = []
  const peers = Array.from({ length: sizes.peers }, (_, n) => `p${n}`)
  const dispatchers = Array.from({ length: sizes.dispatchers }, (_, n) => `d${n}`)
  let newcomers = 0
  let at = 0
  for (;;) {
    const longest = Math.min(15_000, Math.max(1_500, sizes.faultsMs / 4), sizes.faultsMs - at)
    // The last one ends with the phase.
    if (longest < 1_000) return faults.toSorted((a, b) => a.at - b.at)
    const episode: Episode = drawEpisode(campaign, {
      random,
      peers,
      dispatchers,
      newcomer: `p${sizes.peers + newcomers}`,
      longestMs: Math.floor(longest),
      leftMs: sizes.faultsMs - at,
    })
    if (episode.faults.some(({ verb }) => verb === "join")) newcomers++
    faults.push(...episode.faults.map((fault) => ({ ...fault, at: fault.at + at })))
    at += episode.lastsMs + Math.round(Math.min(sizes.faultsMs / 20, 3_000) * (1 + random.next()))
  }
}
