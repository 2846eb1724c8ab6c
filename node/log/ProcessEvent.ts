import type { TraceRecord } from "../../core/peer/Trace.ts"

/**
 * What a peer or dispatcher process tells its operator, one line each on standard output: prose by default, JSON
 * (`--log json`) for whoever supervises it: `{"at": ISO time, "who": process name, "event": ProcessEvent}`.
 */
export type ProcessEvent =
  | TraceRecord
  /** Sockets are open. `ring` is absent for a dispatcher. */
  | { readonly type: "listening"; readonly ring?: string; readonly http: string }
  /** A peer: member of the ring that has heard its neighbours, with its instance ready. A dispatcher: it has found a peer to ask. */
  | { readonly type: "ready" }
  | { readonly type: "instance"; readonly state: InstanceState; readonly pid: number | null }
  /** A line that the service instance wrote. */
  | { readonly type: "service"; readonly stream: "out" | "err"; readonly line: string }
  /** Something an operator should know that stops nothing. */
  | { readonly type: "warning"; readonly reason: string }
  /** The process ends because of this; one line with the remedy. */
  | { readonly type: "failed"; readonly reason: string }

/** `starting`: spawned, not ready; `ready`: answers on its port; `down`: died, to be started again; `stopped`: for good. */
export type InstanceState = "starting" | "ready" | "down" | "stopped"

export interface ProcessLine {
  readonly at: string
  readonly who: string
  readonly event: ProcessEvent
}
