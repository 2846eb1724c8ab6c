import type { Link } from "../plan/Plan.ts"
import type { Stream, Toxic, ToxiproxyApi } from "../toxiproxy/ToxiproxyApi.ts"

/** A proxy: whatever `from` sends to one of the ports of `to` passes through it. */
export interface Pipe {
  /** `p0-p1`, or `d0-p1-http`. */
  readonly name: string
  readonly from: string
  readonly to: string
  /** `host:port`, that `from` dials. */
  readonly listen: string
  /** `host:port`, where `to` listens. */
  readonly upstream: string
  /** Which of the ports of `to` that is. */
  readonly port: "ring" | "http"
}

interface Meddling {
  readonly owner: number
  readonly stream: Stream
  readonly toxic: Toxic
  /** The toxic's. */
  readonly name: string
}

/**
 * What holds all bytes back and loses none: a day late. A bandwidth of 0 would too, but Toxiproxy 2.12 panics if that is changed
 * while it holds something.
 */
export const HOLD: Toxic = { type: "latency", attributes: { latency: 86_400_000, jitter: 0 } }
/** The same, and lets them go. */
const LET_GO = { latency: 0, jitter: 0 }

/**
 * Every link of a ring, each direction by itself. Several faults may lie on one link; when one is lifted, the proxies are
 * made anew with what is left: to remove a toxic under load can wedge the server (chaos.md, Toxiproxy). What was held back is
 * let go instead, for with a proxy goes all that is in it.
 */
export class Mesh {
  private readonly api: ToxiproxyApi
  private readonly pipes: ReadonlyArray<Pipe>
  private readonly meddlings = new Map<string, ReadonlyArray<Meddling>>()
  /** Calls take their turn, so that two never make the same proxy. */
  private turn: Promise<void> = Promise.resolve()
  private toxics = 0

  constructor(api: ToxiproxyApi, pipes: ReadonlyArray<Pipe>) {
    this.api = api
    this.pipes = pipes
  }

  /** Makes all proxies. */
  async open(): Promise<void> {
    for (const { name, listen, upstream } of this.pipes) await this.api.create(name, listen, upstream)
  }

  /** The proxies that `from` dials to reach `to`. */
  dialled([from, to]: Link): ReadonlyArray<Pipe> {
    return this.pipes.filter((pipe) => pipe.from === from && pipe.to === to)
  }

  /** Lays a toxic on all that flows along the links, in their direction, whoever dialled. */
  lay(owner: number, links: ReadonlyArray<Link>, toxic: Toxic): Promise<void> {
    return this.inTurn(async () => {
      for (const [pipe, stream] of this.carriers(links)) {
        const meddling = { owner, stream, toxic, name: `t${this.toxics++}` }
        this.meddlings.set(pipe.name, [...this.on(pipe), meddling])
        await this.add(pipe, meddling)
      }
    })
  }

  /** Takes away what `owner` laid; null: what anybody laid. */
  lift(owner: number | null, links?: ReadonlyArray<Link>): Promise<void> {
    const among = links === undefined ? this.pipes : this.carriers(links).map(([pipe]) => pipe)
    return this.inTurn(async () => {
      for (const pipe of new Set(among)) {
        const before = this.on(pipe)
        const gone = before.filter((meddling) => owner === null || meddling.owner === owner)
        const left = before.filter((meddling) => !gone.includes(meddling))
        if (gone.length === 0) continue
        if (gone.every(({ toxic }) => toxic === HOLD)) await this.letGo(pipe, gone, left)
        else await this.renew(pipe, left)
      }
    })
  }

  /** Breaks all connections along the links; what else lies on them stays. */
  reset(links: ReadonlyArray<Link>): Promise<void> {
    return this.inTurn(async () => {
      for (const pipe of new Set(this.carriers(links).map(([one]) => one))) {
        await this.renew(pipe, this.on(pipe))
      }
    })
  }

  private on(pipe: Pipe): ReadonlyArray<Meddling> {
    return this.meddlings.get(pipe.name) ?? []
  }

  private async renew(pipe: Pipe, left: ReadonlyArray<Meddling>): Promise<void> {
    await this.api.remove(pipe.name)
    await this.api.create(pipe.name, pipe.listen, pipe.upstream)
    this.meddlings.set(pipe.name, left)
    for (const meddling of left) await this.add(pipe, meddling)
  }

  private async letGo(
    pipe: Pipe,
    gone: ReadonlyArray<Meddling>,
    left: ReadonlyArray<Meddling>,
  ): Promise<void> {
    for (const { name } of gone) await this.api.change(pipe.name, name, LET_GO)
    this.meddlings.set(pipe.name, left)
  }

  private add(pipe: Pipe, { name, stream, toxic }: Meddling): Promise<void> {
    return this.api.poison(pipe.name, name, stream, toxic)
  }

  /** What `from` sends goes up the connections that it dialled, and down those that were dialled to it. */
  private carriers(links: ReadonlyArray<Link>): ReadonlyArray<readonly [Pipe, Stream]> {
    return links.flatMap(([from, to]): ReadonlyArray<readonly [Pipe, Stream]> => [
      ...this.dialled([from, to]).map((pipe) => [pipe, "upstream"] as const),
      ...this.dialled([to, from]).map((pipe) => [pipe, "downstream"] as const),
    ])
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => {})
    return done
  }
}
