import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { count, duration, oneOf } from "../../node/cli/Value.ts"
import { CAMPAIGNS, type CampaignName } from "../plan/Plan.ts"
import { mutantFlag } from "./ReplayCommand.ts"
import { chaosGroup, codeOf, storeFlag } from "./StoreFlag.ts"

const flags = {
  seed: {
    kind: "optional",
    about: "What the plan is drawn from (default: another each time)",
    metavar: "N",
    read: count(0, 4_294_967_295),
    fallback: undefined,
  },
  peers: {
    kind: "optional",
    about: "Founders of the ring (default 5)",
    metavar: "N",
    read: count(3, 16),
    fallback: 5,
  },
  for: {
    kind: "optional",
    about: "How long there are faults (default 60s)",
    metavar: "DURATION",
    read: duration,
    fallback: 60_000,
  },
  load: {
    kind: "optional",
    about: "How much is asked, in percent of the usual (default 100)",
    metavar: "PERCENT",
    read: count(1, 1_000),
    fallback: 100,
  },
  mode: {
    kind: "optional",
    about: "stateless or replay (default replay)",
    metavar: "MODE",
    read: oneOf(["stateless", "replay"]),
    choices: ["stateless", "replay"],
    fallback: "replay",
  },
  store: storeFlag,
  mutant: { ...mutantFlag, about: "Run peers with a known fault in their code, which the run is to find" },
} as const

export const runCommand = defineCommand({
  name: "run",
  group: chaosGroup,
  about: "Run a campaign on real processes; exit 0 valid, 1 invalid, 2 unknown, 3 the harness failed",
  kind: "tool",
  flags,
  argument: {
    name: "CAMPAIGN",
    about: CAMPAIGNS.join(", "),
    read: oneOf(CAMPAIGNS),
    choices: CAMPAIGNS,
  },
  examples: [
    { command: "ringstead chaos run mixed --for 10m", description: "Ten minutes of everything" },
    {
      command: "ringstead chaos run crash --seed 7 --mode stateless",
      description: "What is lost without a journal",
    },
  ],
  run: Effect.fnUntraced(function* (values, campaign) {
    const { drawPlan, usualSizes } = yield* Effect.promise(() => import("../plan/DrawPlan.ts"))
    const { tellOnProcesses } = yield* Effect.promise(() => import("./OnProcesses.ts"))
    const seed = values.seed ?? Math.floor(Math.random() * 4_294_967_296)
    const plan = drawPlan(campaign as CampaignName, seed, {
      ...usualSizes,
      peers: values.peers,
      mode: values.mode,
      faultsMs: values.for,
      calmMs: Math.min(usualSizes.calmMs, values.for / 4),
      load: values.load / 100,
    })
    const command = [
      `ringstead chaos run ${campaign} --seed ${seed} --peers ${values.peers} --for ${values.for}ms`,
      ...(values.load === 100 ? [] : [`--load ${values.load}`]),
      ...(values.mode === "replay" ? [] : [`--mode ${values.mode}`]),
      ...(values.mutant === null ? [] : [`--mutant ${values.mutant}`]),
    ].join(" ")
    return codeOf(yield* tellOnProcesses(plan, values.store, values.mutant, command))
  }),
})
