import { join } from "node:path"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { parseNoise } from "../../core/handoff/Noise.ts"
import { makeHasher } from "../../core/hashing/Hasher.ts"
import type { Contact } from "../../core/peer/Contact.ts"
import { isUnprotected } from "../../core/peer/Genesis.ts"
import { known } from "../../core/peer/Turn.ts"
import { type Driver, makeDriver } from "../driver/Driver.ts"
import { type Ingress, runIngress } from "../ingress/Ingress.ts"
import { isReadOnly, parseReadOnlyRoute, type ReadOnlyRoute } from "../ingress/ReadOnlyRoutes.ts"
import { oneLine } from "../log/OneLine.ts"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { systemReason } from "../log/SystemReason.ts"
import { type Instances, runInstances } from "../service/Instances.ts"
import { type JournalStore, openJournal } from "../storage/JournalStore.ts"
import { KnownDisks } from "../storage/KnownDisks.ts"
import { openIdentity, type PeerIdentity, takeNewIncarnation } from "../storage/PeerIdentity.ts"
import { whyNotBodyLimit } from "./BodyLimit.ts"
import { coreConfig, isJournaled } from "./CoreConfig.ts"
import { journalReport } from "./JournalReport.ts"
import type { PeerOptions } from "./PeerOptions.ts"
import type { PeerReport } from "./PeerReport.ts"
import { resetAnswer, type SessionAnswer, sessionAnswer } from "./SessionReport.ts"
import { openTrace } from "./TraceFile.ts"

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

const misconfigured = ({ reason }: { readonly reason: string }): PeerError =>
  new PeerError({ kind: "configuration", reason })

const unavailable = ({ reason }: { readonly reason: string }): PeerError =>
  new PeerError({ kind: "environment", reason })

/**
 * How long a leaving peer may take to hand over what it leads, in ms. The core gives up when nobody takes over anything
 * for five seconds; with what follows the process ends within the thirty that supervisors commonly grant.
 */
const HANDOVER_MS = 12_000

/** How long a leaving peer goes on answering, in ms: whoever still comes here learns where to go instead. */
const LINGER_MS = 500

/** How long a leaving peer waits for requests in flight, in ms. */
const DRAIN_MS = 5_000

/**
 * One peer of the ring: identity, journal, ring port, service instance and HTTP ingress. It joins only when its
 * instance is ready, so that it leads nothing it cannot serve. Runs until somebody asks it over the ring port to leave,
 * or its journal can be written no more; when its scope closes it leaves gracefully, and nothing of it stays behind.
 *
 * @param isOver whether the whole ring ends, asked when the scope closes: there is nobody to hand over to then, and all
 *   that there is waits on disks for the next start
 */
export const runPeer = Effect.fn("runPeer")(function* (
  options: PeerOptions,
  emit: (event: ProcessEvent) => void,
  isOver: () => boolean = () => false,
): Effect.fn.Return<void, PeerError, Scope.Scope> {
  const { genesis } = options
  const warn = (reason: string): void => emit({ type: "warning", reason })
  const tooLarge = whyNotBodyLimit(genesis, options.bodyLimit)
  if (tooLarge !== undefined) return yield* refuse({ problem: tooLarge })
  const noise = parseNoise(options.ignore)
  if ("problem" in noise) return yield* refuse(noise)
  const readOnly: Array<ReadOnlyRoute> = []
  for (const route of options.readOnly.map(parseReadOnlyRoute)) {
    if ("problem" in route) return yield* refuse(route)
    readOnly.push(route)
  }
  const identity = yield* openIdentity(options).pipe(Effect.mapError(misconfigured))
  if (isUnprotected(genesis)) {
    warn(`unprotected: ${genesis.founders.length} founders are fewer than ${genesis.replicas} replicas`)
  }

  const trace =
    options.trace === undefined
      ? undefined
      : yield* openTrace(options.trace, warn).pipe(Effect.mapError(misconfigured))

  const hash = makeHasher(genesis.hash)
  const leaveAsked = yield* Deferred.make<void>()
  const settled = yield* Deferred.make<void>()
  const left = yield* Deferred.make<void>()
  const failed = yield* Deferred.make<never, PeerError>()
  const disowned = yield* Deferred.make<string>()
  const storageFailed = (reason: string): void => {
    Deferred.doneUnsafe(failed, Effect.fail(unavailable({ reason })))
    driver.tell({ type: "storageFailed" })
  }
  const store: JournalStore | null = isJournaled(options)
    ? yield* openJournal({
        directory: identity.journal,
        durability: options.durability,
        onDurable: (upTo) => driver.tell({ type: "persisted", upTo }),
        onFailed: storageFailed,
        warn,
      }).pipe(
        Effect.mapError(({ kind, reason }) =>
          (kind === "unusable" ? unavailable : misconfigured)({ reason }),
        ),
      )
    : null
  // Without a journal there is nothing that a peer could have lost.
  const isKnown = isJournaled(options) ? yield* knownDisks(options.data, storageFailed) : () => true
  let instances: Instances | undefined
  const driver: Driver = yield* makeDriver({
    cluster: genesis.cluster,
    config: coreConfig(options, identity),
    boot: identity.boot,
    disk: {
      own: identity.disk,
      isKnown,
      onDisowned: (reason) => {
        Deferred.doneUnsafe(disowned, Effect.succeed(reason))
        // It says nothing more that rests on what it lost.
        driver.tell({ type: "storageFailed" })
      },
    },
    listen: identity.self.ring,
    routes: options.routes,
    journal: store === null ? null : { store, instances: () => instancesOf(instances) },
    onTrace: emit,
    ...(trace !== undefined && { trace }),
    onSettled: () => {
      Deferred.doneUnsafe(settled, Effect.void)
    },
    onLeft: () => {
      Deferred.doneUnsafe(left, Effect.void)
    },
    onProblem: warn,
    onLeaveAsked: () => {
      Deferred.doneUnsafe(leaveAsked, Effect.void)
    },
    inspect: () => JSON.stringify(reportOf(options, identity, driver, instances, store)),
    onSession: (client, action, reply) => {
      const answer = (said: SessionAnswer): void => reply(JSON.stringify(said))
      if (action === "show" || store === null) return answer(sessionAnswer(driver.state(), genesis, client))
      driver.reset(hash.cell(client, genesis.cells), client, (ended) => answer(resetAnswer(ended)))
    },
  }).pipe(Effect.mapError(({ message }) => unavailable({ reason: message })))

  const ingress = yield* runIngress({
    listen: identity.self.http,
    self: identity.self,
    genesis,
    journal:
      store === null
        ? null
        : { request: driver.request, readOnly: (method, path) => isReadOnly(readOnly, method, path) },
    leadership: driver.leadership,
    upstream: () => instances?.upstream() ?? null,
    answerMs: options.serviceAnswerMs,
    bodyLimit: options.bodyLimit,
    onHang: () => instances?.kill(`it gave no answer in ${options.serviceAnswerMs} ms`),
    emit,
  }).pipe(Effect.mapError(unavailable))
  emit({ type: "listening", ring: identity.self.ring, http: identity.self.http })

  // What is heard of instances before there is a core that has begun.
  let birth: number | null = null
  let begun = false
  instances = yield* runInstances({
    command: options.service,
    logFile: join(options.data, "service.log"),
    recordFile: join(options.data, "instance.json"),
    readyMs: options.serviceReadyMs,
    answerMs: options.serviceAnswerMs,
    responseLimit: options.bodyLimit,
    noise,
    onBirth: (newest) => {
      birth = newest
      if (begun) driver.tell({ type: "instance", birth })
    },
    onGone: (one) => {
      if (begun) driver.tell({ type: "gone", birth: one })
    },
    emit,
  }).pipe(Effect.mapError(unavailable))

  yield* Effect.addFinalizer(() =>
    isOver()
      ? Effect.timeoutOption(ingress.drained, LINGER_MS)
      : leave(driver, ingress, store === null ? Effect.void : Deferred.await(left)),
  )
  begun = true
  driver.start()
  driver.tell({ type: "instance", birth })
  yield* Effect.forkScoped(seek(options.seeds, driver, warn))
  const serving = Effect.gen(function* () {
    yield* Deferred.await(settled)
    emit({ type: "ready" })
    yield* Deferred.await(leaveAsked)
  })
  yield* Effect.raceAllFirst([serving, Deferred.await(failed), beginAnew(options, disowned)])
})

/** With which disks other peers were met; `failed` hears of it when that can be written no more. */
const knownDisks = (data: string, failed: (reason: string) => void) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => new KnownDisks(data),
      catch: (error) =>
        unavailable({ reason: `${data}/known-disks cannot be used: ${systemReason(error)}; mend that` }),
    }),
    (disks) => Effect.sync(() => disks.close()),
  ).pipe(
    Effect.map((disks) => (peer: Contact, disk: string): boolean => {
      try {
        return disks.isKnown(peer, disk)
      } catch (error) {
        failed(
          `${data}/known-disks cannot be written: ${systemReason(error)}; mend that, then start the peer again`,
        )
        // It is this peer that has a problem, and it is about to end.
        return true
      }
    }),
  )

/** Once other peers have said that this one has lost its disk: it may be a member of nothing that it was one of. */
const beginAnew = Effect.fnUntraced(function* (options: PeerOptions, disowned: Deferred.Deferred<string>) {
  const reason = yield* Deferred.await(disowned)
  const incarnation = yield* takeNewIncarnation(options).pipe(Effect.mapError(unavailable))
  return yield* unavailable({
    reason: `${oneLine(reason)}; it is incarnation ${incarnation} from now on, start it again and it joins as that`,
  })
})

/** The core runs nothing before it has heard of an instance. */
const instancesOf = (instances: Instances | undefined): Instances => {
  if (instances === undefined) throw new Error("a command for the service before it is there")
  return instances
}

/** What is wrong with how the peer was told to be, as its end. */
const refuse = ({ problem }: { readonly problem: string }): Effect.Effect<never, PeerError> =>
  Effect.fail(misconfigured({ reason: problem }))

/**
 * The ring hears of it first; what this peer leads is handed over; then requests in flight end, and latecomers are sent
 * on for a moment.
 */
const leave = Effect.fnUntraced(function* (driver: Driver, ingress: Ingress, left: Effect.Effect<void>) {
  driver.leave()
  const inTime = yield* Effect.timeoutOption(left, HANDOVER_MS)
  if (Option.isNone(inTime)) driver.leave()
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
  instances: Instances | undefined,
  store: JournalStore | null,
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
    instance: instances?.state() ?? { state: "starting", pid: null, restarts: 0 },
    journal: journalReport(state, { options, bytes: store?.bytes() ?? 0 }),
    left: [...state.detector.suspected.values()].flatMap(({ peer, reason }) =>
      reason === "leaving" ? [peer] : [],
    ),
  }
}
