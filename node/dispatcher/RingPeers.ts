import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { type Contact, isPlaceholder } from "../../core/peer/Contact.ts"
import type { Genesis } from "../../core/peer/Genesis.ts"
import { homeOf } from "../../core/ring/Cell.ts"
import type { Leader } from "../ingress/PeerHeaders.ts"
import type { PeerReport } from "../peer/PeerReport.ts"
import { connect, type RingClient } from "../transport/RingClient.ts"
import type { LeaderSource } from "./Leaders.ts"
import { RingAddresses } from "./RingAddresses.ts"

export interface RingPeersOptions {
  readonly genesis: Pick<Genesis, "cluster" | "cells">
  /** Ring addresses to begin with, `host:port`. */
  readonly seeds: ReadonlyArray<string>
  /** Dial these instead of what peers say of themselves: peer name -> ring `host:port` (a test mesh). */
  readonly routes?: ReadonlyMap<string, string>
  /** Of the draw in which order to dial: dispatchers with different ones spread over the peers. Any number. */
  readonly seed: number
  /** There is a peer to ask, and there was none before. */
  readonly onReachable: () => void
  /** There is none any more. */
  readonly onUnreachable: () => void
}

/** Peers to stay connected to: when one dies or freezes there are others to ask at once. */
const CONNECTIONS = 3
const CONNECT_MS = 1_000
/** How long one peer may take to answer before the next is asked, in ms. */
const FIND_MS = 250
const INSPECT_MS = 1_000
/** How often a connected peer is asked whom it knows, in ms. */
const REFRESH_MS = 5_000
/** Pause when there is no address to try, in ms. */
const NOTHING_TO_TRY_MS = 100
/** How long after the last connection was lost the ring still counts as reachable, in ms: others are being dialled. */
const GRACE_MS = 2_000

/**
 * Connections to a few peers of the ring, to ask them who leads a cell. They name further peers, so that those
 * known at the start may all go, as long as they do not go all at once.
 */
export const makeRingPeers = Effect.fnUntraced(function* (
  options: RingPeersOptions,
): Effect.fn.Return<LeaderSource, never, Scope.Scope> {
  const peers = new RingPeers(options)
  const dial = Effect.gen(function* () {
    for (let slot = 0; slot < CONNECTIONS; slot++) yield* Effect.forkScoped(peers.hold)
  })
  yield* Random.withSeed(dial, options.seed)
  return peers
})

class RingPeers implements LeaderSource {
  private readonly options: RingPeersOptions
  private readonly addresses = new RingAddresses()
  /** In the order to ask: whoever fails to answer goes to the end. */
  private readonly clients: Array<RingClient> = []
  private lostAt = Number.NEGATIVE_INFINITY

  constructor(options: RingPeersOptions) {
    this.options = options
    for (const seed of options.seeds) this.addresses.add(seed)
  }

  readonly reachable = (): boolean => this.clients.length > 0 || performance.now() - this.lostAt < GRACE_MS

  readonly find = async (cell: number, avoid: string | null): Promise<Leader | null> => {
    const { cells } = this.options.genesis
    const inOrder = this.clients.toSorted(
      (a, b) => Number(a.peer.name === avoid) - Number(b.peer.name === avoid),
    )
    for (const client of inOrder) {
      if (!this.clients.includes(client)) continue
      const answer = client.find(homeOf(cell, cells), { trace: false, deadlineMs: FIND_MS })
      const owner = await Effect.runPromise(
        Effect.match(answer, { onFailure: () => null, onSuccess: (found) => found.owner }),
      )
      if (owner !== null && !isPlaceholder(owner)) {
        this.addresses.add(this.wayTo(owner))
        return owner
      }
      this.demote(client)
    }
    return null
  }

  private demote(client: RingClient): void {
    const index = this.clients.indexOf(client)
    if (index >= 0) this.clients.push(...this.clients.splice(index, 1))
  }

  /** Holds one connection, to one peer after another, for ever. */
  readonly hold: Effect.Effect<never> = Effect.forever(
    Effect.flatMap(Random.next, (chance) => {
      const address = this.addresses.take(performance.now(), chance)
      return address === undefined ? Effect.sleep(NOTHING_TO_TRY_MS) : this.holdAt(address)
    }),
  )

  private holdAt(address: string): Effect.Effect<void> {
    return Effect.scoped(
      Effect.andThen(
        connect(address, { cluster: this.options.genesis.cluster, deadlineMs: CONNECT_MS }),
        (client) => this.use(client),
      ),
    ).pipe(
      Effect.match({
        onFailure: () => this.addresses.fail(address, performance.now()),
        onSuccess: (useful) => {
          if (useful) this.addresses.release(address)
          else this.addresses.fail(address, performance.now())
        },
      }),
    )
  }

  /** @returns whether the connection was of any use. */
  private use(client: RingClient): Effect.Effect<boolean> {
    // The same peer under another name, of a seed list for example.
    if (this.clients.some(({ peer }) => peer.id === client.peer.id)) return Effect.succeed(false)
    const enter = Effect.sync(() => {
      this.addresses.add(this.wayTo(client.peer))
      this.clients.push(client)
      if (this.clients.length === 1) this.options.onReachable()
    })
    const leave = Effect.sync(() => {
      this.clients.splice(this.clients.indexOf(client), 1)
      if (this.clients.length > 0) return
      this.lostAt = performance.now()
      this.options.onUnreachable()
    })
    return Effect.acquireUseRelease(
      enter,
      () => Effect.as(Effect.raceFirst(client.closed, this.refresh(client)), true),
      () => leave,
    )
  }

  /** Learns whom the peer knows, now and then; ends when it does not answer. */
  private refresh(client: RingClient): Effect.Effect<void> {
    return client.inspect(INSPECT_MS).pipe(
      Effect.tap((json) => Effect.sync(() => this.learn(json))),
      Effect.andThen(Effect.sleep(REFRESH_MS)),
      Effect.forever,
      Effect.ignore,
    )
  }

  private learn(json: string): void {
    const { known, successors } = JSON.parse(json) as PeerReport
    for (const peer of [...known, ...successors])
      if (!isPlaceholder(peer)) this.addresses.add(this.wayTo(peer))
  }

  private wayTo({ name, ring }: Pick<Contact, "name" | "ring">): string {
    return this.options.routes?.get(name) ?? ring
  }
}
