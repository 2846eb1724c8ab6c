import { readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import type { CampaignName } from "../../plan/Plan.ts"

export const main = fileURLToPath(new URL("../../../node/main.ts", import.meta.url))

/** `ringstead chaos run` from the checkout: its exit code, and all that it said. */
export const runCampaign = async (
  store: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number | undefined; readonly all: string }> => {
  const { exitCode, all } = await execa(
    process.execPath,
    [main, "chaos", "run", ...args, `--store=${store}`],
    { all: true, reject: false, stdin: "ignore", env },
  )
  return { exitCode, all }
}

/**
 * A few seconds of faults, on real processes, and what was wrong, with all that was said: nothing, if all is well. What a
 * machine that is busy cannot do in time leaves a verdict open; what is wrong is wrong everywhere.
 */
export const wrongsOf = async (store: string, campaign: CampaignName): Promise<ReadonlyArray<string>> => {
  const { exitCode, all } = await runCampaign(store, [campaign, "--seed=1", "--peers=3", "--for=5s"])
  const missing = [
    "ok   linearizable",
    "ok   no acknowledged effect lost",
    `repeat ringstead chaos run ${campaign} --seed 1`,
  ].filter((line) => !all.includes(line))
  const left = readdirSync(join(store, "running"))
  return [
    ...(exitCode === 0 || exitCode === 2 ? [] : [`exit code ${exitCode}`]),
    ...missing.map((line) => `it did not say: ${line}`),
    ...left.map((name) => `left behind: ${name}`),
  ].map((wrong) => `${wrong}\n${all}`)
}
