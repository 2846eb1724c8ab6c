import type { TraceLine } from "../../../core/peer/TraceLine.ts"
import { callsOf } from "../../history/Call.ts"
import type { FaultRecord } from "../../history/FaultRecord.ts"
import type { Operation } from "../../history/Operation.ts"
import type { RunRecord } from "../../history/RunRecord.ts"
import type { Plan } from "../../plan/Plan.ts"
import type { Run } from "../Run.ts"

const plan: Plan = {
  version: 1,
  campaign: "crash",
  seed: 1,
  peers: 3,
  dispatchers: 1,
  mode: "replay",
  cells: 1,
  calmMs: 1_000,
  faultsMs: 1_000,
  settleMs: 1_000,
  workloads: [{ name: "counter", clients: 1, ratePerClient: 10 }],
  faults: [],
}

const record: RunRecord = {
  on: "processes",
  startedMs: 0,
  calmAt: 0,
  faultsAt: 1e9,
  settleAt: 2e9,
  finalAt: 3e9,
  endedAt: 4e9,
  mutant: null,
  command: "",
  violation: null,
  unsettled: [],
}

/** What a test says of a run; all else is dull. */
export interface Told {
  readonly plan?: Partial<Plan>
  readonly record?: Partial<RunRecord>
  readonly history?: ReadonlyArray<Operation>
  readonly faults?: ReadonlyArray<FaultRecord>
  readonly lines?: ReadonlyArray<TraceLine>
}

export const runOf = ({ history = [], faults = [], lines = [], ...told }: Told): Run => ({
  plan: { ...plan, ...told.plan },
  record: { ...record, ...told.record },
  history,
  calls: callsOf(history),
  faults,
  traces: [],
  lines: lines.map((said, n) => ({ where: `${said.peer}.jsonl:${n + 1}`, said })),
})

/** A line without its envelope. */
type Said = TraceLine extends infer Line
  ? Line extends TraceLine
    ? Omit<Line, "boot" | "incarnation" | "peer" | "seq" | "t">
    : never
  : never

/** A line that a peer wrote, at a time in ms. */
export const said = (ms: number, peer: string, what: Said): TraceLine => ({
  t: ms * 1e6,
  peer,
  incarnation: 1,
  boot: 1,
  seq: 0,
  ...what,
})

export const faultRecord = (told: Partial<FaultRecord>): FaultRecord => ({
  fault: 0,
  begunAt: told.appliedAt ?? 1.1e9,
  appliedAt: 1.1e9,
  undoneAt: 1.5e9,
  wholeAt: 1.6e9,
  bit: true,
  proof: "the process was gone",
  assumption: "",
  ...told,
})
