import type { ReplicaMessage } from "../replication/ReplicaMessage.ts"
import type { RingId } from "../ring/RingId.ts"
import type { Contact } from "./Contact.ts"

/**
 * What peers say to one another. The sender is not in the message: the transport's handshake established it, and
 * every `message` event names it. Each is fire and forget; whoever waits for an answer asks again or gives up.
 */
export type RingMessage =
  /** Heartbeat; answered by Pong. */
  | { readonly type: "Ping" }
  | { readonly type: "Pong" }
  /** A newcomer looks for the member it can join after; passed on as a lookup of `joiner.id` is. */
  | { readonly type: "Join"; readonly joiner: Contact; readonly hops: number; readonly budget: number }
  /** The member that precedes the newcomer grants it its own successor list (ring.md, join). */
  | { readonly type: "JoinReply"; readonly successors: ReadonlyArray<Contact> }
  /** The query of stabilize and of stabilizeFromPredecessor. `op` is the asker's and comes back unchanged. */
  | { readonly type: "StateQuery"; readonly op: number }
  /** `successors` has L entries and `predecessor` is a contact, unless `member` is false: then nothing counts. */
  | {
      readonly type: "StateReply"
      readonly op: number
      readonly member: boolean
      readonly successors: ReadonlyArray<Contact>
      readonly predecessor: Contact
    }
  /** "I may be your predecessor" (ring.md, rectify). */
  | { readonly type: "Notify" }
  /** Asks for the receiver's finger `index` (0 = successor). */
  | { readonly type: "FingerQuery"; readonly index: number }
  | { readonly type: "FingerReply"; readonly index: number; readonly finger: Contact | null }
  | LookupMessage
  /** The owner tells the asker directly. `hops` counts peer-to-peer messages, the last one reaching the owner. */
  | {
      readonly type: "LookupReply"
      readonly token: number
      readonly owner: Contact
      readonly hops: number
      readonly path: ReadonlyArray<string>
    }
  /** A graceful leave: from now on take me for gone, though I still answer. */
  | { readonly type: "Leaving" }
  | ReplicaMessage

/** A recursive lookup on its way to the owner of `key`. */
export interface LookupMessage {
  readonly type: "Lookup"
  /** The asker's own number for it, unique per boot of the asker. */
  readonly token: number
  readonly asker: Contact
  readonly key: RingId
  /** Messages sent so far, this one included; from 1. */
  readonly hops: number
  /** Finger hops still allowed; at 0 the lookup walks successors. */
  readonly budget: number
  /** The sender takes the receiver for the owner: it knows no peer between the key and it. */
  readonly final: boolean
  /** Names of the peers visited so far when a trace was asked for, else empty. */
  readonly path: ReadonlyArray<string>
  readonly trace: boolean
}

/** What a dispatcher or a tool says to a peer, and hears from it, on a connection of its own. */
export type ClientMessage =
  /** Which peer owns `key`? `token` is the asker's and comes back unchanged. */
  | { readonly type: "Find"; readonly token: number; readonly key: RingId; readonly trace: boolean }
  | ({ readonly type: "Found"; readonly token: number } & FindResult)
  /** What do you know? Answered by the peer's state as JSON (node/driver). */
  | { readonly type: "Inspect"; readonly token: number }
  | { readonly type: "Inspected"; readonly token: number; readonly json: string }
  /** Leave the ring gracefully and exit. */
  | { readonly type: "Leave"; readonly token: number }
  /**
   * What is in a client's session, or its reset; to the leader of its cell. Answered by the session as JSON
   * (node/peer/SessionReport.ts), or by why not.
   */
  | {
      readonly type: "Session"
      readonly token: number
      readonly client: string
      readonly action: "show" | "reset"
    }
  | { readonly type: "SessionShown"; readonly token: number; readonly json: string }

/** The end of a lookup: the owner, or null when no answer came in time (`hops` and `path` then mean nothing). */
export interface FindResult {
  readonly owner: Contact | null
  readonly hops: number
  readonly path: ReadonlyArray<string>
}

export type Message = RingMessage | ClientMessage
