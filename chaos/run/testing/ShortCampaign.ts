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
 * A campaign on real processes, and what was wrong, with all that was said: nothing if it is valid. A machine that is busy may
 * leave it open whether a fault did anything: it has one more try then, with the next seed. What is invalid is so at once.
 *
 * @param args how large it is
 */
export const wrongsOf = async (
  store: string,
  campaign: CampaignName,
  seed: number,
  args: ReadonlyArray<string>,
): Promise<ReadonlyArray<string>> => {
  const run = (drawnFrom: number) => runCampaign(store, [campaign, `--seed=${drawnFrom}`, ...args])
  const first = await run(seed)
  if (first.exitCode === 2) process.stdout.write(`${first.all}\nleft open: again, with the next seed\n`)
  const [last, { exitCode, all }] = first.exitCode === 2 ? [seed + 1, await run(seed + 1)] : [seed, first]
  const missing = [
    /^VALID: every claim holds$/m,
    /^ok {3}every fault bit: [1-9][0-9]* faults$/m,
    new RegExp(`^repeat ringstead chaos run ${campaign} --seed ${last} `, "m"),
  ].filter((line) => !line.test(all))
  const left = readdirSync(join(store, "running"))
  return [
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
    ...missing.map((line) => `it did not say: ${line}`),
    ...left.map((name) => `left behind: ${name}`),
  ].map((wrong) => `${wrong}\n${all}`)
}
