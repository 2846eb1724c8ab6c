import type { Sent } from "./CoreNode.ts"
import type { KnownMessage, KnownNode } from "./Known.ts"

export type Restricted = "ask" | "crash" | "suspect" | "wait" | Sent["message"]["type"]

/** How often the environment may do what it does. */
export interface CoreOptions {
  readonly requests: number
  readonly crashes: number
  readonly restarts: number
  /** Suspicions of peers that are up. */
  readonly mistakes: number
  readonly waits: number
  /** Nothing is left out of what happens (CoreSystem.ts, system): for whoever checks that nothing is missed by it. */
  readonly whole?: boolean
  /**
   * The only peers at which these acts happen, or to which such messages come; all, unless it is said. For mutants that
   * no full search comes to in reasonable time: whatever is found is none the less a behaviour.
   */
  readonly only?: Readonly<Partial<Record<Restricted, ReadonlyArray<number>>>>
}

export type CoreAction =
  | { readonly type: "deliver"; readonly message: KnownMessage }
  | { readonly type: "flush" | "serve" | "wait" | "restart"; readonly at: number }
  | { readonly type: "crash"; readonly at: number; readonly kept: number }
  | { readonly type: "suspect" | "hear"; readonly at: number; readonly of: number }
  | { readonly type: "ask"; readonly at: number; readonly request: number }

/** All three peers, what is on its way between them, and what has happened so far. */
export interface CoreState {
  readonly nodes: ReadonlyArray<KnownNode>
  /** By increasing id. */
  readonly sent: ReadonlyArray<KnownMessage>
  /** By request: the peers that it was sent to, as bits; -1 once it is answered. */
  readonly asked: ReadonlyArray<number>
  readonly past: Past
  readonly left: CoreOptions
  readonly problem: string | null
}

/** What somebody knows who sees everything and forgets nothing. */
export interface Past {
  /** What a leader took for committed or answered from, by entry: the head behind it, and the first epoch that did. */
  readonly committed: ReadonlyArray<{ readonly head: string; readonly epoch: number } | undefined>
  /** Members of views by epoch, as they were first taken on. */
  readonly views: ReadonlyArray<string | undefined>
}

const texts = new WeakMap<Past, string>()

const pastText = (past: Past): string => {
  const known = texts.get(past)
  if (known !== undefined) return known
  const { committed, views } = past
  const text = `${committed.map((one) => one && `${one.head.slice(0, 16)}/${one.epoch}`).join()}|${views.join()}`
  texts.set(past, text)
  return text
}

/** Tells states apart, but for what is on its way. */
export const stateText = ({ asked, left, nodes, past, problem }: CoreState): string => {
  const { crashes, mistakes, restarts, waits } = left
  let text = String.fromCharCode(crashes, restarts, mistakes, waits)
  for (const { code } of nodes) text += code
  for (const one of asked) text += String.fromCharCode(one + 1)
  return `${text}${pastText(past)}${problem ?? ""}`
}
