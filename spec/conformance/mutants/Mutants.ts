/** A change of one file's text: `find` occurs there exactly once. */
export interface Patch {
  /** From the repository's root. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A fault put into the shipped code when it is loaded, to see that the checks find it. */
export interface Mutant {
  readonly name: string
  readonly patches: ReadonlyArray<Patch>
}

const replication = "core/replication/"

/** A leader that goes on though it is sealed does not try to move the cell, which is another mutant's fault. */
const noMoveWhileSealed: Patch = {
  file: `${replication}Moves.ts`,
  find: "if (!replica?.leading?.active) return",
  replace: "if (!replica?.leading?.active || replica.record.ballot !== null) return",
}

/** Sessions look for themselves whether the cell is sealed; where replication is to be wrong they must not. */
const servesWhileSealed: Patch = {
  file: "core/handoff/Sessions.ts",
  find: "  replica.record.ballot === null &&\n",
  replace: "  replica.record.epoch >= 0 &&\n",
}

/** The mutants that journal.md demands to be caught, in its order. */
export const mutants: ReadonlyArray<Mutant> = [
  {
    name: "acknowledge while sealed",
    patches: [
      {
        file: `${replication}Member.ts`,
        find: "if (record.ballot !== null) return tell(turn, from",
        replace: "if (record.ballot === undefined) return tell(turn, from",
      },
    ],
  },
  {
    name: "acknowledge empty heartbeats while sealed",
    patches: [
      {
        file: `${replication}Member.ts`,
        find: "if (record.ballot !== null) return tell(turn, from",
        replace: "if (record.ballot !== null && items.length > 0) return tell(turn, from",
      },
    ],
  },
  {
    name: "a sealed leader that counts itself",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: "  leading: null,\n  dueAt: null,",
        replace: "  leading: ballot.counter === 0 ? null : replica.leading,\n  dueAt: null,",
      },
      {
        file: `${replication}Leader.ts`,
        find: "|| !replica.leading.active || replica.record.ballot !== null) {",
        replace: "|| !replica.leading.active) {",
      },
      noMoveWhileSealed,
      servesWhileSealed,
    ],
  },
  {
    name: "ignore an accepted proposal",
    patches: [
      {
        file: `${replication}ViewChange.ts`,
        find: "highest(promises)?.proposal ?? freshProposal",
        replace: "freshProposal",
      },
    ],
  },
  {
    name: "take any promised log instead of the longest",
    patches: [
      {
        file: `${replication}ViewChange.ts`,
        find: "promises.reduce((best, { log }) => (log.length > best.length ? log : best), markOf(emptyLog))",
        replace: "promises.at(-1)?.log ?? markOf(emptyLog)",
      },
    ],
  },
  {
    name: "accept blindly",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: "ballot === null || compareBallots(offered, ballot) >= 0",
        replace: "ballot === null || offered.counter >= 0",
      },
    ],
  },
  {
    name: "accept before holding the log",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: '  if (passes(log, proposal.base)) {\n    acceptNow(turn, replica, ballot, proposal)\n    return "accepted"',
        replace:
          '  if (log !== null) {\n    acceptNow(turn, replica, ballot, proposal)\n    return "accepted"',
      },
    ],
  },
  {
    name: "truncate on a mismatch",
    patches: [
      {
        file: `${replication}Member.ts`,
        find: "const longer = appended(turn, replica, chained.slice(log.length - prev.length))",
        replace: [
          "if (prev.length < log.start.length) return",
          'if (prev.length < log.length) turn.writes.push({ type: "cut", cell, length: prev.length })',
          "const longer = appended(turn, { ...replica, log: { ...log, length: prev.length, head: prev.head } }, chained)",
        ].join("; "),
      },
    ],
  },
  {
    // A lane runs one request of a session at a time, until it is committed, and a leader serves only once all that it
    // began with is committed. So nothing uncommitted is ever asked for twice unless the lane lets the next one in.
    name: "duplicates looked up among committed entries only",
    patches: [
      {
        file: "core/handoff/Requests.ts",
        find: 'if (activity === null || activity.type === "replay" || !isSame(activity.waiting)) return false',
        replace:
          'if (activity === null || activity.type === "replay" || activity.type === "proposed" || !isSame(activity.waiting)) return false',
      },
      {
        file: "core/handoff/Serving.ts",
        find: "lane.activity !== null || first === undefined",
        replace: '(lane.activity !== null && lane.activity.type !== "proposed") || first === undefined',
      },
      {
        file: "core/handoff/Serving.ts",
        find: 'const index = first.kind === "write" ? indexOf(session.entries, first.id) : undefined',
        replace: [
          'const found = first.kind === "write" ? indexOf(session.entries, first.id) : undefined',
          "const index = found !== undefined && found < committedOf(replica) ? found : undefined",
        ].join("; "),
      },
    ],
  },
  {
    name: "no barrier",
    patches: [
      {
        file: `${replication}Leader.ts`,
        find: "leading.active || length >= leading.startLength",
        replace: "leading.active || length >= 0",
      },
      {
        file: `${replication}Replica.ts`,
        find: "active: view.length === 1 && stored >= length,",
        replace: "active: true,",
      },
      {
        file: `${replication}Start.ts`,
        find: "leading.active ? held.length : replica.commit",
        replace: "record.view.length === 1 ? held.length : replica.commit",
      },
      {
        file: "core/handoff/Sessions.ts",
        find: "replica.commit >= replica.leading.startLength",
        replace: "replica.commit >= 0",
      },
    ],
  },
  {
    name: "read without a fresh round",
    patches: [
      {
        file: `${replication}Leader.ts`,
        find: "replica.leading.confirmed >= mark.round &&",
        replace: "replica.leading.confirmed >= 0 &&",
      },
    ],
  },
  {
    name: "two fast paths in one epoch",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: "  leading: null,\n  dueAt: null,",
        replace: "  leading: ballot.counter === 0 ? replica.leading : null,\n  dueAt: null,",
      },
      {
        file: `${replication}ViewChange.ts`,
        find: "replica.leading?.active !== true || before !== null",
        replace: "replica.leading?.active !== true || (before !== null && before.counter > 0)",
      },
      {
        file: `${replication}Acceptor.ts`,
        find: "if (accepted !== null && compareBallots(accepted.ballot, ballot) === 0) return",
        replace:
          "if (accepted !== null && ballot.counter > 0 && compareBallots(accepted.ballot, ballot) === 0) return",
      },
    ],
  },
  {
    name: "fast path while sealed",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: "  leading: null,\n  dueAt: null,",
        replace: "  leading: ballot.counter === 0 ? null : replica.leading,\n  dueAt: null,",
      },
      {
        file: `${replication}ViewChange.ts`,
        find: "replica.leading?.active !== true || before !== null",
        replace: "replica.leading?.active !== true",
      },
      {
        file: `${replication}Acceptor.ts`,
        find: "ballot === null || compareBallots(offered, ballot) >= 0",
        replace: "ballot === null || offered.counter === 0 || compareBallots(offered, ballot) >= 0",
      },
    ],
  },
  {
    name: "append after the fast path",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: "  leading: null,\n  dueAt: null,",
        replace: "  leading: ballot.counter === 0 ? replica.leading : null,\n  dueAt: null,",
      },
      {
        file: `${replication}Leader.ts`,
        find: "|| !replica.leading.active || replica.record.ballot !== null) {",
        replace: "|| !replica.leading.active) {",
      },
      noMoveWhileSealed,
      servesWhileSealed,
    ],
  },
  {
    name: "reuse a ballot after a restart",
    patches: [
      {
        file: `${replication}ViewChange.ts`,
        find: "counter: replica.counter + 1, id: self.id, boot: journalOf(turn.state).boot",
        replace: "counter: replica.counter + 1, id: self.id, boot: Math.min(1, journalOf(turn.state).boot)",
      },
      {
        file: `${replication}Replica.ts`,
        find: "counter: record.ballot?.counter ?? 0,",
        replace: "counter: 0,",
      },
    ],
  },
  {
    name: "a round without the boot number",
    patches: [
      {
        file: `${replication}Leader.ts`,
        find: "round !== null && round.boot === journalOf(turn.state).boot",
        replace: "round !== null && journalOf(turn.state).boot > 0",
      },
    ],
  },
  {
    name: "a read that ignores commit",
    patches: [
      {
        file: `${replication}Leader.ts`,
        find: "replica.commit >= mark.length",
        replace: "replica.commit >= 0",
      },
    ],
  },
  {
    name: "no second check of the guard after PULL",
    patches: [
      {
        file: `${replication}Acceptor.ts`,
        find: '  if (record.role !== "member" || record.epoch !== epoch) return false\n  if (!mayAccept(ballot, record.ballot)) {',
        replace:
          '  if (record.role !== "member" || record.epoch !== epoch) return false\n  if (record.ballot === undefined) {',
      },
    ],
  },
  {
    name: "acknowledge before the flush",
    patches: [
      {
        file: "core/peer/Turn.ts",
        find: "issued > durable ?",
        replace: 'issued > durable && message.type !== "AppendAck" ?',
      },
    ],
  },
  {
    name: "send before the flush",
    patches: [
      { file: "core/peer/Turn.ts", find: "issued > durable ?", replace: "issued > durable && issued < 0 ?" },
    ],
  },
  {
    name: "same incarnation after a lost disk",
    patches: [
      {
        file: "spec/conformance/JournalFaults.ts",
        find: "({ ...peer, incarnation: peer.incarnation + 1 })",
        replace: "peer",
      },
    ],
  },
  {
    name: "re-append across a skipped epoch",
    patches: [
      {
        file: "core/handoff/Views.ts",
        find: "replica.record.epoch === epoch || replica.record.epoch === epoch + 1",
        replace: "replica.record.epoch >= epoch",
      },
    ],
  },
]
