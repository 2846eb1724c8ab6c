/**
 * The core as a library, `ringstead/core`: one namespace a concept. Nothing in this repository imports it.
 *
 * @example
 * import { Peer, RingId } from "ringstead/core"
 */
export * as Arc from "./ring/Arc.ts"
export * as Cell from "./ring/Cell.ts"
export * as Codec from "./codec/Codec.ts"
export * as Command from "./peer/Command.ts"
export * as Contact from "./peer/Contact.ts"
export * as Event from "./peer/Event.ts"
export * as Genesis from "./peer/Genesis.ts"
export * as Hasher from "./hashing/Hasher.ts"
export * as IdFingers from "./routing/IdFingers.ts"
export * as Leadership from "./peer/Leadership.ts"
export * as Message from "./peer/Message.ts"
export * as NextHop from "./routing/NextHop.ts"
export * as PaperRouting from "./routing/PaperRouting.ts"
export * as Peer from "./peer/Peer.ts"
export * as PeerState from "./peer/PeerState.ts"
export * as RankFingers from "./routing/RankFingers.ts"
export * as RingId from "./ring/RingId.ts"
export * as SuccessorList from "./membership/SuccessorList.ts"
export * as Trace from "./peer/Trace.ts"
