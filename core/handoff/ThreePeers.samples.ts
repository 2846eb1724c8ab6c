import type { JournalConfig } from "../peer/JournalConfig.ts"
import { peer } from "../peer/Peer.samples.ts"
import { OnePeer } from "./OnePeer.samples.ts"

/** Three peers that replicate every cell, each with its service, and the network between them. */
export class ThreePeers {
  readonly peers: ReadonlyArray<OnePeer>
  /** Indices of peers that hear nobody and are not heard. */
  readonly cut = new Set<number>()

  constructor(more: Partial<JournalConfig> = {}) {
    const founders = [5, 9, 13].map((n) => peer(n))
    this.peers = founders.map((self) => new OnePeer({ replicas: 3, ...more }, { self, founders, cells: 1 }))
    for (const one of this.peers) one.start()
    this.pass(30)
  }

  /** The one that may serve, or undefined. */
  leader(): OnePeer | undefined {
    return this.peers.find((one, i) => !this.cut.has(i) && one.state.replicas[0]?.leading?.active === true)
  }

  mustLead(): OnePeer {
    const leader = this.leader()
    if (leader === undefined) throw new Error("nobody leads")
    return leader
  }

  /** Writes become durable and messages arrive, until there is nothing more. */
  deliver(): void {
    for (let moved = true; moved;) {
      moved = false
      for (const [i, one] of this.peers.entries()) {
        if (one.unflushed > one.state.persists.durable) one.flush()
        const sent = one.outbox
        one.outbox = []
        for (const { to, message } of sent) {
          const j = this.peers.findIndex(({ state }) => state.config.self.id === to.id)
          const receiver = this.peers[j]
          if (receiver === undefined || this.cut.has(i) || this.cut.has(j)) continue
          receiver.take({ type: "message", from: one.state.config.self, message })
          moved = true
        }
      }
    }
  }

  /** So many ticks go by, of a tenth of a second each. */
  pass(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      for (const one of this.peers) {
        one.tick()
        one.take({ type: "clock", nowMs: one.state.nowMs + 100 })
      }
      this.deliver()
    }
  }

  /** All services end what they do, well, and time goes by until nothing happens any more. */
  settle(): void {
    for (let i = 0; i < 200; i++) {
      const busy = this.peers.filter(
        ({ replays, runs, state: { handoff } }) =>
          handoff.birth === null || handoff.renewing !== 0 || runs.length > 0 || replays.length > 0,
      )
      for (const one of busy) {
        if (one.state.handoff.birth === null || one.state.handoff.renewing !== 0) one.start()
        else if (one.runs.length > 0) one.answer()
        else one.replayed()
      }
      this.pass(1)
      if (busy.length === 0 && i > 100) return
    }
  }
}
