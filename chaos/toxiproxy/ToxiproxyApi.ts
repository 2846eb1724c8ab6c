import { Toxiproxy } from "toxiproxy-node-client"

/** What is done to the bytes of a proxy in one direction; attributes as Toxiproxy documents them. */
export interface Toxic {
  readonly type: "bandwidth" | "latency" | "slicer" | "timeout"
  readonly attributes: Readonly<Record<string, number>>
}

/** `upstream`: from whoever dialled; `downstream`: back to it. */
export type Stream = "upstream" | "downstream"

/** A server that does not answer within this is wedged, in ms. */
const DEADLINE_MS = 5_000

/** The server does not do as it is told: whatever is seen of a ring then says nothing of the ring. */
export class ToxiproxyError extends Error {}

/** The calls that campaigns make, each with a deadline; the client's errors say neither where nor what. */
export class ToxiproxyApi {
  private readonly client: Toxiproxy

  constructor(url: string) {
    this.client = new Toxiproxy(url)
  }

  version(): Promise<string> {
    return within("the version", this.client.getVersion())
  }

  async create(name: string, listen: string, upstream: string): Promise<void> {
    await within(`creating ${name}`, this.client.createProxy({ name, listen, upstream }))
  }

  async remove(name: string): Promise<void> {
    await within(
      `removing ${name}`,
      this.client.get(name).then((proxy) => proxy.remove()),
    )
  }

  async poison(name: string, toxic: string, stream: Stream, { type, attributes }: Toxic): Promise<void> {
    await within(
      `${type} on ${name}`,
      this.client
        .get(name)
        .then((proxy) => proxy.addToxic({ name: toxic, stream, type, toxicity: 1, attributes })),
    )
  }

  /** Gives a toxic other attributes; bytes and connections stay. */
  async change(name: string, toxic: string, attributes: Readonly<Record<string, number>>): Promise<void> {
    await within(
      `${toxic} on ${name}`,
      this.client
        .get(name)
        .then((proxy) => proxy.getToxic<Readonly<Record<string, number>>>(toxic))
        .then((found) => found.update({ ...found.toJson(), attributes })),
    )
  }
}

const within = async <A>(what: string, call: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  try {
    return await Promise.race([call, late])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ToxiproxyError(`Toxiproxy, ${what}: ${reason}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
