import { mkdir } from "node:fs/promises"
import { type ClientHttp2Session, connect } from "node:http2"
import { join } from "node:path"
import { freePorts } from "../../ports/FreePorts.ts"
import { opened } from "../Opened.ts"
import { until } from "../Until.ts"
import { findProgram, Processes } from "./Processes.ts"
import { MEMBERS, type Rival } from "./Rival.ts"

export const ETCD = "etcd"

export interface EtcdMember {
  readonly url: string
  readonly pid: number
}

export interface Etcd extends AsyncDisposable {
  readonly members: ReadonlyArray<EtcdMember>
  /** The member that leads, as soon as there is one, as one of `asked` says. */
  readonly leader: (asked?: ReadonlyArray<EtcdMember>) => Promise<EtcdMember>
}

/**
 * Three members with data directories below `folder`.
 *
 * @throws Error when etcd is not installed
 */
export const startEtcd = async (folder: string, options: ReadonlyArray<string> = []): Promise<Etcd> => {
  const program = findProgram("etcd", "apt-get install etcd-server")
  await using stack = new AsyncDisposableStack()
  const { value: ports } = stack.use(await opened(freePorts(2 * MEMBERS)))
  const names = Array.from({ length: MEMBERS }, (_, i) => `member-${i}`)
  const peerUrl = (i: number): string => `http://127.0.0.1:${ports[2 * i]}`
  const clientUrl = (i: number): string => `http://127.0.0.1:${ports[2 * i + 1]}`
  const cluster = names.map((name, i) => `${name}=${peerUrl(i)}`).join(",")
  const processes = stack.use(new Processes())
  await mkdir(folder, { recursive: true })
  for (const [i, name] of names.entries()) {
    const own = [`--name=${name}`, `--data-dir=${join(folder, name)}`, "--initial-cluster-state=new"]
    const peers = [`--listen-peer-urls=${peerUrl(i)}`, `--initial-advertise-peer-urls=${peerUrl(i)}`]
    const clients = [`--listen-client-urls=${clientUrl(i)}`, `--advertise-client-urls=${clientUrl(i)}`]
    const all = [
      ...own,
      ...peers,
      ...clients,
      `--initial-cluster=${cluster}`,
      "--log-level=fatal",
      ...options,
    ]
    processes.start(program, all, folder)
  }
  const members = names.map((_, i) => ({ url: clientUrl(i), pid: processes.children[i]?.pid ?? 0 }))
  const leader: Etcd["leader"] = (asked = members) =>
    until("etcd has a leader", async () => {
      const all = await Promise.all(asked.map(({ url }) => status(url)))
      return asked.find((_, i) => all[i] !== undefined && all[i].leader === all[i].header.member_id)
    })
  await leader()
  const owned = stack.move()
  return { members, leader, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

interface Status {
  readonly header: { readonly member_id: string }
  readonly leader?: string
}

const status = async (url: string): Promise<Status | undefined> => {
  try {
    const answer = await fetch(`${url}/v3/maintenance/status`, { method: "POST", body: "{}" })
    return (await answer.json()) as Status
  } catch {
    return undefined
  }
}

/** As its own clients speak to a member: gRPC, as many calls at a time as one likes. */
export const etcdClient = (url: string): Pick<Rival, "put"> & { readonly close: () => void } => {
  const session: ClientHttp2Session = connect(url)
  session.on("error", () => {})
  const put: Rival["put"] = (key, value, done) => {
    if (session.destroyed) return void setImmediate(done, new Error("the connection is gone"))
    const call = session.request({
      ":method": "POST",
      ":path": "/etcdserverpb.KV/Put",
      "content-type": "application/grpc",
      te: "trailers",
    })
    let failure: Error | undefined
    let answered = false
    call.on("error", (error) => (failure = error))
    call.on("trailers", (fields) => (answered = fields["grpc-status"] === "0"))
    call.on("close", () => done(failure ?? (answered ? undefined : new Error("etcd refused a put"))))
    call.resume()
    call.end(putRequest(key, value))
  }
  return { put, close: () => session.destroy() }
}

/** A gRPC message with a PutRequest: key is field 1, value field 2. */
const putRequest = (key: string, value: string): Buffer => {
  const message = Buffer.concat([field(1, key), field(2, value)])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const field = (number: number, text: string): Buffer => {
  const bytes = Buffer.from(text)
  // Lengths below 2^14: one or two groups of seven bits.
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}
