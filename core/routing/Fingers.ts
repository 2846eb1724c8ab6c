import * as Detector from "../membership/Detector.ts"
import { type Contact, sameContact } from "../peer/Contact.ts"
import { firstUsable, isSelf, isUsable, send, type Turn } from "../peer/Turn.ts"
import { between } from "../ring/Arc.ts"

/**
 * Refreshes one finger, each in its turn: finger[0] is the first successor, finger[k] is what finger[k-1] calls its
 * own finger[k-1], so that one message refreshes one finger and finger[k] is 2^k peers ahead whatever the ids
 * (Schuett et al., "Chord#", 2006).
 */
export const refreshFinger = (turn: Turn): void => {
  const first = firstUsable(turn.state)
  // With no successor at all the fingers are what is left to recover by.
  if (first === undefined) return
  if (isSelf(turn.state, first)) {
    turn.state = { ...turn.state, fingers: [] }
    return
  }
  const [, ...rest] = turn.state.fingers
  const fingers = [first, ...rest]
  const index = turn.state.turns % fingers.length
  const asked = fingers[index]
  turn.state = { ...turn.state, fingers }
  if (asked === undefined || !isUsable(turn.state, asked)) return
  turn.state = { ...turn.state, detector: Detector.awaitAnswer(turn.state.detector, asked) }
  send(turn, asked, { type: "FingerQuery", index })
}

/** What this peer calls its finger `index`, for whoever asks; null when it has none so far out. */
export const fingerAt = (turn: Turn, index: number): Contact | null => {
  const finger = index === 0 ? firstUsable(turn.state) : turn.state.fingers[index]
  return finger === undefined || !isUsable(turn.state, finger) ? null : finger
}

/** `from`, asked for its finger `index`, names our finger `index` + 1; none, or one past ourselves, ends the table. */
export const onFingerReply = (turn: Turn, from: Contact, index: number, finger: Contact | null): void => {
  const { config, fingers } = turn.state
  const asked = fingers[index]
  if (asked === undefined || asked.id !== from.id) return
  if (finger === null || !between(asked.id, finger.id, config.self.id)) {
    if (index + 1 < fingers.length) turn.state = { ...turn.state, fingers: fingers.slice(0, index + 1) }
    return
  }
  const known = fingers[index + 1]
  if (known !== undefined && sameContact(known, finger)) return
  // Fingers beyond one that moved are kept as they are: a little off beats none at all, and their turn comes.
  const beyond = fingers.slice(index + 2).filter((one) => between(finger.id, one.id, config.self.id))
  turn.state = { ...turn.state, fingers: [...fingers.slice(0, index + 1), finger, ...beyond] }
}
