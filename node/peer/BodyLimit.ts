import { type Genesis, modeOf } from "../../core/peer/Genesis.ts"
import { FRAME_LIMIT } from "../transport/Frame.ts"

/** What a message that carries an entry holds besides two bodies, in bytes: two heads of HTTP are nearly all of it. */
const OTHER_BYTES = 2 ** 18

/**
 * The largest body, of a request or a response, that can be journaled, in bytes: an entry holds one of each and reaches
 * other peers in one frame, whole. One that does not fit would never be committed, nor anything behind it in its cell.
 */
export const MOST_BODY_BYTES = (FRAME_LIMIT - OTHER_BYTES) / 2

/** Why a cluster's peers cannot let in bodies of so many bytes, in one line; undefined when they can. */
export const whyNotBodyLimit = (genesis: Genesis, bodyLimit: number): string | undefined =>
  modeOf(genesis) === "stateless" || bodyLimit <= MOST_BODY_BYTES
    ? undefined
    : `--body-limit ${bodyLimit}: requests and answers of more than ${MOST_BODY_BYTES} bytes cannot be journaled; give at most that, or make the genesis file with --mode stateless`
