import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { misused } from "../../node/cli/Refusal.ts"
import { count, duration, oneOf } from "../../node/cli/Value.ts"
import { CAMPAIGNS, type CampaignName } from "../plan/Plan.ts"
import { mutantFlag } from "./ReplayCommand.ts"
import { chaosGroup, codeOf, storeFlag } from "./StoreFlag.ts"

/** The harness itself failed: the run says nothing about the ring. */
const HARNESS_FAILED = 3

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
    const { portsNeeded, runCampaign } = yield* Effect.promise(() => import("../run/RunCampaign.ts"))
    const { freePorts } = yield* Effect.promise(() => import("../../node/ports/FreePorts.ts"))
    const { mutants } = yield* Effect.promise(() => import("../../spec/conformance/mutants/Mutants.ts"))
    const { writeReport } = yield* Effect.promise(() => import("../report/WriteReport.ts"))
    const { progressLine } = yield* Effect.promise(() => import("./Progress.ts"))
    const { resultsText } = yield* Effect.promise(() => import("./ResultsText.ts"))
    const known = mutants.find(
      ({ name }) => name.replaceAll(" ", "-") === values.mutant?.replaceAll(" ", "-"),
    )
    if (values.mutant !== null && known === undefined)
      return yield* misused(
        `there is no mutant '${values.mutant}'; there are ${mutants.map(({ name }) => name.replaceAll(" ", "-")).join(", ")}`,
      )
    const seed = values.seed ?? Math.floor(Math.random() * 4_294_967_296)
    const plan = drawPlan(campaign as CampaignName, seed, {
      ...usualSizes,
      peers: values.peers,
      mode: values.mode,
      faultsMs: values.for,
      calmMs: Math.min(usualSizes.calmMs, values.for / 4),
    })
    const command = [
      `ringstead chaos run ${campaign} --seed ${seed} --peers ${values.peers} --for ${values.for}ms`,
      ...(values.mode === "replay" ? [] : [`--mode ${values.mode}`]),
      ...(known === undefined ? [] : [`--mutant ${known.name.replaceAll(" ", "-")}`]),
    ].join(" ")
    const line = progressLine()
    const ports = yield* Effect.mapError(freePorts(portsNeeded(plan)), ({ reason }) => misused(reason))
    const ended = yield* Effect.promise(async () => {
      try {
        const mutant = known?.name ?? null
        const directory = await runCampaign({
          plan,
          store: values.store,
          mutant,
          command,
          ports,
          say: line.say,
        })
        return writeReport(directory)
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error))
      }
    })
    line.end()
    if (ended instanceof Error) {
      process.stderr.write(`the harness failed: ${ended.message}\nrepeat: ${command}\n`)
      return HARNESS_FAILED as never
    }
    process.stdout.write(`${resultsText(ended.results)}\nreport ${ended.file}\nrepeat ${command}\n`)
    return codeOf(ended.results.outcome)
  }),
})
