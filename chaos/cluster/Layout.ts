import type { Pipe } from "../mesh/Mesh.ts"
import type { Plan } from "../plan/Plan.ts"

/** Where everybody listens, and the proxies between them. */
export interface Layout {
  /** Founders, then those that join. */
  readonly peers: ReadonlyArray<{ readonly name: string; readonly ring: string; readonly http: string }>
  readonly dispatchers: ReadonlyArray<{ readonly name: string; readonly http: string }>
  readonly pipes: ReadonlyArray<Pipe>
}

const namesOf = (plan: Plan): Readonly<Record<"peers" | "dispatchers", ReadonlyArray<string>>> => {
  const founders = Array.from({ length: plan.peers }, (_, n) => `p${n}`)
  const joining = plan.faults.flatMap((fault) => (fault.verb === "join" ? fault.targets : []))
  return {
    peers: [...new Set([...founders, ...joining])],
    dispatchers: Array.from({ length: plan.dispatchers }, (_, n) => `d${n}`),
  }
}

/** How many ports a plan needs. */
export const portsOf = (plan: Plan): number => {
  const { peers, dispatchers } = namesOf(plan)
  return peers.length * (2 + peers.length - 1 + 2 * dispatchers.length) + dispatchers.length
}

/** @param ports as many as {@link portsOf} says */
export const layoutOf = (plan: Plan, ports: ReadonlyArray<number>): Layout => {
  const { peers, dispatchers } = namesOf(plan)
  let next = 0
  const address = (): string => `127.0.0.1:${ports[next++]}`
  const placed = peers.map((name) => ({ name, ring: address(), http: address() }))
  const pipes = placed.flatMap(({ name: to, ring, http }): ReadonlyArray<Pipe> => [
    ...peers
      .filter((from) => from !== to)
      .map((from): Pipe => ({
        name: `${from}-${to}`,
        from,
        to,
        listen: address(),
        upstream: ring,
        port: "ring",
      })),
    ...dispatchers.flatMap((from): ReadonlyArray<Pipe> => [
      { name: `${from}-${to}`, from, to, listen: address(), upstream: ring, port: "ring" },
      { name: `${from}-${to}-http`, from, to, listen: address(), upstream: http, port: "http" },
    ]),
  ])
  return { peers: placed, dispatchers: dispatchers.map((name) => ({ name, http: address() })), pipes }
}

export const isHttp = ({ port }: Pipe): boolean => port === "http"
