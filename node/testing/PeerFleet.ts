import { type ChildProcess, spawn } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Genesis, Mode } from "../../core/peer/Genesis.ts"
import { makeGenesis } from "../cli/genesis/MakeGenesis.ts"
import { readEvent } from "../cli/process/EventLine.ts"
import { foundersOn } from "../cli/up/Plan.ts"
import type { ProcessLine } from "../log/ProcessEvent.ts"
import { freePorts } from "../ports/FreePorts.ts"
import { opened } from "./Opened.ts"
import { LineSplitter } from "../service/LineSplitter.ts"

/** Many peers as processes of this one, without dispatchers and without anybody who restarts them. */
export interface PeerFleet extends AsyncDisposable {
  readonly genesis: Genesis
  /** The pid of a peer by name. */
  readonly pidOf: (name: string) => number
  /**
   * Resolves with the first line, from now on or already said, that `isIt` says is the one.
   *
   * @throws Error when a peer ends, or after `withinMs`.
   */
  readonly line: (isIt: (line: ProcessLine) => boolean, withinMs: number) => Promise<ProcessLine>
  /** As {@link PeerFleet.line}, until every peer has said something of this type. */
  readonly all: (type: ProcessLine["event"]["type"], withinMs: number) => Promise<void>
  /** Forgets what was said so far. */
  readonly forget: () => void
}

export interface FleetOptions {
  /** Program and arguments up to the subcommand. */
  readonly binary: readonly [program: string, ...args: ReadonlyArray<string>]
  readonly peers: number
  /** stateless unless said otherwise: most that is tested on a fleet is the ring alone. */
  readonly mode?: Mode
  /** An empty folder for their data. */
  readonly folder: string
  /** The service of the i-th peer, from 0. */
  readonly service: (i: number) => string
}

/** Starts all peers at once, as founders of one ring; they are gone when it is disposed of. */
export const startFleet = async (options: FleetOptions): Promise<PeerFleet> => {
  const { binary, folder, peers, service } = options
  // Claimed for as long as the fleet lives: its services look for free ports too, before all peers listen.
  const claims = await opened(freePorts(2 * peers))
  const ports = claims.value
  const genesis = makeGenesis({
    cluster: "fleet",
    cells: 1024,
    replicas: peers < 3 ? 1 : 3,
    successors: undefined,
    mode: options.mode ?? "stateless",
    hash: ["sha1"],
    secret: "0".repeat(64),
    founders: foundersOn(Array.from({ length: peers }, (_, i) => [ports[2 * i] ?? 0, ports[2 * i + 1] ?? 0])),
  })
  await mkdir(folder, { recursive: true })
  const genesisFile = join(folder, "genesis.json")
  await writeFile(genesisFile, JSON.stringify(genesis))
  const [program, ...args] = binary
  const fleet = new Fleet(genesis, claims)
  for (const [i, { name }] of genesis.founders.entries()) {
    const own = [`--genesis=${genesisFile}`, `--name=${name}`, `--data=${join(folder, name)}`]
    fleet.add(
      name,
      spawn(program, [...args, "peer", ...own, `--service=${service(i)}`, "--log=json", "--leash"], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    )
  }
  return fleet
}

class Fleet implements PeerFleet {
  readonly genesis: Genesis
  private readonly processes = new Map<string, ChildProcess>()
  private said: Array<ProcessLine> = []
  private readonly listeners = new Set<() => void>()
  private readonly claims: AsyncDisposable
  private trouble: string | undefined

  constructor(genesis: Genesis, claims: AsyncDisposable) {
    this.genesis = genesis
    this.claims = claims
  }

  add(name: string, child: ChildProcess): void {
    this.processes.set(name, child)
    child.stdin?.on("error", () => {})
    child.once("exit", (code, signal) => {
      this.trouble ??= `${name} ended (${signal ?? code})`
      this.tell()
    })
    const splitter = new LineSplitter(65_536)
    child.stdout?.on("data", (chunk: Buffer) => {
      for (const text of splitter.push(chunk)) {
        const line = readEvent(text)
        if (line !== undefined) this.said.push(line)
      }
      this.tell()
    })
  }

  readonly pidOf = (name: string): number => {
    const pid = this.processes.get(name)?.pid
    if (pid === undefined) throw new Error(`no peer ${name} runs`)
    return pid
  }

  readonly line = (isIt: (line: ProcessLine) => boolean, withinMs: number): Promise<ProcessLine> =>
    this.until(() => this.said.find(isIt), withinMs)

  readonly all = async (type: ProcessLine["event"]["type"], withinMs: number): Promise<void> => {
    await this.until(() => {
      const who = new Set(this.said.flatMap((line) => (line.event.type === type ? [line.who] : [])))
      return who.size === this.processes.size ? true : undefined
    }, withinMs)
  }

  readonly forget = (): void => {
    this.said = []
  }

  readonly [Symbol.asyncDispose] = async (): Promise<void> => {
    const left = [...this.processes.values()].filter(
      (child) => child.exitCode === null && child.signalCode === null,
    )
    const ends = left.map((child) => new Promise((resolve) => child.once("exit", resolve)))
    for (const child of left) {
      child.kill("SIGCONT")
      child.stdin?.end()
    }
    const last = setTimeout(() => {
      for (const child of left) child.kill("SIGKILL")
    }, 15_000)
    await Promise.all(ends)
    clearTimeout(last)
    await this.claims[Symbol.asyncDispose]()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private until<A>(check: () => A | undefined, withinMs: number): Promise<A> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        this.listeners.delete(look)
        settle()
      }
      const look = (): void => {
        const found = check()
        if (found !== undefined) end(() => resolve(found))
        else if (this.trouble !== undefined) end(() => reject(new Error(this.trouble)))
      }
      const timer = setTimeout(() => end(() => reject(new Error(`not within ${withinMs} ms`))), withinMs)
      this.listeners.add(look)
      look()
    })
  }
}
