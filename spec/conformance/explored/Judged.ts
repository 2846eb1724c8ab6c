import { memberOf } from "../JournalFacts.ts"
import type { Contact } from "../../../core/peer/Contact.ts"
import type { CellRecord } from "../../../core/replication/Durable.ts"
import { headAt } from "../../../core/replication/Log.ts"
import { majority } from "../../journal/Replica.ts"
import { answerOf } from "../../journal/Service.ts"
import { endOf } from "../VirtualDisk.ts"
import { CLIENT, PEERS } from "./CoreNode.ts"
import type { CoreState, Past } from "./CoreState.ts"
import type { Local } from "./Known.ts"

/**
 * The state with what a step of the peer `at` shows of the whole: what is committed, which views there are, what was
 * answered, and what of it is wrong.
 */
export const judged = (state: CoreState, at: number, { problem, replies }: Local): CoreState => {
  const replica = state.nodes[at]?.value.state?.replicas[0] ?? null
  let { asked: open, past } = state
  // What was found wrong stays so: a flush may follow within the same action.
  let wrong = state.problem ?? problem
  if (replica !== null && replica.record.role === "member") {
    const { epoch, view } = replica.record
    const members = view.map(memberOf).join(" ")
    const before = past.views[epoch]
    if (before === undefined) {
      if (epoch > 0 && !isChosen(state, replica.record))
        wrong ??= `I2: ${memberOf(PEERS[at] as Contact)} takes on a view of epoch ${epoch} that no majority accepted: ${members}`
      past = withView(past, epoch, members)
    } else if (before !== members) wrong ??= `I2: two views of epoch ${epoch}: ${before}; ${members}`
    // What a view begins with was committed when it was decided, which may be about to become durable.
    const from = replica.leading === null ? replica.commit : replica.record.base.length
    for (let length = from + 1; length <= replica.commit; length++) {
      const head = headAt(replica.log, length) ?? ""
      const known = past.committed[length - 1]?.head
      if (known === head) continue
      if (known !== undefined)
        wrong ??= `I4: entry ${length - 1} was committed, and is another in epoch ${epoch}`
      if (!isStored(state, view, length, head))
        wrong ??= `I5: ${memberOf(PEERS[at] as Contact)} takes ${length} entries for committed in epoch ${epoch}, which no majority stored`
      past = withCommitted(past, length - 1, { head, epoch })
    }
    if (replica.leading?.active === true) {
      for (const [index, one] of past.committed.entries()) {
        // Of entries that were never answered or counted nothing is known; a leader that was replaced lacks later ones.
        if (one !== undefined && one.epoch < epoch && headAt(replica.log, index + 1) !== one.head)
          wrong ??= `I3: epoch ${epoch} serves without entry ${index}`
      }
    }
  }
  for (const { entry, head, id, shown } of replies) {
    const request = Number(id.slice(1))
    const known = past.committed[entry]
    if (known !== undefined && known.head !== head)
      wrong ??= `I4: ${id} is answered from another entry ${entry} than was committed`
    // Stored by a majority of a view, or decided by one that holds it: either way it is on their disks.
    if (!past.views.some((members) => isStored(state, viewOf(members), entry + 1, head)))
      wrong ??= `I10: ${id} is answered from entry ${entry}, which no majority of any view stored`
    const due = answerOf(
      CLIENT,
      Array.from({ length: request + 1 }, (_, n) => `r${n}`),
    )
    if (shown !== due) wrong ??= `effects: ${id} is answered with "${shown}", which should be "${due}"`
    if (known === undefined) past = withCommitted(past, entry, { head, epoch: replica?.record.epoch ?? 0 })
    if (Number.isInteger(request)) open = open.with(request, -1)
  }
  return { ...state, asked: open, past, problem: wrong }
}

const withView = (past: Past, epoch: number, members: string): Past => ({
  ...past,
  views: Object.assign([...past.views], { [epoch]: members }),
})

const withCommitted = (past: Past, entry: number, one: Past["committed"][number]): Past => ({
  ...past,
  committed: Object.assign([...past.committed], { [entry]: one }),
})

/** Whether a majority of the view before has accepted, on disk, the view that the record begins. */
const isChosen = ({ nodes, past }: CoreState, { base, epoch, view }: CellRecord): boolean => {
  const voters = viewOf(past.views[epoch - 1])
  const members = view.map(memberOf).join(" ")
  const having = nodes.filter(({ value: { disk } }, at) => {
    const record = disk?.record ?? null
    const proposal = record?.epoch === epoch - 1 ? record.accepted?.proposal : undefined
    return (
      voters.some(({ id }) => id === PEERS[at]?.id) &&
      proposal?.members.map(memberOf).join(" ") === members &&
      proposal.base.length === base.length &&
      proposal.base.head === base.head
    )
  })
  return having.length >= majority(voters.map(memberOf))
}

const viewOf = (members: string | undefined): ReadonlyArray<Contact> =>
  PEERS.filter((one) => members?.split(" ").includes(memberOf(one)) === true)

/** Whether that log is on the disks of a majority of the view. */
const isStored = (state: CoreState, view: ReadonlyArray<Contact>, length: number, head: string): boolean =>
  view.filter(({ id }) =>
    holds(
      state,
      PEERS.findIndex((one) => one.id === id),
      length,
      head,
    ),
  ).length >= majority(view.map(memberOf))

/** Whether that log is on the disk of the peer. */
const holds = ({ nodes }: CoreState, at: number, length: number, head: string): boolean => {
  const disk = nodes[at]?.value.disk ?? null
  return (
    disk !== null && endOf(disk).length >= length && disk.items[length - disk.start.length - 1]?.head === head
  )
}
