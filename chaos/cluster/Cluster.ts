import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import type { Plan } from "../plan/Plan.ts"
import { Daemon } from "./Daemon.ts"
import { isHttp, type Layout } from "./Layout.ts"
import type { PidFile } from "./PidFile.ts"

export interface ClusterOptions {
  readonly plan: Plan
  readonly layout: Layout
  /** Where peers keep their data, for as long as the cluster lives. */
  readonly data: string
  /** The run's directory, for logs and traces. */
  readonly directory: string
  readonly pids: PidFile
  /** The fault in the code that peers run with, if there is one. */
  readonly mutant: string | null
}

const main = fileURLToPath(new URL("../../node/main.ts", import.meta.url))
const hook = new URL("../run/MutantHook.ts", import.meta.url).href
const desk = fileURLToPath(new URL("../services/desk.js", import.meta.url))

/** The instances of several peers start at the same time, on a machine that may have few cores. */
const READY_MS = 60_000
/** A peer takes its time to hand over what it leads, and to end what runs. */
const STOP_MS = 35_000
/** What a peer says before it ends because others know it with another disk. */
const LOST_DISK = "start it again and it joins as that"

/** Peers and dispatchers as processes, each of which knows the others by the addresses of the mesh. */
export class Cluster {
  readonly peers: ReadonlyMap<string, Daemon>
  readonly dispatchers: ReadonlyArray<{ readonly daemon: Daemon; readonly url: string }>
  private readonly options: ClusterOptions

  constructor(options: ClusterOptions) {
    this.options = options
    const { layout } = options
    mkdirSync(options.data, { recursive: true })
    this.peers = new Map(layout.peers.map(({ name }) => [name, this.peer(name)]))
    this.dispatchers = layout.dispatchers.map(({ name, http }) => ({
      daemon: this.dispatcher(name, http),
      url: `http://${http}`,
    }))
  }

  /** Writes the genesis file and starts founders and dispatchers; done when all are ready. */
  async start(): Promise<void> {
    const { layout, plan } = this.options
    const founders = layout.peers.slice(0, plan.peers)
    // Evenly round the ring, so that every one has cells to lead.
    const places = founders.map(({ name, ring, http }, n) => {
      const place = Math.floor(((n + 0.5) / founders.length) * 65_536)
      return `--founder=${name}=${ring},${http}@${place.toString(16).padStart(4, "0")}`
    })
    const choices = [`--cells=${plan.cells}`, `--mode=${plan.mode}`, `--out=${this.genesis}`]
    const made = await this.ringstead("genesis", ...places, ...choices)
    if (made.exitCode !== 0) throw new Error(`no genesis file: ${made.text}`)
    const daemons = [
      ...founders.map(({ name }) => this.of(name)),
      ...this.dispatchers.map(({ daemon }) => daemon),
    ]
    for (const daemon of daemons) daemon.start()
    await Promise.all(daemons.map(ready))
  }

  of(name: string): Daemon {
    const found = this.peers.get(name)
    if (found === undefined) throw new Error(`there is no peer ${name}`)
    return found
  }

  /** Starts a peer, again if it has lost its disk and asks for it, as an operator would; done when it is a member. */
  async revive(name: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const daemon = this.of(name)
    const traced = existsSync(this.traceOf(name)) ? statSync(this.traceOf(name)).size : 0
    daemon.start(environment)
    const lost = daemon.line((line) => line.includes(LOST_DISK), READY_MS)
    const isReady = await Promise.race([ready(daemon).then(() => true), lost.then(() => false)])
    if (isReady) return
    await daemon.stop(STOP_MS)
    this.setAside(name, traced)
    daemon.start(environment)
    await ready(daemon)
  }

  /**
   * A peer that has forgotten everything counts its boots from 1 again, under a name that is not its own any more. It was told so
   * before it was a member; what it traced until then is kept beside its log, for it would read as if lines were missing.
   */
  private setAside(name: string, from: number): void {
    const whole = readFileSync(this.traceOf(name))
    appendFileSync(join(this.options.directory, "logs", `${name}-lost-disk.jsonl`), whole.subarray(from))
    truncateSync(this.traceOf(name), from)
  }

  private traceOf(name: string): string {
    return join(this.options.directory, "traces", `${name}.jsonl`)
  }

  dataOf(name: string): string {
    return join(this.options.data, name)
  }

  wipe(name: string): void {
    rmSync(this.dataOf(name), { recursive: true, force: true })
  }

  /**
   * Whether ring and journals are as they should be, as an operator sees it.
   *
   * @returns "", or what is amiss
   */
  async check(waitMs: number): Promise<string> {
    const { exitCode, text } = await this.ringstead(
      "check-ring",
      ...this.ring(),
      `--wait=${Math.ceil(waitMs)}ms`,
    )
    return exitCode === 0 ? "" : text.trim() || "check-ring did not answer"
  }

  /** Names of the peers that say that they are members. */
  async members(): Promise<ReadonlyArray<string>> {
    const { stdout, text } = await this.ringstead("status", ...this.ring(), "--output=json")
    try {
      const { peers } = JSON.parse(stdout) as {
        readonly peers: ReadonlyArray<Readonly<Record<string, unknown>>>
      }
      return peers.filter(({ state }) => state === "member").map(({ name }) => String(name))
    } catch (error) {
      throw new Error(`nobody tells who is a member: ${text.trim()}`, { cause: error })
    }
  }

  /** Whom to ask: founders are known from the genesis file. */
  private ring(): ReadonlyArray<string> {
    const { layout, plan } = this.options
    const joined = layout.peers.slice(plan.peers).filter(({ name }) => this.of(name).runs)
    return [`--genesis=${this.genesis}`, ...joined.map((peer) => `--peer=${peer.ring}`)]
  }

  /** Ends all processes, the dispatchers first. */
  async stop(): Promise<void> {
    await Promise.all(this.dispatchers.map(({ daemon }) => daemon.stop(STOP_MS)))
    await Promise.all([...this.peers.values()].map((daemon) => daemon.stop(STOP_MS)))
  }

  /** Ends all processes at once. */
  async kill(): Promise<void> {
    const all = [...this.peers.values(), ...this.dispatchers.map(({ daemon }) => daemon)]
    await Promise.all(all.map((daemon) => daemon.kill()))
  }

  private get genesis(): string {
    return join(this.options.data, "genesis.json")
  }

  private peer(name: string): Daemon {
    const { layout, plan, mutant } = this.options
    const place = layout.peers.findIndex((peer) => peer.name === name)
    const { ring = "", http = "" } = layout.peers[place] ?? {}
    const routes = layout.pipes.filter(({ from }) => from === name)
    return this.daemon(name, mutant, [
      "peer",
      `--genesis=${this.genesis}`,
      `--name=${name}`,
      `--data=${this.dataOf(name)}`,
      `--service=exec '${process.execPath}' '${desk}'`,
      // So that there are reads that no journal has, and others that it has.
      ...(plan.mode === "replay" ? ["--read-only=/user/*"] : []),
      ...(place < plan.peers ? [] : [`--ring=${ring}`, `--http=${http}`]),
      ...routes.map(({ to, listen }) => `--route=${to}=${listen}`),
      `--trace=${this.traceOf(name)}`,
    ])
  }

  private dispatcher(name: string, http: string): Daemon {
    const routes = this.options.layout.pipes.filter(({ from }) => from === name)
    const rings = routes.filter((pipe) => !isHttp(pipe))
    return this.daemon(name, null, [
      "dispatch",
      `--genesis=${this.genesis}`,
      `--name=${name}`,
      `--listen=${http}`,
      "--client=basic,cookie",
      ...rings.map(({ listen }) => `--join=${listen}`),
      ...rings.map(({ to, listen }) => `--ring-route=${to}=${listen}`),
      ...routes.filter(isHttp).map(({ to, listen }) => `--route=${to}=${listen}`),
    ])
  }

  private daemon(name: string, mutant: string | null, args: ReadonlyArray<string>): Daemon {
    const { directory, pids } = this.options
    const changed = mutant === null ? [] : [`--import=${hook}?${encodeURIComponent(mutant)}`]
    return new Daemon({
      name,
      command: [process.execPath, ...changed, main, ...args, "--log=json", "--leash"],
      log: join(directory, "logs", `${name}.log`),
      pids,
    })
  }

  private async ringstead(
    ...args: ReadonlyArray<string>
  ): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly text: string }> {
    const { exitCode, stdout, all } = await execa(process.execPath, [main, ...args], {
      all: true,
      reject: false,
      stdin: "ignore",
      timeout: READY_MS,
    })
    return { exitCode, stdout, text: all }
  }
}

const ready = (daemon: Daemon): Promise<string> =>
  daemon.line((line) => line.includes('"type":"ready"'), READY_MS)
