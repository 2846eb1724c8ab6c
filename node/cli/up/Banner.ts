import { type Genesis, modeOf } from "../../../core/peer/Genesis.ts"
import type { ClientSource } from "../../dispatcher/DispatchOptions.ts"
import { cautionsOf } from "../genesis/MakeGenesis.ts"
import type { JournalOptions } from "../process/JournalFlags.ts"
import type { MemberPlan } from "./Member.ts"

export interface BannerFacts {
  readonly genesis: Genesis
  readonly plans: ReadonlyArray<MemberPlan>
  readonly client: ReadonlyArray<ClientSource>
  readonly data: string
  readonly isDefaultData: boolean
  readonly service: string
  readonly durability: JournalOptions["durability"]
  readonly standby: JournalOptions["standby"]
  readonly keys: boolean
}

/** A command that makes a first request as it is, naming its client the way the dispatchers expect. */
export const curlLine = (url: string, [source]: ReadonlyArray<ClientSource>): string => {
  switch (source?.kind) {
    case "header":
      return `curl -H '${source.header}: alice' ${url}`
    case "basic":
      return `curl -u alice: ${url}`
    case "address":
      return `curl ${url}`
    case "cookie":
    case undefined:
      return `curl -b jar -c jar ${url}`
  }
}

/** What `up` prints once the ring serves. */
export const banner = (facts: BannerFacts): string => {
  const { genesis, plans } = facts
  const peers = plans.filter(({ kind }) => kind === "peer")
  const dispatchers = plans.filter(({ kind }) => kind === "dispatcher")
  const first = `http://${dispatchers[0]?.http ?? ""}/`
  const where = facts.isDefaultData ? "" : ` --data ${facts.data}`
  const rows: ReadonlyArray<readonly [string, string]> = [
    ...dispatchers.map(({ name, http }) => [name, `http://${http}/`] as const),
    ["service", facts.service],
    ["data", `${facts.data} (what a service writes: ${facts.data}/${peers[0]?.name ?? ""}/service.log)`],
    ["try", curlLine(first, facts.client)],
    ["look", `npx ringstead status${where}; npx ringstead lookup alice --trace${where}`],
    ...(facts.keys ? [["keys", keyHelp(peers.length)] as const] : []),
    ...cautionsOf(genesis).map((caution) => ["caution", caution] as const),
  ]
  // The mode stateless keeps nothing, so there is nothing to say of where.
  const journal =
    modeOf(genesis) === "replay" ? ` (durability ${facts.durability}, ${facts.standby} standby)` : ""
  const summary =
    `${count(peers.length, "peer")} and ${count(dispatchers.length, "dispatcher")} serve, mode ${modeOf(genesis)}${journal}: ` +
    `${genesis.cells} cells, ${count(genesis.replicas, "replica")} each`
  return [summary, ...rows.map(([label, text]) => `  ${label.padEnd(8)} ${text}`)].join("\n")
}

const keyHelp = (peers: number): string => {
  const digits = peers === 1 ? "1 kills peer-1" : `1-${Math.min(peers, 9)} kill that peer`
  return `${digits} (kill -9), r restarts what is down, s shows the status, q quits`
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`
