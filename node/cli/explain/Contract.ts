import type { Mode } from "../../../core/peer/Genesis.ts"

/** One line of what a service is promised, and what it must be, in each mode. */
export interface Clause extends Readonly<Record<Mode, string>> {
  readonly about: string
}

/** The contract with a service. What an acknowledged request rests on depends on `--durability`. */
export const CONTRACT: ReadonlyArray<Clause> = [
  {
    about: "change to the service",
    stateless: "none",
    replay: "none; one process per peer",
  },
  {
    about: "state survives kill -9 of fewer than a majority of a session's replicas",
    stateless: "no",
    replay: "every acknowledged request",
  },
  {
    about: "a request in flight",
    stateless: "idempotent methods are retried, others get 502",
    replay: "journaled once, answered once; a retry attaches to it",
  },
  {
    about: "effects on the session",
    stateless: "whatever the retries do",
    replay: "exactly once per entry, in the client's order",
  },
  {
    about: "effects outside the instance (mail, payment, another database)",
    stateless: "as without Ringstead, retries included",
    replay: "at least once: the service may look at Ringstead-Replay: 1 and Idempotency-Key",
  },
  {
    about: "needs",
    stateless: "nothing",
    replay: "each client's state depends only on that client's requests, deterministically",
  },
  {
    about: "a replay that differs",
    stateless: "-",
    replay:
      "counted, reported, the session fenced (503, Ringstead-Status: diverged) until 'ringstead session reset'; never guessed",
  },
  {
    about: "limits",
    stateless: "of a request",
    replay: "of a request, an answer and a client's whole session, then a clear error",
  },
]

/** What no mode promises. */
export const GAP =
  "A dispatcher names each request, so its own retries are recognised. If the dispatcher itself dies, " +
  "a client that sends again makes a new request, unless it carries Idempotency-Key and the client had a name " +
  "already: one that is named by our cookie has none before its first answer that sets a cookie."
