import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { ExitCode } from "../ExitCode.ts"
import { misconfigured, type Refusal, unavailable } from "../Refusal.ts"
import { type ChildEnd, startChild } from "./Child.ts"
import { after, begun, ended, type Member, type MemberPlan, planned } from "./Member.ts"

export interface SupervisorOptions {
  /** How to run this binary: program and arguments up to the subcommand. */
  readonly binary: readonly [program: string, ...args: ReadonlyArray<string>]
  /** Pause before a member that died is started again, in ms; null for never. */
  readonly restartAfterMs: number | null
  /** A member said something; `members` already shows it. */
  readonly onEvent: (member: Member, event: ProcessEvent) => void
  /** A member ended, and stays down for `pauseMs`, or until told otherwise when that is null. */
  readonly onEnd: (member: Member, end: ChildEnd, pauseMs: number | null) => void
  /** Anything in {@link Supervisor.members} changed. */
  readonly onChange: () => void
}

/** Keeps the processes of a local ring running. */
export interface Supervisor {
  /** In the order of the plans they were made from. */
  readonly members: () => ReadonlyArray<Member>
  /** Runs all members until interrupted; fails when one cannot be started for the first time. */
  readonly run: Effect.Effect<never, Refusal>
  /** Done when every member is ready, for the first time. */
  readonly allReady: Effect.Effect<void>
  /** Kills a member as `kill -9` would; false when it is not running. */
  readonly kill: (name: string) => boolean
  /** Starts a member that is down now rather than later; false when it is not down. */
  readonly restart: (name: string) => boolean
}

/** Everything about one member that changes. */
interface Post {
  member: Member
  kill: ((signal: NodeJS.Signals) => void) | undefined
  /** Ends the pause that the member is in. */
  wake: Deferred.Deferred<void> | undefined
}

export const makeSupervisor = (plans: ReadonlyArray<MemberPlan>, options: SupervisorOptions): Supervisor => {
  const posts: ReadonlyArray<Post> = plans.map((plan) => ({
    member: planned(plan),
    kill: undefined,
    wake: undefined,
  }))
  const allReady = Deferred.makeUnsafe<void>()

  const become = (post: Post, member: Member): void => {
    if (post.member === member) return
    post.member = member
    options.onChange()
  }

  const hear = (post: Post, event: ProcessEvent): void => {
    become(post, after(post.member, event))
    options.onEvent(post.member, event)
    if (posts.every(({ member }) => member.served)) Deferred.doneUnsafe(allReady, Effect.void)
  }

  const runOnce = (post: Post): Effect.Effect<ChildEnd, Refusal> =>
    Effect.scoped(
      Effect.gen(function* () {
        const { plan } = post.member
        mkdirSync(plan.folder, { recursive: true })
        const child = yield* startChild({
          command: [...options.binary, ...plan.args],
          errorFile: join(plan.folder, "error.log"),
          onEvent: (event) => hear(post, event),
        })
        post.kill = child.kill
        become(post, { ...post.member, pid: child.pid })
        return yield* child.ended
      }),
    )

  const keepRunning = Effect.fnUntraced(function* (post: Post): Effect.fn.Return<never, Refusal> {
    for (;;) {
      become(post, begun(post.member))
      const end = yield* runOnce(post)
      post.kill = undefined
      const left = end.code === 0 && post.member.served
      become(post, ended(post.member, left ? "left" : "down"))
      const fatal = whyFatal(post.member, end)
      if (fatal !== undefined) return yield* fatal
      const pauseMs = left ? null : options.restartAfterMs
      options.onEnd(post.member, end, pauseMs)
      yield* pause(post, pauseMs)
    }
  })

  const pause = Effect.fnUntraced(function* (post: Post, pauseMs: number | null) {
    const wake = yield* Deferred.make<void>()
    post.wake = wake
    yield* pauseMs === null ? Deferred.await(wake) : Effect.timeoutOption(Deferred.await(wake), pauseMs)
    post.wake = undefined
  })

  const postOf = (name: string): Post | undefined => posts.find(({ member }) => member.plan.name === name)

  return {
    members: () => posts.map(({ member }) => member),
    run: Effect.all(posts.map(keepRunning), { concurrency: "unbounded", discard: true }).pipe(
      Effect.andThen(Effect.never),
    ),
    allReady: Deferred.await(allReady),
    kill: (name) => {
      const post = postOf(name)
      post?.kill?.("SIGKILL")
      return post?.kill !== undefined
    },
    restart: (name) => {
      const wake = postOf(name)?.wake
      return wake !== undefined && Deferred.doneUnsafe(wake, Effect.void)
    },
  }
}

/**
 * A member that gave up before it ever served will not serve by being started again, and one that is set up wrongly
 * neither; one that somebody killed may.
 */
const whyFatal = ({ plan, served }: Member, end: ChildEnd): Refusal | undefined => {
  const misconfiguration = end.code === ExitCode.config || end.code === ExitCode.usage
  if (end.signal !== null || (served && !misconfiguration)) return undefined
  const complaint = end.complaint === "" ? `ended with code ${end.code} before it was ready` : end.complaint
  const reason = `${plan.name}: ${complaint}`
  return misconfiguration ? misconfigured(reason) : unavailable(reason)
}
