import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { modeOf } from "../../../core/peer/Genesis.ts"
import { homeOf } from "../../../core/ring/Cell.ts"
import { systemReason } from "../../log/SystemReason.ts"
import { markOf } from "../../service/ProcessMark.ts"
import { lockDirectory } from "../../storage/DirectoryLock.ts"
import { makeDirectory } from "../../storage/MakeDirectory.ts"
import type { ExitCode } from "../ExitCode.ts"
import { leaderById } from "../look/LeaderById.ts"
import { misconfigured, type Refusal, unavailable } from "../Refusal.ts"
import { banner } from "./Banner.ts"
import { warmCompileCache } from "./CompileCache.ts"
import { hasKeys } from "./Keys.ts"
import { upFileOf } from "./Member.ts"
import { Narrator } from "./Narrator.ts"
import { planRing, type RingPlan } from "./PlanRing.ts"
import { Screen } from "./Screen.ts"
import { makeSupervisor, type Supervisor } from "./Supervisor.ts"
import { readUpFile, UpFileWriter } from "./UpFile.ts"
import type { UpOptions } from "./UpOptions.ts"
import { SHORT_PAUSES } from "./ShortPauses.ts"

/** How long a ring may take to serve beyond what its services may take, in ms. */
const RING_READY_MS = 60_000

/** How long processes of an `up` that was killed may take to notice, in ms. */
const LEFTOVERS_MS = 8_000

/** Starts a ring, keeps it running, and stops it when interrupted; nothing of it is left then but its data. */
export const up = Effect.fnUntraced(function* (
  options: UpOptions,
): Effect.fn.Return<ExitCode, Refusal, Scope.Scope> {
  const screen = new Screen(process.stdout)
  yield* takeData(options.data)
  yield* leftoversGone(options.data)

  const file = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new UpFileWriter(
          options.data,
          () => upFileOf(supervisor.members()),
          (error) => screen.news(`cannot write ${join(options.data, "up.json")}: ${systemReason(error)}`),
        ),
    ),
    (writer) => Effect.promise(() => writer.remove()),
  )
  yield* Effect.promise(warmCompileCache)
  const plan: RingPlan = yield* planRing(options)
  const narrator = new Narrator({
    cells: plan.genesis.cells,
    mode: modeOf(plan.genesis),
    firstLeader: (cell) => leaderById(plan.genesis.founders, homeOf(cell, plan.genesis.cells))?.name,
    idOf: (name) => plan.plans.find((one) => one.name === name)?.id,
  })
  const supervisor: Supervisor = makeSupervisor(plan.plans, {
    binary: [process.execPath, ...SHORT_PAUSES, process.argv[1] ?? ""],
    restartAfterMs: options.restartAfterMs,
    onChange: () => {
      void file.changed()
      if (!serving && !stopping) screen.progress(progressOf(supervisor))
    },
    onEvent: ({ plan: { name } }, event) => {
      if (stopping) return
      const line = narrator.heard(name, event, performance.now())
      if (line !== undefined) screen.news(line)
      if (options.verbose && event.type === "service") screen.say(`${name} | ${event.line}`)
    },
    onEnd: ({ plan: { name } }, end, pauseMs) => {
      if (stopping) return
      screen.news(
        narrator.ended(name, end, pauseMs === null ? "it stays away" : `back in ${pauseMs / 1000} s`),
      )
    },
  })
  let serving = false
  let stopping = false

  const serve = Effect.gen(function* () {
    yield* untilReady(supervisor, options)
    serving = true
    narrator.started()
    screen.progress("")
    yield* Effect.promise(() => file.changed())
    screen.say(
      banner({
        ...plan,
        client: options.client,
        data: options.data,
        isDefaultData: options.isDefaultData,
        durability: options.journal.durability,
        standby: options.journal.standby,
        keys: hasKeys(),
      }),
    )
    screen.say("ready")
    yield* Effect.forkScoped(conclude(narrator, screen))
    if (!hasKeys()) return yield* Effect.never
    const { obeyKeys } = yield* Effect.promise(() => import("./Keys.ts"))
    return yield* obeyKeys({ supervisor, screen, data: options.data })
  })
  const stopped = Effect.sync(() => {
    stopping = true
    screen.progress("")
    screen.news("stopping")
  })
  return yield* Effect.raceFirst(
    supervisor.run,
    Effect.onExit(serve, () => stopped),
  )
})

/** How often is looked for what has come to an end, in ms. */
const CONCLUDE_MS = 200

const conclude = (narrator: Narrator, screen: Screen): Effect.Effect<never> =>
  Effect.forever(
    Effect.andThen(
      Effect.sleep(CONCLUDE_MS),
      Effect.sync(() => {
        for (const line of narrator.concluded(performance.now())) screen.news(line)
      }),
    ),
  )

/** The directory for us alone, made if missing. */
const takeData = (data: string): Effect.Effect<void, Refusal, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.try({
      try: () => makeDirectory(data),
      catch: (error) => misconfigured(`cannot make ${data}: ${systemReason(error)}; choose another --data`),
    })
    yield* lockDirectory(data).pipe(
      Effect.mapError(({ kind, reason }) =>
        misconfigured(
          kind === "inUse"
            ? `another 'ringstead up' runs on ${data}${holder(data)}; stop it, or choose another --data`
            : reason,
        ),
      ),
    )
  })

const holder = (data: string): string => {
  try {
    return ` (process ${readFileSync(join(data, "lock.pid"), "utf8").trim()})`
  } catch {
    return ""
  }
}

/** Processes of an `up` that was killed end when their leash does; until then they have its ports. */
const leftoversGone = (data: string): Effect.Effect<void> => {
  const left = readUpFile(data)
  const pids = [...(left?.peers ?? []), ...(left?.dispatchers ?? [])].flatMap(({ pid }) =>
    pid === null ? [] : [pid],
  )
  const wait: Effect.Effect<void> = Effect.suspend(() =>
    pids.some((pid) => markOf(pid) !== null) ? Effect.andThen(Effect.sleep(50), wait) : Effect.void,
  )
  return Effect.asVoid(Effect.timeoutOption(wait, LEFTOVERS_MS))
}

const untilReady = (supervisor: Supervisor, options: UpOptions): Effect.Effect<undefined, Refusal> =>
  Effect.gen(function* () {
    const withinMs = options.serviceReadyMs + RING_READY_MS
    const ready = yield* Effect.timeoutOption(supervisor.allReady, withinMs)
    if (Option.isSome(ready)) return undefined
    const missing = supervisor.members().filter(({ served }) => !served)
    return yield* unavailable(
      `not ready after ${withinMs / 1000} s: ${missing.map(({ plan }) => plan.name).join(", ")}; ` +
        `see ${join(options.data, missing[0]?.plan.name ?? "", "service.log")}`,
    )
  })

const progressOf = (supervisor: Supervisor): string => {
  const ready = (kind: "peer" | "dispatcher"): string => {
    const members = supervisor.members().filter(({ plan }) => plan.kind === kind)
    return `${members.filter(({ served }) => served).length}/${members.length} ${kind}s`
  }
  return `${ready("peer")}, ${ready("dispatcher")} ready`
}
