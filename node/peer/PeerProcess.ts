import { join } from "node:path"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { isUnprotected } from "../../core/peer/Genesis.ts"
import type { PeerConfig } from "../../core/peer/PeerState.ts"
import { known } from "../../core/peer/Turn.ts"
import { type Driver, makeDriver } from "../driver/Driver.ts"
import { type Ingress, runIngress } from "../ingress/Ingress.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { type Births, runBirths } from "../service/Births.ts"
import { openIdentity, type PeerIdentity } from "../storage/PeerIdentity.ts"
import type { PeerOptions } from "./PeerOptions.ts"
import type { PeerReport } from "./PeerReport.ts"

/** The peer cannot run, or not go on. */
export class PeerError extends Data.TaggedError("PeerError")<{
  /** What is to be mended: how it was set up, or what it needs of this machine. */
  readonly kind: "configuration" | "environment"
  /** One line that names the input and the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** How long a leaving peer goes on answering, in ms: whoever still comes here learns where to go instead. */
const LINGER_MS = 500

/** How long a leaving peer waits for requests in flight, in ms. */
const DRAIN_MS = 5_000

/**
 * One peer of the ring: identity, ring port, service instance and HTTP ingress. It joins only when its instance is
 * ready, so that it leads nothing it cannot serve. Runs until somebody asks it over the ring port to leave; when its
 * scope closes it leaves gracefully, and nothing of it stays behind.
 */
export const runPeer = Effect.fn("runPeer")(function* (
  options: PeerOptions,
  emit: (event: ProcessEvent) => void,
): Effect.fn.Return<void, PeerError, Scope.Scope> {
  const { genesis } = options
  const warn = (reason: string): void => emit({ type: "warning", reason })
  const identity = yield* openIdentity(options).pipe(
    Effect.mapError(({ reason }) => new PeerError({ kind: "configuration", reason })),
  )
  if (isUnprotected(genesis)) {
    warn(`unprotected: ${genesis.founders.length} founders are fewer than ${genesis.replicas} replicas`)
  }

  const leaveAsked = yield* Deferred.make<void>()
  const settled = yield* Deferred.make<void>()
  let instance: Births | undefined
  const driver: Driver = yield* makeDriver({
    cluster: genesis.cluster,
    config: configOf(options, identity),
    boot: identity.boot,
    listen: identity.self.ring,
    routes: options.routes,
    journal: null,
    onTrace: emit,
    onSettled: () => {
      Deferred.doneUnsafe(settled, Effect.void)
    },
    onLeft: () => {},
    onProblem: warn,
    onLeaveAsked: () => {
      Deferred.doneUnsafe(leaveAsked, Effect.void)
    },
    inspect: () => JSON.stringify(reportOf(options, identity, driver, instance)),
    onSession: (_client, _action, reply) => reply("null"),
  }).pipe(Effect.mapError(({ message }) => new PeerError({ kind: "environment", reason: message })))

  const ingress = yield* runIngress({
    listen: identity.self.http,
    self: identity.self,
    genesis,
    leadership: driver.leadership,
    upstream: () => instance?.upstream() ?? null,
    answerMs: options.serviceAnswerMs,
    bodyLimit: options.bodyLimit,
    onHang: () => instance?.kill(`it gave no answer in ${options.serviceAnswerMs} ms`),
    emit,
  }).pipe(Effect.mapError(({ reason }) => new PeerError({ kind: "environment", reason })))
  emit({ type: "listening", ring: identity.self.ring, http: identity.self.http })

  instance = yield* runBirths({
    command: options.service,
    logFile: join(options.data, "service.log"),
    recordFile: join(options.data, "instance.json"),
    readyMs: options.serviceReadyMs,
    emit,
  }).pipe(Effect.mapError(({ reason }) => new PeerError({ kind: "environment", reason })))

  yield* Effect.addFinalizer(() => leave(driver, ingress))
  driver.start()
  yield* Effect.forkScoped(seek(options.seeds, driver, warn))
  yield* Deferred.await(settled)
  emit({ type: "ready" })
  yield* Deferred.await(leaveAsked)
})

const configOf = (options: PeerOptions, { self, firstBoot }: PeerIdentity): PeerConfig => ({
  self,
  founders: options.genesis.founders,
  founding: firstBoot && options.genesis.founders.some((founder) => founder.id === self.id),
  successors: options.genesis.successors,
  cells: options.genesis.cells,
  tickMs: options.tickMs,
  suspectTicks: options.suspectTicks,
  journal: null,
})

/** The ring hears of it first; then requests in flight end, and latecomers are sent on for a moment. */
const leave = Effect.fnUntraced(function* (driver: Driver, ingress: Ingress) {
  driver.leave()
  yield* Effect.all([Effect.sleep(LINGER_MS), ingress.drained.pipe(Effect.timeoutOption(DRAIN_MS))], {
    concurrency: "unbounded",
  })
})

/** Finds out who listens at each of the seed addresses, for as long as it takes. */
const seek = (seeds: ReadonlyArray<string>, driver: Driver, warn: (reason: string) => void) =>
  Effect.forEach(
    seeds,
    (address) =>
      driver.transport.resolve(address).pipe(
        Effect.tapError((error) => Effect.sync(() => warn(error.message))),
        Effect.retry(Schedule.spaced(1_000)),
        Effect.map(driver.seed),
        Effect.orDie,
      ),
    { concurrency: "unbounded", discard: true },
  )

const reportOf = (
  options: PeerOptions,
  identity: PeerIdentity,
  driver: Driver,
  instance: Births | undefined,
): PeerReport => {
  const state = driver.state()
  return {
    cluster: options.genesis.cluster,
    self: identity.self,
    boot: identity.boot,
    pid: process.pid,
    member: state.phase === "member",
    leaving: state.phase === "leaving",
    successors: state.successors,
    predecessor: state.phase === "joining" ? null : state.predecessor,
    fingers: state.fingers,
    suspected: [...state.detector.suspected.values()].map((suspicion) => suspicion.peer),
    known: known(state),
    instance: instance?.state() ?? { state: "starting", pid: null, restarts: 0 },
  }
}
