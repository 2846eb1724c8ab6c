import type { RingMessage } from "../../core/peer/Message.ts"
import type { Sha256 } from "../../core/replication/Chain.ts"
import { type Held, StagedJournal } from "./StagedJournal.ts"

/**
 * What chance hardly brings about: schedules played by hand on the shipped code, each aimed at one rule of journal.md.
 * They find faults only together with the promises that are held against every step.
 */
export interface Schedule {
  readonly name: string
  readonly play: (sha256?: Sha256) => StagedJournal
}

type Type = RingMessage["type"]

/** Of these types. */
const is =
  (...types: ReadonlyArray<Type>) =>
  ({ message }: Held): boolean =>
    types.includes(message.type)

const isOfFirstBoot = ({ message }: Held): boolean =>
  message.type === "AppendAck" && message.round?.boot === 1

const PATIENCE = 1_500

/** Of that epoch or a later one, or a log of any. */
const isOfLater = ({ message }: Held, epoch: number): boolean =>
  "epoch" in message && (message.epoch >= epoch || message.type === "Pull" || message.type === "Pulled")

/** What replicas say of views and logs. */
const isOfCell = ({ message }: Held): boolean => "cell" in message

/** A schedule that did not come where it was meant to go shows nothing. */
const reached = (yes: boolean, what: string): void => {
  if (!yes) throw new RangeError(`the schedule went another way: ${what}`)
}

/** The leader has committed one request, of ada, and its two members know. */
const begun = (sha256: Sha256 | undefined, standby?: "warm" | "cold"): StagedJournal => {
  const stage = new StagedJournal(sha256, standby)
  stage.ask(stage.leader, "ada", "a1")
  stage.run(300)
  reached(stage.answers.has("a1"), "the first request is answered")
  return stage
}

/** The leader is cut off from the cell, and the second member leads the next view. */
const superseded = (
  stage: StagedJournal,
  held: (one: Held) => boolean = stage.isolate(stage.leader),
): void => {
  stage.stop(held)
  stage.suspect(stage.second, stage.leader)
  stage.suspect(stage.third, stage.leader)
  stage.run(PATIENCE)
  reached(stage.serves(stage.second) || stage.serves(stage.third), "somebody else leads")
}

const successor = (stage: StagedJournal) => (stage.serves(stage.second) ? stage.second : stage.third)

export const schedules: ReadonlyArray<Schedule> = [
  {
    name: "a leader that does not know that it is one no more is asked to read",
    play: (sha256) => {
      const stage = begun(sha256)
      superseded(stage)
      stage.ask(successor(stage), "ada", "a2")
      stage.run(300)
      reached(stage.answers.has("a2"), "the new leader answers")
      reached(stage.serves(stage.leader), "the old leader still believes that it leads")
      stage.look(stage.leader, "ada", "look")
      stage.run(300)
      return stage
    },
  },
  {
    name: "a read, and an acknowledgement of a round before the restart",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third, journal } = stage
      // Rounds of the first life go up; the last acknowledgement of each member is held back.
      for (let n = 0; n < 5; n++) {
        stage.look(leader, "ada", `early${n}`)
        stage.run(200)
      }
      stage.stop(is("AppendAck"))
      stage.look(leader, "ada", "late")
      stage.run(20)
      reached(stage.holds(is("AppendAck")), "acknowledgements are under way")
      stage.stop(() => false)
      journal.ring.vanish(leader.name)
      journal.ring.restart(leader, journal.founders)
      stage.run(400)
      reached(stage.serves(leader), "the restarted leader serves")
      stage.stop(stage.isolate(leader))
      stage.suspect(second, leader)
      stage.suspect(third, leader)
      stage.run(PATIENCE)
      stage.ask(successor(stage), "ada", "a2")
      stage.run(300)
      reached(stage.answers.has("a2"), "the new leader answers")
      stage.look(leader, "ada", "look")
      stage.run(20)
      stage.release(isOfFirstBoot)
      stage.run(100)
      return stage
    },
  },
  {
    name: "a read while another session's entry is under way",
    play: (sha256) => {
      const stage = begun(sha256)
      stage.stop(({ message }) => message.type === "Append" && message.items.length > 0)
      stage.ask(stage.leader, "bob", "b1")
      stage.run(20)
      stage.look(stage.leader, "ada", "look")
      stage.run(40)
      return stage
    },
  },
  {
    name: "a leader that was asked to promise is asked by a client",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second } = stage
      stage.stop(is("Promise", "Accept"))
      stage.suspect(second, leader)
      stage.run(20)
      reached(stage.replica(leader)?.record.ballot !== null, "the leader is sealed")
      stage.ask(leader, "ada", "a2")
      stage.run(200)
      return stage
    },
  },
  {
    name: "the heartbeat of a leader to a member that has promised",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third } = stage
      stage.stop(
        ({ to, message }) =>
          message.type === "Promise" || (message.type === "Prepare" && to.name === leader.name),
      )
      stage.suspect(second, leader)
      stage.run(20)
      reached(stage.replica(third)?.record.ballot !== null, "the third member is sealed")
      reached(stage.serves(leader), "the leader is not")
      stage.look(leader, "ada", "look")
      stage.run(200)
      return stage
    },
  },
  {
    name: "an acceptance that is asked for late, at a ballot that is too low by then",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third } = stage
      // The second member's proposal is chosen, and nobody hears of it yet.
      stage.stop((held) => held.message.type === "Accept" && held.from.name === second.name)
      stage.suspect(second, leader)
      stage.run(20)
      reached(stage.holds(is("Accept")), "the second member proposes")
      // It is cut off; the others decide on a view, which one of them has not heard when the old proposal comes.
      const late = (held: Held): boolean => held.message.type === "Accept" && held.from.name === second.name
      stage.stop((held) => stage.isolate(second)(held) || held.message.type === "Install")
      stage.run(3 * PATIENCE)
      reached(stage.holds(is("Install")), "the others have decided")
      for (const peer of [leader, third]) {
        if (stage.replica(peer)?.record.epoch === 0)
          stage.release((held) => late(held) && held.to.name === peer.name)
      }
      stage.run(5)
      stage.stop(() => false)
      stage.run(1_000)
      return stage
    },
  },
  {
    name: "a log that comes late, when a higher ballot has been promised",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third } = stage
      // An entry that the third member lacks.
      stage.stop((held) => held.message.type === "Append" && held.to.name === third.name)
      stage.ask(leader, "ada", "a2")
      stage.run(20)
      reached(stage.answers.has("a2"), "two of three have it")
      // The second proposes, with the leader's promise; the third begins to fetch what it lacks, and is kept waiting.
      const fromSecond = (held: Held): boolean => held.from.name === second.name
      stage.stop(
        (held) =>
          (held.to.name === third.name && is("Append", "Prepare", "Pulled")(held)) ||
          (held.to.name === leader.name && held.message.type === "Accept"),
      )
      stage.suspect(second, leader)
      stage.run(20)
      reached(
        stage.holds((held) => held.message.type === "Pulled" && fromSecond(held)),
        "the third fetches",
      )
      // The second is cut off. The leader proposes at a higher ballot, the third promises, then the log comes.
      stage.stop(
        (held) =>
          stage.isolate(second)(held) ||
          (held.to.name === third.name && held.message.type === "Pulled") ||
          held.message.type === "Promise",
      )
      stage.run(3 * PATIENCE)
      reached(
        stage.holds((held) => held.message.type === "Promise" && held.from.name === third.name),
        "the third promises",
      )
      stage.stop((held) => stage.isolate(second)(held) && held.message.type !== "Accepted")
      stage.release((held) => held.message.type === "Pulled" && fromSecond(held))
      stage.run(5)
      stage.release((held) => held.message.type === "Promise")
      stage.run(50)
      stage.stop(() => false)
      stage.run(1_000)
      return stage
    },
  },
  {
    name: "a proposer that starts anew, and an acceptance of what it proposed before",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third, journal } = stage
      // An entry that only the leader has.
      stage.stop(is("Append"))
      stage.ask(leader, "ada", "a2")
      stage.run(20)
      // The second proposes what rests on it, the leader accepts, the log does not come, nor does the acceptance.
      const accepted = (held: Held): boolean =>
        held.message.type === "Accepted" && held.from.name === leader.name
      stage.stop(
        (held) =>
          is("Append", "Pulled")(held) || accepted(held) || (isOfCell(held) && held.to.name === third.name),
      )
      stage.suspect(second, leader)
      stage.run(20)
      reached(stage.holds(accepted), "the leader has accepted")
      reached(stage.replica(second)?.record.accepted === null, "the proposer has not")
      // It starts anew, and proposes with the third member's promise.
      journal.ring.vanish(second.name)
      journal.ring.restart(second, journal.founders)
      stage.lose((held) => !accepted(held))
      stage.stop((held) => stage.isolate(leader)(held) || held.message.type === "Accept")
      stage.runUntil((held) => held.message.type === "Accept" && held.from.name === second.name)
      stage.release(accepted)
      stage.run(50)
      return stage
    },
  },
  {
    name: "a leader that has promised is told to leave",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, second, third, journal } = stage
      stage.stop(
        ({ to, message: { type } }) =>
          type === "Promise" ||
          type === "Install" ||
          (type === "Prepare" && to.name === third.name) ||
          (type === "Accept" && to.name === second.name),
      )
      stage.suspect(second, leader)
      stage.run(20)
      reached(stage.replica(leader)?.record.ballot !== null, "the leader is sealed")
      reached(stage.replica(third)?.record.ballot === null, "the third member is not")
      journal.ring.leave(leader.name)
      stage.run(500)
      stage.release((held) => held.message.type === "Promise" && held.to.name === second.name)
      stage.run(300)
      stage.stop(() => false)
      stage.run(2 * PATIENCE)
      return stage
    },
  },
  {
    name: "a leader that moves its cell is asked by a client",
    play: (sha256) => {
      const stage = begun(sha256)
      const { leader, journal } = stage
      stage.stop(is("Accept"))
      journal.ring.leave(leader.name)
      stage.run(300)
      reached(stage.replica(leader)?.record.accepted !== null, "the leader has accepted its own proposal")
      stage.ask(leader, "ada", "a2")
      stage.run(100)
      stage.stop(() => false)
      stage.run(2 * PATIENCE)
      return stage
    },
  },
  {
    name: "a leader that leads again, and has missed an epoch between",
    play: (sha256) => {
      const stage = begun(sha256, "warm")
      const { leader, second, third, journal } = stage
      // What the leader runs now nobody else hears of.
      stage.stop(stage.isolate(leader))
      stage.ask(leader, "ada", "a2")
      stage.run(20)
      superseded(stage)
      const next = successor(stage)
      const other = next.name === second.name ? third : second
      stage.ask(next, "ada", "a3")
      stage.run(300)
      reached(stage.answers.has("a3"), "the session goes on in the epoch between")
      // The third of them could not serve, so the one that leaves hands the cell to the first, when it has waited enough.
      journal.options = {
        ...journal.options,
        service: { ...journal.options.service, startMs: [1e6, 1e6] },
      }
      journal.killService(other.name)
      stage.run(2_500)
      stage.stop((held) => stage.isolate(leader)(held) && !isOfLater(held, 2))
      journal.ring.leave(next.name)
      stage.run(9_000)
      reached(stage.replica(leader)?.record.epoch === 2 && stage.serves(leader), "the first leads again")
      stage.stop(() => false)
      stage.ask(leader, "ada", "a4")
      stage.run(1_000)
      return stage
    },
  },
]
