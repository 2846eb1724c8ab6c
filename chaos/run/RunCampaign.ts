import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cluster } from "../cluster/Cluster.ts"
import { layoutOf, portsOf } from "../cluster/Layout.ts"
import { endLeftovers, PidFile } from "../cluster/PidFile.ts"
import { Mesh } from "../mesh/Mesh.ts"
import { handsOn } from "../nemesis/Hands.ts"
import { Nemesis } from "../nemesis/Nemesis.ts"
import type { Plan } from "../plan/Plan.ts"
import { writeRun } from "../store/RunFiles.ts"
import { newRunDirectory } from "../store/Store.ts"
import { startToxiproxy } from "../toxiproxy/StartToxiproxy.ts"
import { Recorder } from "../workload/Recorder.ts"
import { Workloads } from "../workload/Workloads.ts"

export interface CampaignOptions {
  readonly plan: Plan
  readonly store: string
  readonly mutant: string | null
  /** The command line that repeats the run. */
  readonly command: string
  /** As many as {@link portsNeeded} says, free as long as the run lasts. */
  readonly ports: ReadonlyArray<number>
  readonly say: (text: string) => void
}

/** One for Toxiproxy's own interface. */
export const portsNeeded = (plan: Plan): number => 1 + portsOf(plan)

const CALM_MS = 60_000
const now = (): number => Number(process.hrtime.bigint())

/**
 * Plays a plan on real processes: calm, faults, everything healed and whole, final reads. Whatever happens, no process stays
 * behind.
 *
 * @returns the run's directory, with all that is needed to judge it
 * @throws Error if the harness itself failed
 */
export const runCampaign = async (options: CampaignOptions): Promise<string> => {
  const { plan, store, mutant, command, ports, say } = options
  const [apiPort = 0, ...others] = ports
  const left = endLeftovers(store)
  if (left > 0) say(`ended ${left} processes that a run before left behind`)
  const startedMs = Date.now()
  const directory = newRunDirectory(store, plan.campaign, startedMs, plan.seed)
  const data = mkdtempSync(join(tmpdir(), "ringstead-chaos-"))
  const pids = new PidFile(store, data)
  const layout = layoutOf(plan, others)
  const cluster = new Cluster({ plan, layout, data, directory, pids, mutant })
  await using after = new AsyncDisposableStack()
  after.defer(() => {
    pids.remove()
    rmSync(data, { recursive: true, force: true })
  })
  const toxiproxy = await startToxiproxy(apiPort, join(directory, "logs"), pids, say)
  after.defer(toxiproxy.stop)
  after.defer(() => cluster.kill())
  const mesh = new Mesh(toxiproxy.api, layout.pipes)
  say(`${toxiproxy.about}: ${layout.pipes.length} links`)
  await mesh.open()
  await cluster.start()
  const amiss = await cluster.check(CALM_MS)
  if (amiss !== "") throw new Error(`the ring was not whole before the first fault: ${amiss}`)

  const recorder = new Recorder()
  const workloads = new Workloads(
    plan,
    cluster.dispatchers.map(({ url }) => url),
    recorder,
  )
  const nemesis = new Nemesis(handsOn(cluster, mesh), say)
  const calmAt = now()
  say("calm")
  workloads.start()
  await new Promise((resolve) => setTimeout(resolve, plan.calmMs))
  const faultsAt = now()
  await nemesis.play(plan)
  const settleAt = now()
  say("healing")
  const unsettled = await nemesis.healAll(plan.settleMs)
  await workloads.end()
  const finalAt = now()
  say("final reads")
  await workloads.finalReads()
  const endedAt = now()
  await cluster.stop()
  writeRun(directory, {
    plan,
    history: recorder.history,
    faults: nemesis.found(),
    record: {
      on: "processes",
      startedMs,
      calmAt,
      faultsAt,
      settleAt,
      finalAt,
      endedAt,
      mutant,
      command,
      violation: null,
      unsettled: unsettled === "" ? [] : unsettled.split("\n"),
    },
  })
  return directory
}
