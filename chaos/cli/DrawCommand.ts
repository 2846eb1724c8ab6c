import { writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { count, oneOf, text } from "../../node/cli/Value.ts"
import { CAMPAIGNS } from "../plan/Plan.ts"
import { chaosGroup } from "./StoreFlag.ts"

/** A number of minutes, from a twentieth to a day. */
const minutes = (written: string): number => {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(written) ? Number(written) : Number.NaN
  if (!(value >= 0.05 && value <= 1_440)) throw new RangeError("a number of minutes from 0.05 to 1440")
  return value
}

export const drawCommand = defineCommand({
  name: "draw",
  group: chaosGroup,
  about: "Draw the plan of a campaign from a seed, as JSON",
  kind: "tool",
  flags: {
    seed: {
      kind: "optional",
      about: "What it is drawn from (default: 1)",
      metavar: "N",
      read: count(0, 999_999_999),
      fallback: 1,
    },
    peers: {
      kind: "optional",
      about: "Founders (default: 5)",
      metavar: "N",
      read: count(3, 64),
      fallback: 5,
    },
    cells: {
      kind: "optional",
      about: "Cells of the ring (default: 16)",
      metavar: "N",
      read: count(1, 65_536),
      fallback: 16,
    },
    minutes: {
      kind: "optional",
      about: "How long faults last (default: 1)",
      metavar: "M",
      read: minutes,
      fallback: 1,
    },
    out: {
      kind: "optional",
      about: "File (default: standard output)",
      metavar: "FILE",
      read: text,
      fallback: null,
    },
  },
  argument: { name: "CAMPAIGN", about: CAMPAIGNS.join(", "), read: oneOf(CAMPAIGNS), choices: CAMPAIGNS },
  examples: [
    { command: "ringstead chaos draw mixed --seed 7 --out plan.json", description: "A plan to replay" },
  ],
  run: Effect.fnUntraced(function* ({ seed, peers, cells, minutes: long, out }, campaign) {
    const { drawPlan, usualSizes } = yield* Effect.promise(() => import("../plan/DrawPlan.ts"))
    const { planText } = yield* Effect.promise(() => import("../plan/ReadPlan.ts"))
    const sizes = { ...usualSizes, peers, cells, faultsMs: Math.round(long * 60_000) }
    const plan = planText(drawPlan(oneOf(CAMPAIGNS)(campaign), seed, sizes))
    if (out === null) process.stdout.write(plan)
    else writeFileSync(out, plan)
    return ExitCode.ok
  }),
})
