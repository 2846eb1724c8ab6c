import fc from "fast-check"
import { expect, test } from "vitest"
import { heard, member, newcomer, peer, take } from "../peer/Peer.samples.ts"
import type { PeerState } from "../peer/PeerState.ts"
import { emptyDetector, suspect } from "./Detector.ts"

const notify = (from: number, incarnation = 1) => heard(peer(from, incarnation), { type: "Notify" })
const withDead = (state: PeerState, dead: number): PeerState => ({
  ...state,
  detector: suspect(emptyDetector, peer(dead), "silent"),
})

const record = (state: PeerState, from: number) =>
  take(state, notify(from)).commands.flatMap((command) =>
    command.type === "trace" && command.record.type === "predecessor" ? [command.record] : [],
  )

test("a notifier becomes the predecessor exactly when it is nearer than the present one, or that one is dead", () => {
  const small = fc.nat(12)
  fc.assert(
    fc.property(small, small, small, fc.boolean(), (self, predecessor, notifier, isDead) => {
      fc.pre(notifier !== self && !(isDead && (predecessor === self || predecessor === notifier)))
      const state = member(self, [self + 20, self + 20], predecessor)
      const after = take(isDead ? withDead(state, predecessor) : state, notify(notifier)).state.predecessor
      // How far behind `self` each is; a member that is its own predecessor knows none that is nearer.
      const behind = (n: number): number => (self - n + 100) % 100 || 100
      const isNearer = behind(notifier) < behind(predecessor)
      expect(after).toEqual(peer(isDead || isNearer ? notifier : predecessor))
    }),
  )
})

test("the trace says from where on the peer now owns, and whom it takes over from when that one was lost", () => {
  const settled = member(8, [12, 16], 4)
  expect(record(settled, 6)).toEqual([{ type: "predecessor", from: peer(6).id, name: "p6", tookOver: null }])
  expect(record(withDead(settled, 4), 2)).toEqual([
    { type: "predecessor", from: peer(2).id, name: "p2", tookOver: "p4" },
  ])
  expect(record(settled, 4)).toEqual([])
})

test("a new incarnation takes the place of the old one", () => {
  expect(take(member(8, [12, 16], 4), notify(4, 2)).state.predecessor).toEqual(peer(4, 2))
})

test("a peer that moved is known by its new address", () => {
  const moved = { ...peer(4), ring: "elsewhere:1", http: "elsewhere:2" }
  expect(take(member(8, [12, 16], 4), heard(moved, { type: "Notify" })).state.predecessor).toEqual(moved)
})

test("nobody under this peer's own id becomes its predecessor, though that one is dead", () => {
  const lost = withDead(member(8, [12, 16], 4), 4)
  expect(take(lost, notify(8, 2))).toEqual({ state: lost, commands: [] })
})

test("whoever is no member is nobody's successor: a notification changes nothing", () => {
  const joining = newcomer(8)
  expect(take(joining, notify(4)).state).toEqual(joining)
  const leaving = take(member(8, [12, 16], 4), { type: "leave" }).state
  expect(take(leaving, notify(6)).state.predecessor).toEqual(peer(4))
})
