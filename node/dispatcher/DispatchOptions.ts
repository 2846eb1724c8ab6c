import type { Genesis } from "../../core/peer/Genesis.ts"

/** Where a client's name is looked for, in the order given; the first that yields a name decides. */
export type ClientSource =
  | { readonly kind: "header"; readonly header: string }
  | { readonly kind: "cookie" }
  | { readonly kind: "basic" }
  | { readonly kind: "address" }

/** All that one dispatcher process is told; checked by whoever builds it (the command line). */
export interface DispatchOptions {
  readonly genesis: Genesis
  readonly name: string
  /** `host:port` to listen on. */
  readonly listen: string
  /** Never empty; the default is the cookie alone. */
  readonly client: ReadonlyArray<ClientSource>
  /** Ring addresses to ask; the founders' by default. */
  readonly seeds: ReadonlyArray<string>
  /** Dial these instead of what peers say of themselves: peer name -> HTTP `host:port` (a test mesh). */
  readonly routes: ReadonlyMap<string, string>
  /** As `routes`, for their ring ports. */
  readonly ringRoutes: ReadonlyMap<string, string>
  /** How long a request may take in all, retries included, in ms. */
  readonly deadlineMs: number
  /** Largest request body, in bytes. */
  readonly bodyLimit: number
}
