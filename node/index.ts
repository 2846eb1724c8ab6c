/**
 * The processes as a library, `ringstead/node`: what the command line runs, for programs that run it themselves, and
 * the client that tools ask peers with. Nothing in this repository imports it.
 */
export { DispatchError, runDispatcher } from "./dispatcher/Dispatcher.ts"
export type { ClientSource, DispatchOptions } from "./dispatcher/DispatchOptions.ts"
export type { InstanceState, ProcessEvent, ProcessLine } from "./log/ProcessEvent.ts"
export type { PeerOptions } from "./peer/PeerOptions.ts"
export { PeerError, runPeer } from "./peer/PeerProcess.ts"
export type { PeerReport } from "./peer/PeerReport.ts"
export { DialError } from "./transport/DialError.ts"
export {
  connect,
  type ConnectOptions,
  type FindOptions,
  type RingClient,
  RingClientError,
} from "./transport/RingClient.ts"
